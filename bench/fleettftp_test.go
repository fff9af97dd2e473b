package bench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pin "github.com/pin/tftp/v3"

	"provsim/internal/testing/peer"
)

// BenchmarkFleetTFTP opens a new socket for each file. Each turn has a new
// dnsmasq, which keeps unfinished transfers for minutes and gets slower by them.
// With once, each phone asks once, and the turn ends when the last has its file.
func BenchmarkFleetTFTP(b *testing.B) {
	tools := []struct {
		name string
		get  func(server string) ([]byte, error) // nil: provsim's phones
	}{
		{"provsim", nil},
		{"sockets", getBySockets},
		{"pin", func(server string) ([]byte, error) { return getByPin(server, func(*pin.Client) {}) }},
		{"pin-with-the-phones'-schedule", func(server string) ([]byte, error) { return getByPin(server, likePhones) }},
	}
	for _, work := range []struct {
		name     string
		parallel int
		once     bool
	}{
		{"parallel=64", 64, false}, {"parallel=1000", 1000, false}, {"parallel=2000", 2000, false},
		{"once=1000", 1000, true}, {"once=2000", 2000, true},
	} {
		for _, tool := range tools {
			b.Run(work.name+"/tool="+tool.name, func(b *testing.B) {
				peer.NeedRoot(b, "dnsmasq serves TFTP on port 69")
				host, dir := peer.Loopback(), peer.PublicDir(b)
				server := host + ":69"
				peer.Publish(b, dir, map[string][]byte{"www/IP542N.conf": fleetFile()})
				peer.Start(b, dir, peer.AnswersTFTP(server), peer.Find(b, "dnsmasq", "dnsmasq"), "-k", "-C", config(b, dir, "dnsmasq.conf", "@HOST@", host))
				length := 2 * fleetTurn
				if work.once {
					length = time.Minute
				}
				if tool.get == nil {
					phoneLoad{rule: "tftp://" + host + "/$PN.conf", parallel: work.parallel, burst: work.once, length: length}.run(b)
					return
				}
				l := &tftpLoop{get: func() ([]byte, error) { return tool.get(server) }, want: fleetFile(), once: work.once, length: length}
				measureLoad(b, func() (done, failed int, why string) { return l.run(work.parallel) })
			})
		}
	}
}

// A tftpLoop fetches the same file again and again, without phones.
type tftpLoop struct {
	get    func() ([]byte, error)
	want   []byte // the file's content
	once   bool
	length time.Duration

	done, failed atomic.Int64
	why          atomic.Value
}

// run returns at the end of the length, as the phones' run does, and leaves
// what is under way.
func (l *tftpLoop) run(parallel int) (done, failed int, why string) {
	var workers sync.WaitGroup
	end := time.Now().Add(l.length)
	for range parallel {
		workers.Go(func() {
			for l.one(end); !l.once && time.Now().Before(end); {
				l.one(end)
			}
		})
	}
	if l.once {
		workers.Wait()
	} else {
		time.Sleep(time.Until(end))
	}
	why, _ = l.why.Load().(string)
	return int(l.done.Load()), int(l.failed.Load()), why
}

// one counts a transfer that ends within the time.
func (l *tftpLoop) one(end time.Time) {
	body, err := l.get()
	err = errors.Join(err, same(body, l.want))
	switch {
	case time.Now().After(end):
	case err != nil:
		l.failed.Add(1)
		l.why.Store(err.Error())
	default:
		l.done.Add(1)
	}
}

// likePhones gives the library the phones' schedule: it sends again when its
// timeout and then its backoff are over. By default it waits five seconds and up
// to a random second more.
func likePhones(c *pin.Client) {
	c.SetTimeout(time.Second)
	c.SetBackoff(func(n int) time.Duration { return time.Second<<min(n, 3) - time.Second })
	c.SetRetries(4)
}

func getByPin(server string, set func(*pin.Client)) ([]byte, error) {
	client, err := pin.NewClient(server)
	if err != nil {
		return nil, err
	}
	set(client)
	from, err := client.Receive("IP542N.conf", "octet")
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	_, err = from.WriteTo(&body)
	return body.Bytes(), err
}

// getBySockets is the least that a lock-step client does in Go: a socket, a
// deadline for each read, an acknowledgement for each block, and four
// repetitions of a packet that stays without an answer.
func getBySockets(server string) ([]byte, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	packet := []byte("\x00\x01IP542N.conf\x00octet\x00")
	to, buffer, body := netip.MustParseAddrPort(server), make([]byte, 1024), []byte(nil)
	for tries, want := 0, uint16(1); tries < 5; {
		if _, err := conn.WriteToUDPAddrPort(packet, to); err != nil {
			return nil, err
		}
		if err := conn.SetReadDeadline(time.Now().Add(time.Second << min(tries, 3))); err != nil {
			return nil, err
		}
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			tries++
			continue
		case err != nil:
			return nil, err
		case buffer[1] == 5:
			return nil, fmt.Errorf("server sent %q", buffer[:n])
		case buffer[1] != 3 || binary.BigEndian.Uint16(buffer[2:]) != want: // also what comes late for the port's last user
			continue
		}
		tries, to = 0, from
		body = append(body, buffer[4:n]...)
		packet = []byte{0, 4, byte(want >> 8), byte(want)}
		want++
		if n < 516 {
			_, err := conn.WriteToUDPAddrPort(packet, to)
			return body, err
		}
	}
	return nil, os.ErrDeadlineExceeded
}
