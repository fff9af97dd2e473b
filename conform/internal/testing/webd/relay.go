package webd

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Front starts a relay before a server of Start. What a client sends first, up
// to 64 KiB at once, goes through edit; all else passes unchanged. Where edit
// returns nil, the relay ends for good, as a server does that crashes.
func Front(t testing.TB, server string, edit func(first []byte) []byte) string {
	t.Helper()
	r := &relay{server: server, edit: edit}
	return r.start(t)
}

// relay passes connections on to a server.
type relay struct {
	server   string
	edit     func([]byte) []byte
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn // of both sides, to end them
	ended bool
}

func (r *relay) start(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.listener = listener
	r.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.running.Go(func() { r.pass(conn) })
		}
	})
	t.Cleanup(func() {
		r.end()
		r.running.Wait()
	})
	return listener.Addr().String()
}

// end closes everything that is open, and refuses what comes.
func (r *relay) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.listener.Close()
	for _, conn := range r.conns {
		conn.Close()
	}
}

// keep remembers a connection, and reports whether the relay still runs.
func (r *relay) keep(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = append(r.conns, conn)
	return !r.ended
}

func (r *relay) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !r.keep(client) || !r.keep(server) {
		return
	}
	first := make([]byte, 1<<16)
	n, err := client.Read(first)
	if err != nil {
		return
	}
	edited := r.edit(first[:n])
	if edited == nil {
		r.end()
		return
	}
	if _, err := server.Write(edited); err != nil {
		return
	}
	r.running.Go(func() {
		io.Copy(server, client)
		server.(*net.TCPConn).CloseWrite()
	})
	io.Copy(client, server)
}
