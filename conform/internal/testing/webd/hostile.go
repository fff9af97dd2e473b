package webd

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Hostile are ways to treat a client badly that is connected, before TLS or
// without it. Each returns when the client is gone, or when it has done its
// worst; the connection is closed then.
var Hostile = map[string]func(conn net.Conn){
	"a body without end": func(conn net.Conn) {
		flood(conn, "HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("DBID_X=1\r\n", 1<<10))
	},
	"a head without end":        func(conn net.Conn) { flood(conn, "HTTP/1.1 200 OK\r\n", strings.Repeat("X-A: b\r\n", 1<<10)) },
	"a header line without end": func(conn net.Conn) { flood(conn, "HTTP/1.1 200 OK\r\nX-A: ", strings.Repeat("a", 1<<12)) },
	"a status line without end": func(conn net.Conn) { flood(conn, "HTTP/1.1 200 ", strings.Repeat("K", 1<<12)) },
	"interim answers on and on": func(conn net.Conn) { flood(conn, "", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1<<8)) },
	"chunks of one byte":        func(conn net.Conn) { flood(conn, chunkedHead, strings.Repeat("1\r\nx\r\n", 1<<10)) },
	"an impossible chunk":       func(conn net.Conn) { flood(conn, chunkedHead+"ffffffffffffffff\r\n", "x") },
	"an impossible length":      func(conn net.Conn) { say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nx") },
	"two lengths":               func(conn net.Conn) { say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx") },
	"noise":                     func(conn net.Conn) { say(conn, strings.Repeat("\x00\xff\x16\x03\r\n", 100)) },
	"nothing":                   func(conn net.Conn) { conn.Read(make([]byte, 1<<16)) },
	"silence":                   func(conn net.Conn) { drain(conn) },
	"a reset":                   func(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0) },
	"a byte now and then":       func(conn net.Conn) { drip(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") },
	"a redirect to itself":      func(conn net.Conn) { say(conn, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") },
	"terminal escapes": func(conn net.Conn) {
		say(conn, "HTTP/1.1 500 \x1b]0;x\x07\r\nLocation: \x1b[2J\r\nContent-Length: 0\r\n\r\n")
	},
	"a handshake of 16 MB":       func(conn net.Conn) { flood(conn, "\x16\x03\x03\x40\x00\x02\xff\xff\xff", record(0x16, 1<<14)) },
	"empty records without end":  func(conn net.Conn) { flood(conn, "", strings.Repeat("\x16\x03\x03\x00\x00", 1<<10)) },
	"warnings without end":       func(conn net.Conn) { flood(conn, "", strings.Repeat("\x15\x03\x03\x00\x02\x01\x5a", 1<<10)) },
	"a record that is too large": func(conn net.Conn) { flood(conn, "\x16\x03\x03\xff\xff", "x") },
}

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

// record returns a TLS record full of nothing.
func record(kind byte, size int) string {
	head := binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(size))
	return string(append(head, bytes.Repeat([]byte{0}, size)...))
}

// say answers the first bytes of the client.
func say(conn net.Conn, text string) {
	conn.Read(make([]byte, 1<<16))
	conn.Write([]byte(text))
}

// flood sends a beginning, and then the same over and over.
func flood(conn net.Conn, first, rest string) {
	say(conn, first)
	for {
		if _, err := conn.Write([]byte(rest)); err != nil {
			return
		}
	}
}

// drip sends a beginning byte by byte.
func drip(conn net.Conn, text string) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		<-ticker.C
		if _, err := conn.Write([]byte{text[i%len(text)]}); err != nil {
			return
		}
	}
}

// drain waits until the client is gone.
func drain(conn net.Conn) {
	for into := make([]byte, 1<<12); ; {
		if _, err := conn.Read(into); err != nil {
			return
		}
	}
}

// Treat starts a server that treats each client in one way until the test ends,
// and returns host:port.
func Treat(t testing.TB, way func(net.Conn)) string {
	t.Helper()
	var (
		listener = listen(t)
		running  sync.WaitGroup
		mu       sync.Mutex
		conns    []net.Conn
	)
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			running.Go(func() {
				defer conn.Close()
				way(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return listener.Addr().String()
}
