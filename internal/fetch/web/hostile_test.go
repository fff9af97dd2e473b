package web_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/resync"
)

// quiet keeps complaints of servers, which the tests provoke, out of the output.
var quiet = log.New(io.Discard, "", 0)

// against fetches from a server that is a function of one connection, in
// virtual time. It returns the reply and how long it took.
func against(req device.Request, script func(conn net.Conn)) (reply device.Reply, took time.Duration) {
	var scripts sync.WaitGroup
	client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		scripts.Go(func() {
			defer theirs.Close()
			script(theirs)
		})
		return ours, nil
	}}
	begin := time.Now()
	reply = client.Fetch(context.Background(), req)
	took = time.Since(begin)
	scripts.Wait()
	return reply, took
}

// say reads a request and writes an answer.
func say(parts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		for _, part := range parts {
			if _, err := io.WriteString(conn, part); err != nil {
				return
			}
		}
	}
}

// forever writes the same again and again, after an answer has begun.
func forever(begin, again string, pause time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		say(begin)(conn)
		for {
			if _, err := io.WriteString(conn, again); err != nil {
				return
			}
			time.Sleep(pause) // in virtual time
		}
	}
}

// hold does nothing until the other side has gone.
func hold(conn net.Conn) { io.Copy(io.Discard, conn) }

