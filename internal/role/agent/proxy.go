package agent

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// passed are the folders that the proxy passes on (AG-PX-1).
var passed = []string{"/rest/", "/configfiles/", "/firmwarefiles/", "/ipp/", "/dynamicconfigfiles/"}

// passes reports whether a path is passed on. A path that another server may
// read as a different one is not.
func passes(p string) bool {
	plain := path.Clean(p)
	if plain != strings.TrimSuffix(p, "/") || strings.ContainsAny(p, "\\%") || strings.HasPrefix(strings.ToLower(plain)+"/", strings.ToLower(ippm.AgentRoot)) {
		return false
	}
	return slices.ContainsFunc(passed, func(folder string) bool { return strings.HasPrefix(p, folder) })
}

// newProxy returns the handler that passes requests on to the manager.
func (a *Agent) newProxy(transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Transport: transport, ErrorLog: log.New(io.Discard, "", 0), FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			a.mu.Lock()
			to := a.machine.config.Address()
			a.mu.Unlock()
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "https", to, strings.TrimSuffix(to, ":443")
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			before := r.In.Header["X-Forwarded-For"]
			client, _, _ := net.SplitHostPort(r.In.RemoteAddr)
			r.Out.Header.Set("X-Forwarded-For", strings.Join(append(slices.Clone(before), client), ", "))
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			var slow net.Error
			status := http.StatusBadGateway
			if errors.As(err, &slow) && slow.Timeout() {
				status = http.StatusGatewayTimeout
			}
			w.WriteHeader(status)
		},
	}
}

// status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap is for [http.ResponseController].
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// listener keeps the first bytes of a body that passes by.
type listener struct {
	io.ReadCloser
	mu    sync.Mutex // an answer can come before the body is at its end
	heard []byte
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, p[:min(n, ippm.MostBody-len(l.heard))]...)
	return n, err
}

func (l *listener) body() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard)
}

// ServeHTTP passes a phone's request on to the manager.
func (a *Agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	answer := &status{w, http.StatusOK}
	record := role.Record{Event: "proxy", URL: r.URL.Path, Note: r.Method + " from " + r.RemoteAddr}
	if len(record.URL) > 256 {
		record.URL = record.URL[:256]
	}
	defer func() {
		record.Status, record.Took = answer.code, time.Since(began)
		a.log(record)
	}()
	a.mu.Lock()
	ready := a.machine.config.Manager != ""
	a.mu.Unlock()
	switch {
	case !passes(r.URL.Path):
		answer.WriteHeader(http.StatusNotFound)
		return
	case a.options.Fault.ProxyDown || !ready:
		answer.WriteHeader(http.StatusBadGateway)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/keep-alive") && r.Body != nil {
		heard := &listener{ReadCloser: r.Body}
		r.Body = heard
		defer func() { record.Device = a.saw(heard.body()) }()
	}
	a.proxy.ServeHTTP(answer, r)
}

// saw counts the device of a keep-alive (AG-SIZE-1).
func (a *Agent) saw(body []byte) device.MAC {
	fields, err := ippm.Fields(body)
	if err != nil {
		return device.MAC{}
	}
	mac, err := device.ParseMAC(fields["mac"])
	if err != nil {
		return device.MAC{}
	}
	now := time.Now()
	a.mu.Lock()
	a.machine.Saw(now, mac.String())
	warning, fresh := a.machine.Warn(now)
	a.mu.Unlock()
	if fresh {
		a.log(warning)
	}
	return mac
}

func deviceOf(r ippm.Request) device.MAC {
	mac, _ := device.ParseMAC(r.MAC) // the zero address where the list has none
	return mac
}
