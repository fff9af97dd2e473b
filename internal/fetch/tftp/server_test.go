package tftp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pin/tftp/v3"

	"provsim/device"
	"provsim/resync"
)

// A peer is pin/tftp's server on loopback, with files named by their size.
type peer struct {
	addr  *net.UDPAddr
	files map[string][]byte
}

func newPeer(t testing.TB, sizes ...int) *peer {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{conn.LocalAddr().(*net.UDPAddr), map[string][]byte{}}
	for _, size := range sizes {
		p.files[fmt.Sprint(size)] = pattern(size)
	}
	server := tftp.NewServer(func(name string, to io.ReaderFrom) error {
		file, ok := p.files[name]
		if !ok {
			return os.ErrNotExist
		}
		_, err := to.ReadFrom(bytes.NewReader(file))
		return err
	}, nil)
	ended := make(chan error)
	go func() { ended <- server.Serve(conn) }()
	t.Cleanup(func() {
		server.Shutdown()
		<-ended
	})
	return p
}

func (p *peer) request(size int, options device.TFTPOptions) device.Request {
	req := request("127.0.0.1")
	req.Port, req.Path, req.Limit, req.TFTP = p.addr.AddrPort().Port(), fmt.Sprintf("/%d", size), 64<<20, options
	return req
}

// check asserts that a reply has the file of a size.
func (p *peer) check(t testing.TB, size int, reply device.Reply) {
	t.Helper()
	if reply.Outcome != resync.None || !bytes.Equal(reply.Body, p.files[fmt.Sprint(size)]) {
		t.Errorf("outcome %q (%s) with %d bytes, want the file of %d", reply.Outcome, reply.Note, reply.Bytes, size)
	}
}

func TestFilesFromServer(t *testing.T) {
	small := []int{0, 511, 512, 513, 1024, 2048}
	const large = 40_000_000 // more than 65535 blocks of 512 bytes
	p := newPeer(t, append(small, large)...)
	var client Client
	for _, options := range []device.TFTPOptions{
		{},
		{Size: true},
		{BlockSize: 1428, Size: true, WindowSize: 4},
		{BlockSize: 8192},
	} {
		for _, size := range append(small, large) {
			t.Run(fmt.Sprintf("%d bytes, %v", size, askFor(options)), func(t *testing.T) {
				p.check(t, size, client.Fetch(t.Context(), p.request(size, options)))
			})
		}
	}
}

func TestFileThatServerHasNot(t *testing.T) {
	p := newPeer(t)
	var client Client
	if reply := client.Fetch(t.Context(), p.request(1, device.TFTPOptions{})); reply.Outcome != resync.NotFound || reply.Note == "" {
		t.Errorf("%v with note %q, want not-found with the server's message", reply.Outcome, reply.Note)
	}
}

// A socket for both protocols writes IPv4 addresses in IPv6 form.
func TestSocketForBothProtocols(t *testing.T) {
	p := newPeer(t, 2048)
	client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { return net.ListenPacket("udp", ":0") }}
	p.check(t, 2048, client.Fetch(t.Context(), p.request(2048, device.TFTPOptions{})))
}

// countedConn counts the sockets that are open.
type countedConn struct {
	*net.UDPConn
	open *atomic.Int64
}

func (c countedConn) Close() error {
	c.open.Add(-1)
	return c.UDPConn.Close()
}

func TestManyTransfersLeaveNothingBehind(t *testing.T) {
	const devices = 200
	p := newPeer(t, 2048)
	var open, opened atomic.Int64
	client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) {
		// Each device has an address of its own, as in a fleet.
		n := opened.Add(1)
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))})
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return countedConn{conn, &open}, nil
	}}
	var all sync.WaitGroup
	for n := range devices {
		all.Go(func() {
			if n%4 == 0 {
				if reply := client.Fetch(t.Context(), p.request(1, device.TFTPOptions{})); reply.Outcome != resync.NotFound {
					t.Errorf("outcome %v, want not-found", reply.Outcome)
				}
				return
			}
			p.check(t, 2048, client.Fetch(t.Context(), p.request(2048, device.TFTPOptions{})))
		})
	}
	all.Wait()
	if opened.Load() != devices || open.Load() != 0 {
		t.Errorf("%d sockets opened and %d left open, want %d and 0", opened.Load(), open.Load(), devices)
	}
}