func TestHostileServers(t *testing.T) {
	const timeout = 10 * time.Second
	ok := "HTTP/1.1 200 OK\r\n"
	many := func(n int) string { return strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", n) }
	for _, c := range []struct {
		name    string
		scheme  string
		script  func(net.Conn)
		outcome resync.Outcome
		note    string
		bytes   int64
		took    time.Duration
	}{
		{"closes at once", "http", func(net.Conn) { synctest.Wait() }, // a pipe that is closed takes no deadline
			resync.Truncated, "sending the request: io: read/write on closed pipe", 0, 0},
		{"closes after the request", "http", say(),
			resync.Truncated, "waiting for the answer: connection closed", 0, 0},
		{"closes in the header", "http", say(ok + "Content-Le"),
			resync.Truncated, "waiting for the answer: connection closed", 0, 0},
		{"never reads", "http", func(conn net.Conn) { io.WriteString(conn, "x") },
			resync.Timeout, "sending the request: no time left", 0, timeout},
		{"never answers", "http", hold,
			resync.Timeout, "waiting for the answer: no time left", 0, timeout},
		{"stalls in the header", "http", func(conn net.Conn) { say(ok)(conn); hold(conn) },
			resync.Timeout, "waiting for the answer: no time left", 0, timeout},
		{"short body", "http", say(ok + "Content-Length: 10\r\n\r\n0123"),
			resync.Truncated, "reading the body: connection closed, 4 of 10 bytes arrived", 4, 0},
		{"chunks that end early", "http", say(ok + "Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n"),
			resync.Truncated, "reading the body: connection closed, 4 bytes arrived", 4, 0},
		{"broken chunks", "http", say(ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n0123\r\n"),
			resync.Truncated, "reading the body: invalid byte in chunk length", 0, 0},
		{"slow body", "http", forever(ok+"Content-Length: 100\r\n\r\n", "x", 3*time.Second),
			resync.Timeout, "reading the body: no time left, 4 of 100 bytes arrived", 4, timeout},
		{"slow body of unknown length", "http", forever(ok+"\r\n", "x", 3*time.Second),
			resync.Timeout, "reading the body: no time left, 4 bytes arrived", 4, timeout},
		{"endless body", "http", forever(ok+"\r\n", strings.Repeat("x", 1000), 0),
			resync.TooLarge, "the body is over the limit of 4096 bytes", 4097, 0},
		{"endless chunks", "http", forever(ok+"Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 0),
			resync.TooLarge, "the body is over the limit of 4096 bytes", 4097, 0},
		{"endless header", "http", forever(ok, "X-Filler: x\r\n", 0),
			resync.TooLarge, "the answer's header is over the limit of 65536 bytes", 0, 0},
		{"endless line", "http", forever("", "HTTP/1.1 200 OK", 0),
			resync.TooLarge, "the answer's header is over the limit of 65536 bytes", 0, 0},
		{"slow header", "http", forever(ok, "X-Filler: x\r\n", 3*time.Second),
			resync.Timeout, "waiting for the answer: no time left", 0, timeout},
		{"huge Location", "http", say("HTTP/1.1 302 Found\r\nLocation: http://h/" + strings.Repeat("x", 1<<20) + "\r\n\r\n"),
			resync.TooLarge, "the answer's header is over the limit of 65536 bytes", 0, 0},
		{"five interim answers", "http", say(many(5) + ok + "Content-Length: 0\r\n\r\n"),
			resync.None, "", 0, 0},
		{"six interim answers", "http", say(many(6) + ok + "Content-Length: 0\r\n\r\n"),
			resync.HTTPStatus, "more than 5 answers with 1xx and none after them", 0, 0},
		{"endless interim answers", "http", forever("", many(1), 0),
			resync.HTTPStatus, "more than 5 answers with 1xx and none after them", 0, 0},
		{"another protocol", "http", say("SSH-2.0-OpenSSH_9.2\r\n"),
			resync.HTTPStatus, "the answer is not HTTP: it does not begin with a status line such as HTTP/1.1 200 OK", 0, 0},
		{"escape sequences", "http", say("\x1b[2Jboo\x9b\r\n"),
			resync.HTTPStatus, "the answer is not HTTP: it does not begin with a status line such as HTTP/1.1 200 OK", 0, 0},
		{"two lengths", "http", say(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
			resync.HTTPStatus, "the answer is not HTTP: its status line or its Content-Length is malformed", 0, 0},
		{"a file without a header", "http", say("DBID_SIP_PASSWORD=hunter2\n"),
			resync.HTTPStatus, "the answer is not HTTP: it does not begin with a status line such as HTTP/1.1 200 OK", 0, 0},
		{"a file in place of the header", "http", say(ok + "DBID_SIP_PASSWORD=hunter2\r\n\r\n"),
			resync.HTTPStatus, "the answer is not HTTP: a line of its header is not NAME: VALUE", 0, 0},
		{"a file in the status line", "http", say("HTTP/1.1 DBID_SIP_PASSWORD=hunter2\r\n\r\n"),
			resync.HTTPStatus, "the answer is not HTTP: its status line or its Content-Length is malformed", 0, 0},
		{"a file behind the last chunk", "http", say(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nDBID_SIP_PASSWORD=hunter2\r\n\r\n"),
			resync.Truncated, "reading the body: the lines after the last chunk are not NAME: VALUE, 1 bytes arrived", 1, 0},
		{"an alert of TLS", "http", say("\x15\x03\x01\x00\x02\x02\x46"),
			resync.HTTPStatus, "the answer is not HTTP but TLS: the port speaks https", 0, 0},
		{"a change of protocol", "http", say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
			resync.HTTPStatus, "101 Switching Protocols", 0, 0},
		{"a redirect with an endless body", "http", forever("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "x", 0),
			resync.HTTPStatus, "302 Found: more than 5 redirects; redirected to http://h/", 0, 0},
		{"closes in the handshake", "https", func(conn net.Conn) { conn.Read(make([]byte, 1<<16)) },
			resync.TLS, "TLS handshake: connection closed", 0, 0},
		{"silent in the handshake", "https", hold,
			resync.Timeout, "TLS handshake: no time left", 0, timeout},
		{"no TLS", "https", func(conn net.Conn) {
			conn.Read(make([]byte, 1<<16))
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, resync.TLS, "TLS handshake: the server does not speak TLS on this port", 0, 0},
		{"an alert for no reason", "https", func(conn net.Conn) {
			conn.Read(make([]byte, 1<<16))
			io.WriteString(conn, "\x15\x03\x01\x00\x02\x02\x28")
		}, resync.TLS, "TLS handshake: the server ends TLS with alert handshake failure; perhaps it knows RSA key exchange only, which old phones offer (quirk tls-rsa)", 0, 0},
		{"broken TLS", "https", func(conn net.Conn) {
			conn.Read(make([]byte, 1<<16))
			io.WriteString(conn, "\x16\x03\x03\x00\x04\x02\x00\x00\x00")
		}, resync.TLS, "TLS handshake: tls: error decoding message", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				req := request(t, c.scheme+"://h/")
				req.Timeout, req.Limit = timeout, 4096
				reply, took := against(req, c.script)
				expect(t, reply, c.outcome, c.note)
				if reply.Bytes != c.bytes || took != c.took {
					t.Errorf("%d bytes in %v, want %d in %v", reply.Bytes, took, c.bytes, c.took)
				}
			})
		})
	}
}

// After these answers a connection is of no further use, whatever the server
// does with it: the next request goes out on another one.
func TestConnectionsThatAreNotUsedAgain(t *testing.T) {
	const redirect = "HTTP/1.1 302 Found\r\nLocation: /b\r\n"
	for name, answer := range map[string]string{
		"it will be closed":                redirect + "Connection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.0":                         "HTTP/1.0 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
		"a long page":                      redirect + "Content-Length: 1000000\r\n\r\n" + strings.Repeat("x", 5000),
		"a page that does not end":         redirect + "Transfer-Encoding: chunked\r\n\r\n1388\r\n" + strings.Repeat("x", 5000) + "\r\n",
		"an answer that was not asked for": redirect + "Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opened := 0
				reply, took := against(request(t, "http://h/a"), func(conn net.Conn) {
					if opened++; opened == 1 {
						say(answer)(conn)
						hold(conn)
						return
					}
					say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")(conn)
				})
				expect(t, reply, resync.None, "redirected to http://h/b")
				if string(reply.Body) != "good" || took != 0 {
					t.Errorf("body %q after %v, want good at once", reply.Body, took)
				}
			})
		})
	}
}

