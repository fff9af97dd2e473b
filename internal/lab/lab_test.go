package lab_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/lab"
)

// start runs a lab for one test. What is served comes out of the channel.
func start(t *testing.T, config lab.Config) (*lab.Lab, <-chan lab.Served) {
	t.Helper()
	served := make(chan lab.Served, 100)
	config.Served = func(s lab.Served) { served <- s }
	l, err := lab.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, served
}

var phone = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}

func TestOneFileFromThreeServers(t *testing.T) {
	l, _ := start(t, lab.Config{})
	body := bytes.Repeat([]byte("DBID_DBASE_VERSION=1\n"), 100)
	l.Files.Put("IP542N.conf", body)

	web := client(t, l, phone)
	for _, scheme := range []string{"http", "https"} {
		if got := get(t, web, l.URL(scheme, "IP542N.conf")); !bytes.Equal(got, body) {
			t.Errorf("%s: %d bytes, want the %d of the file", scheme, len(got), len(body))
		}
	}
	if got, err := fetchTFTP(t, l, "IP542N.conf", 1428); err != nil || !bytes.Equal(got, body) {
		t.Errorf("tftp: %d bytes and error %v, want the %d of the file", len(got), err, len(body))
	}
}

func TestURL(t *testing.T) {
	l, _ := start(t, lab.Config{})
	want := "http://" + l.Addr("http").String() + "/dir/"
	if got := l.URL("http", "dir/"); got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestAnAddressInUseIsNamed(t *testing.T) {
	l, _ := start(t, lab.Config{})
	for scheme, config := range map[string]lab.Config{
		"tftp":  {TFTP: l.Addr("tftp").String()},
		"http":  {HTTP: l.Addr("http").String()},
		"https": {HTTPS: l.Addr("https").String()},
	} {
		_, err := lab.Start(config)
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasPrefix(err.Error(), scheme+" server: ") {
			t.Errorf("%s on a port in use: error %v, want one that names the server and is EADDRINUSE", scheme, err)
		}
	}
}

func TestServedTellsEachRequest(t *testing.T) {
	l, served := start(t, lab.Config{})
	l.Files.Put("a.conf", []byte("hello"))
	web := client(t, l, phone)
	get(t, web, l.URL("https", "a.conf?x=1"))
	if _, err := fetchTFTP(t, l, "missing.conf", 0); err == nil {
		t.Fatal("a missing file came")
	}

	got := <-served
	if !got.Client.Addr().IsLoopback() || got.Client.Port() == 0 {
		t.Errorf("client %v, want an address of loopback", got.Client)
	}
	got.Client = lab.Served{}.Client
	want := lab.Served{
		Server: "https", Method: "GET", Path: "/a.conf", Agent: "lab test", Name: phone.Upper(), Status: 200, Bytes: 5,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b lab.Served) bool { return a == b })); diff != "" {
		t.Error("https (-want +got):\n" + diff)
	}
	got = <-served
	if got.Server != "tftp" || got.Method != "RRQ" || got.Path != "/missing.conf" || got.Err == nil || !got.Client.IsValid() {
		t.Errorf("tftp: %+v, want a failed RRQ of /missing.conf", got)
	}
}

// Whatever is under way, Close ends it and leaves no goroutine and no port.
func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	started := make(chan struct{}, 10)
	served := make(chan lab.Served, 10)
	l, err := lab.Start(lab.Config{Served: func(s lab.Served) { served <- s }})
	if err != nil {
		t.Fatal(err)
	}
	l.Files.Put("long", make([]byte, 1<<20))
	l.Faults.Set("/stall", lab.Fault{Stall: true})
	l.Faults.Set("/endless", lab.Fault{Endless: true})
	l.Faults.Set("/slow", lab.Fault{Delay: time.Hour})
	l.Faults.Set("/short", lab.Fault{Truncate: 600})
	l.Files.Put("slow", nil)
	l.Files.Put("short", make([]byte, 5000))

	ended := make(chan error, 10)
	requests := []string{"GET /stall", "GET /endless", "GET /slow", "POST /stall"}
	for _, request := range requests {
		conn, err := net.Dial("tcp", l.Addr("http").String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request+" HTTP/1.1\r\nHost: lab\r\nContent-Length: 10\r\n\r\n")
		go func() {
			started <- struct{}{}
			_, err := io.Copy(io.Discard, conn)
			conn.Close()
			ended <- err
		}()
		<-started
	}
	var sockets []*net.UDPConn
	for _, name := range []string{"long", "slow", "short", "endless"} {
		sockets = append(sockets, request(t, l, name))
	}
	receive(t, sockets[0])
	receive(t, sockets[2])
	l.Close()

	for range requests {
		<-ended // the connections are closed, maybe by a reset
	}
	for _, s := range sockets {
		s.Close()
	}
	close(served)
	for s := range served {
		var late net.Error
		if s.Path == "/long" && (s.Err == nil || errors.As(s.Err, &late) && late.Timeout()) {
			t.Errorf("the transfer ended by %v, want the server told to give up", s.Err)
		}
	}
	for _, scheme := range []string{"http", "https"} {
		if _, err := net.Dial("tcp", l.Addr(scheme).String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s after Close: %v, want a refused connection", scheme, err)
		}
	}
	// The last goroutines have done all but return.
	for range 100_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

// get fetches a file that has to be there.
func get(t *testing.T, web *http.Client, url string) []byte {
	t.Helper()
	resp := ask(t, web, url)
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, error %v", url, resp.StatusCode, err)
	}
	return body
}

// ask returns an answer, whatever its status.
func ask(t *testing.T, web *http.Client, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "lab test")
	resp, err := web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}
