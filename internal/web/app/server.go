package app

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// The limits of a server.
const (
	mostConns   = 512
	headerTime  = 5 * time.Second  // for the head of a request
	formTime    = 15 * time.Second // for a request with a small body, or none
	requestTime = 2 * time.Minute  // for a whole request, a firmware image included
	answerTime  = 3 * time.Minute  // from the head of a request to the end of its answer
	idleTime    = 30 * time.Second // between two requests
	headerLimit = 16 << 10
	// lastWords is how long answers under way have to get out when a server is
	// closed.
	lastWords = time.Second
)

// A Server is an app that listens.
type Server struct {
	listener net.Listener // the port
	limited  net.Listener // the same with limits, and TLS where it is wanted
	http     *http.Server
	leave    context.CancelFunc // ends the streams
	scheme   string
	work     sync.WaitGroup
	once     sync.Once
}

// Listen opens the app's address, and the same port each time after the first.
// Connections wait until [Server.Serve].
func (a *App) Listen() (*Server, error) {
	listener, err := net.Listen("tcp", a.config.Address)
	if err != nil {
		return nil, err
	}
	a.config.Address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	server := &Server{listener: listener, scheme: "http", leave: cancel, http: &http.Server{
		Handler:           a,
		ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerLimit,
		BaseContext:    func(net.Listener) context.Context { return ctx },
		ErrorLog:       log.New(io.Discard, "", 0), // what clients do wrong is their business
	}}
	server.limited = netutil.LimitListener(listener, mostConns)
	if config := a.config.TLS; config != nil {
		server.scheme, server.limited = "https", tls.NewListener(server.limited, config)
	}
	return server, nil
}

// Serve begins to answer, and returns.
func (s *Server) Serve() { s.work.Go(func() { s.http.Serve(s.limited) }) }

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL returns the address of the app's first page.
func (s *Server) URL() string { return s.scheme + "://" + s.listener.Addr().String() + "/" }

// Close stops listening at once and returns; answers under way get a moment to
// get out. Wait waits until nothing is left.
func (s *Server) Close() {
	s.once.Do(func() {
		s.listener.Close()
		s.leave()
		s.work.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), lastWords)
			defer cancel()
			if s.http.Shutdown(ctx) != nil {
				s.http.Close()
			}
		})
	})
}

// Wait returns when a server that was closed has ended all it had under way.
func (s *Server) Wait() { s.work.Wait() }
