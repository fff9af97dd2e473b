package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// managedPhones is how many phones a manager knows here, and agentPhones those of one
// Agent.
const (
	managedPhones = 20_000
	agentPhones   = 3000
	managerTurn   = 10 * time.Second
	serviceKey    = "00112233445566778899aabbccddeeff"
)

// role is a running "provsim serve".
type role struct{ log, pid string } // files

// serve starts a role, which is ready when its output has a text.
func serve(b *testing.B, ready string, args ...string) role {
	dir := b.TempDir()
	r := role{log: filepath.Join(dir, "output.log"), pid: filepath.Join(dir, "pid")}
	says := func(context.Context) error {
		text, err := os.ReadFile(r.log)
		if err == nil && !strings.Contains(string(text), ready) {
			err = errors.New("it is not ready")
		}
		return err
	}
	peer.Start(b, dir, says, "/bin/sh", append([]string{"-c", `echo $$ >"$0"; exec "$@"`, r.pid, provsim(b), "serve"}, args...)...)
	return r
}

// find returns what a role has printed.
func (r role) find(b *testing.B, pattern string) string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		b.Fatalf("no %s in %.400q", pattern, text)
	}
	return string(found[1])
}

// used returns how much processor time a role has used, and how much memory it has.
func (r role) used(b *testing.B) (processor time.Duration, resident int) {
	pid, err := os.ReadFile(r.pid)
	if err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // proc(5): its name may hold blanks
	fields := strings.Fields(rest)
	number := func(i int) int {
		n, err := strconv.Atoi(fields[i-3]) // the state is field 3
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	const tick = time.Second / 100
	return time.Duration(number(14)+number(15)) * tick, number(24) * os.Getpagesize()
}

// BenchmarkManager measures a Device Manager as a process: keep-alives of 20,000 phones
// that have a connection each, device files beside nginx with static ones, and an Agent
// that carries actions to 3,000 phones.
func BenchmarkManager(b *testing.B) {
	dir := b.TempDir()
	ca, err := lab.NewAuthority("bench", lab.ECDSA)
	if err != nil {
		b.Fatal(err)
	}
	cert, key, err := ca.Issue(lab.Leaf{Name: "manager", Hosts: []string{"127.0.0.1"}})
	if err != nil {
		b.Fatal(err)
	}
	template := "user=%ITCS_UserName%\nmac=%ITCS_MAC%\nntp=%ITCS_NTP%\n%ITCS_NTP%=10.0.0.1\n"
	for i := range 40 {
		template += fmt.Sprintf("voip/setting/%d=sip%d.example.com\n", i, i)
	}
	files := map[string][]byte{"cert.pem": cert, "key.pem": key, "ca.pem": ca.PEM(), "service.key": []byte(serviceKey), "token": []byte("token"), "templates/Branch/440HD.cfg": []byte(template)}
	peer.Publish(b, dir, files)
	file := func(name string) string { return filepath.Join(dir, name) }
	port := int(peer.FreePorts(b, "tcp", "127.0.2.1", 1))
	m := serve(b, "listens at https", "device-manager", "--state", file("state"), "--templates", file("templates"), "--listen", "127.0.0.1:0", "--listen", "https://127.0.0.1:0",
		"--cert", file("cert.pem"), "--key", file("key.pem"), "--agents", "--service-key-file", file("service.key"), "--web", "127.0.0.1:0", "--api-token-file", file("token"), "--json")
	plain := m.find(b, `listens at http://(\S+)`)
	scripts := m.find(b, `page is at (http://\S+/),`) + "api/v1/"
	ask := func(method, path, body string) {
		req, err := http.NewRequestWithContext(b.Context(), method, scripts+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer token")
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %.200q %v", path, resp.StatusCode, text, err)
		}
	}
	b.Run("keep-alives", func(b *testing.B) {
		beats(b, plain, managedPhones, time.Minute) // all are new: each waits for the disk
		before, began := m.used(b)
		n := beats(b, plain, 0, managerTurn)
		after, ended := m.used(b)
		report(b, figure{float64(n) / managerTurn.Seconds(), "keep-alives/s"}, figure{(after - before).Seconds() / float64(n), "cpu-sec/keep-alive"},
			figure{float64(began), "resident-B-before"}, figure{float64(ended), "resident-B"})
	})
	b.Run("files", func(b *testing.B) {
		url := "http://" + plain + "/configfiles/00908f000001.cfg"
		b.Run("tool=manager", func(b *testing.B) { ab(b, url, "", 32, fleetTurn).run(b) })
		n := startNginx(b)
		b.Run("tool=nginx", func(b *testing.B) { ab(b, "http://"+n.plain+"/IP542N.conf", "", 32, fleetTurn).run(b) })
	})
	b.Run("agent", func(b *testing.B) {
		times := make(chan time.Duration, agentPhones)
		var began atomic.Int64
		phones := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			times <- time.Duration(time.Now().UnixNano() - began.Load())
		})}
		defer phones.Close()
		for i := range agentPhones {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.%d.%d:%d", 2+i/250, 1+i%250, port))
			if err != nil {
				b.Fatal(err)
			}
			go phones.Serve(l)
		}
		serve(b, "poll", "agent", "--manager", m.find(b, `listens at https://(\S+)`), "--ca", file("ca.pem"), "--service-key-file", file("service.key"), "--tenant", "Branch",
			"--period", "1", "--listen", "127.0.0.1:0", "--device-port", fmt.Sprint(port))
		ask("PUT", "tenants", `{"name":"Branch","nat":true,"agent":true,"templates":{"440HD":"a=1"}}`)
		var macs []string
		for i := range agentPhones {
			macs = append(macs, fmt.Sprintf("00908f%06x", i))
		}
		order, err := json.Marshal(map[string]any{"name": "IPPhoneReset", "devices": macs})
		if err != nil {
			b.Fatal(err)
		}
		began.Store(time.Now().UnixNano())
		ask("POST", "actions", string(order))
		var all []time.Duration
		for range agentPhones {
			select {
			case took := <-times:
				all = append(all, took)
			case <-time.After(patience):
				b.Fatalf("%d of %d phones were called", len(all), agentPhones)
			}
		}
		slices.Sort(all)
		last := all[len(all)-1]
		report(b, figure{agentPhones / (last - all[0]).Seconds(), "actions/s"}, figure{all[len(all)/2].Seconds(), "p50-sec"}, figure{all[len(all)*99/100].Seconds(), "p99-sec"})
	})
}

