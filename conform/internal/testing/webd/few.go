package webd

import (
	"net"
	"net/http"
	"sync"
	"testing"
)

// Few is Start for a server that takes a number of connections at once and lets
// the others wait, like one with a process for each.
func Few(t testing.TB, handler http.Handler, connections int) string {
	t.Helper()
	return serve(t, &few{Listener: listen(t), places: make(chan struct{}, connections), ended: make(chan struct{})}, &http.Server{Handler: handler})
}

type few struct {
	net.Listener
	places chan struct{}
	ended  chan struct{}
	end    sync.Once
}

func (f *few) Accept() (net.Conn, error) {
	select {
	case f.places <- struct{}{}:
	case <-f.ended:
		return nil, net.ErrClosed
	}
	conn, err := f.Listener.Accept()
	if err != nil {
		<-f.places
		return nil, err
	}
	return &placed{Conn: conn, leave: sync.OnceFunc(func() { <-f.places })}, nil
}

func (f *few) Close() error {
	f.end.Do(func() { close(f.ended) })
	return f.Listener.Close()
}

// placed is a connection that gives its place to the next when it ends.
type placed struct {
	net.Conn
	leave func()
}

func (p *placed) Close() error {
	p.leave()
	return p.Conn.Close()
}