// A mute connection takes no more than a number of writes, as if the server had
// closed it, but what the server said before can still be read.
type mute struct {
	net.Conn
	writes int
}

func (m *mute) Write(p []byte) (int, error) {
	if m.writes--; m.writes < 0 {
		return 0, syscall.EPIPE
	}
	return m.Conn.Write(p)
}

func TestLastWordsAreRead(t *testing.T) {
	ca := authority(t, "lab CA")
	secure := serveTLS(t, ca, &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool(),
	})
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	go func() {
		for {
			conn, err := busy.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
			conn.Close()
		}
	}()
	for _, c := range []struct {
		url     string
		writes  int
		outcome resync.Outcome
	}{
		{secure, 2, resync.TLSClientCert}, // the client's two flights, and not the request
		{"http://" + busy.Addr().String(), 0, resync.HTTPStatus},
	} {
		client := web.Client{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &mute{conn, c.writes}, err
		}}
		req := request(t, c.url)
		req.TLS.Certificates = &device.Certificates{CA: ca.PEM()}
		if reply := client.Fetch(t.Context(), req); reply.Outcome != c.outcome {
			t.Errorf("%s: outcome %q, note %q; want %q", c.url, reply.Outcome, reply.Note, c.outcome)
		}
	}
}

func TestConnectionsThatDoNotComeAbout(t *testing.T) {
	for _, c := range []struct {
		err     error
		outcome resync.Outcome
		note    string
	}{
		{&net.DNSError{Err: "no such host", Name: "h"}, resync.DNS, "lookup h: no such host"},
		{&net.DNSError{Err: "i/o timeout", Name: "h", IsTimeout: true}, resync.DNS, "lookup h: i/o timeout"},
		{&net.DNSError{Err: "operation was canceled", Name: "h", UnwrapErr: context.Canceled}, resync.Timeout, "connecting to h:80: no time left"},
		{syscall.ECONNREFUSED, resync.Refused, "connecting to h:80: connection refused"},
		{syscall.ENETUNREACH, resync.Unreachable, "connecting to h:80: network is unreachable"},
		{syscall.EHOSTUNREACH, resync.Unreachable, "connecting to h:80: no route to host"},
		{syscall.EPERM, resync.Unreachable, "connecting to h:80: operation not permitted"},
		{syscall.EADDRNOTAVAIL, resync.Unreachable, "connecting to h:80: cannot assign requested address"},
		{syscall.ETIMEDOUT, resync.Timeout, "connecting to h:80: connection timed out"},
		{os.ErrDeadlineExceeded, resync.Timeout, "connecting to h:80: no time left"},
		{context.DeadlineExceeded, resync.Timeout, "connecting to h:80: no time left"},
		{context.Canceled, resync.Timeout, "connecting to h:80: no time left"},
		{errors.New("strange"), resync.Unreachable, "connecting to h:80: strange"},
	} {
		client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: c.err}
		}}
		expect(t, client.Fetch(t.Context(), request(t, "http://h/")), c.outcome, c.note)
	}
}

func TestTheEndOfTheRunEndsATransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() { hold(theirs); theirs.Close() }()
			return ours, nil
		}}
		time.AfterFunc(3*time.Second, cancel)
		begin := time.Now()
		reply := client.Fetch(ctx, request(t, "http://h/"))
		expect(t, reply, resync.Timeout, "waiting for the answer: no time left")
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("after %v, want 3s", took)
		}
	})
}

func TestAResetIsTruncated(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		http.ReadRequest(bufio.NewReader(conn))
		conn.(*net.TCPConn).SetLinger(0) // closes by a reset
		conn.Close()
	}()
	expect(t, fetch(t, request(t, "http://"+listener.Addr().String())), resync.Truncated,
		"waiting for the answer: connection reset by peer")
}

// A name that no resolver can be asked for is as bad as one that it does not
// know.
func TestAResolverThatDoesNotAnswer(t *testing.T) {
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, syscall.ECONNREFUSED
	}}
	client := web.Client{DialContext: (&net.Dialer{Resolver: resolver}).DialContext}
	if reply := client.Fetch(t.Context(), request(t, "http://prov.example/")); reply.Outcome != resync.DNS {
		t.Errorf("outcome %q, note %q; want dns", reply.Outcome, reply.Note)
	}
}