// beats sends keep-alives of phones, each over a connection of its own, until most are
// answered, or for length where most is 0. It returns the number of answers.
func beats(b *testing.B, at string, most int, length time.Duration) int {
	const clients = 32
	end := time.Now().Add(length)
	var next, done atomic.Int64
	var work sync.WaitGroup
	for range clients {
		work.Go(func() {
			for time.Now().Before(end) || most > 0 {
				i := int(next.Add(1)) - 1
				if most > 0 && i >= most {
					return
				}
				i %= managedPhones
				body := fmt.Sprintf(`{"sessionId":"%08x","emsUserName":"system","emsUserPassword":"ea148b6d47bdb45ebb6c6983cae8dfd3","mac":"00908f%06x","ip":"127.0.%d.%d","subnet":"255.255.255.0","region":"Branch","model":"440HD","fwVersion":"2.2.8.61","userAgent":"AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)","userName":"Ann","userId":"100@sip.example","status":"registered","phoneNumber":"100","location":"","sipProxy":"sip.example"}`,
					i, i, 2+i/250, 1+i%250)
				conn, err := net.Dial("tcp", at)
				if err != nil {
					b.Error(err)
					return
				}
				fmt.Fprintf(conn, "POST /rest/v1/ipphoneMgrStatus/keep-alive HTTP/1.1\r\nHost: %s\r\nUser-Agent: AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)\r\nAccept: */*\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", at, len(body), body)
				answer, err := io.ReadAll(conn)
				conn.Close()
				if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
					b.Errorf("%v, %.200q", err, answer)
					return
				}
				done.Add(1)
			}
		})
	}
	work.Wait()
	return int(done.Load())
}
