package devicemanager

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// ServeHTTP answers phones and Agents.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		http.Error(w, "as many requests as the manager takes are under way", http.StatusServiceUnavailable)
		return
	}
	place, do := s.route(r)
	began := time.Now()
	// The body comes first: only behind it the server notices a client that is gone.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, ippm.MostBody))
	if err != nil {
		s.send(w, r, refuse(http.StatusRequestEntityTooLarge, "the body is longer than 64 KiB, or ends early"), began, false)
		return
	}
	fault := s.options.Faults[place]
	met := fault.meets()
	if met && !fault.before(w, r) {
		s.log(role.Record{Event: "fault", Status: fault.Status, Note: "a request of kind " + place})
		return
	}
	if place == "firmware" {
		s.image(w, r, met && fault.Cut)
		return
	}
	if place != "file" && r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		s.send(w, r, refuse(http.StatusMethodNotAllowed, "want POST"), began, false)
		return
	}
	take := do(body)
	s.mu.Lock()
	a := take(time.Now())
	b := s.batch
	s.mu.Unlock()
	if a.Keep && s.kept(b) != nil {
		a = refuse(http.StatusServiceUnavailable, "the database takes nothing")
	}
	s.send(w, r, a, began, met && fault.Cut)
}

// route returns the kind of a request and what reads its body. What that returns is
// called with the machine locked, and answers.
func (s *Server) route(r *http.Request) (place string, do func(body []byte) func(now time.Time) Answer) {
	m, key := s.machine, r.Header.Get(ippm.KeyHeader)
	from := addrOf(r.RemoteAddr)
	path, refused := s.customer(r.URL.Path)
	if refused != nil {
		return "keep-alive", func([]byte) func(time.Time) Answer { return func(time.Time) Answer { return *refused } }
	}
	switch {
	case path == ippm.KeepAlive || path == ippm.First:
		return "keep-alive", func(body []byte) func(time.Time) Answer { return m.keepAlive(from, body) }
	case path == ippm.Alert:
		return "alarm", late(func(now time.Time, body []byte) Answer { return m.Alert(now, from, body) })
	case path == ippm.Poll:
		return "poll", late(func(now time.Time, body []byte) Answer { return m.Poll(now, key, body) })
	case path == ippm.Report:
		return "report", late(func(now time.Time, body []byte) Answer { return m.Report(now, key, body) })
	case strings.HasPrefix(path, FirmwareFolder):
		return "firmware", nil
	}
	return "file", late(func(now time.Time, _ []byte) Answer {
		return m.File(now, Ask{
			Method: r.Method, Path: r.URL.Path, Host: r.Host, UserAgent: r.UserAgent(), From: from, Port: portOf(r), TLS: r.TLS != nil,
		})
	})
}

// late reads a body only when the machine is locked.
func late(answer func(now time.Time, body []byte) Answer) func([]byte) func(time.Time) Answer {
	return func(body []byte) func(time.Time) Answer {
		return func(now time.Time) Answer { return answer(now, body) }
	}
}

// customer takes the customer from a path (DM-URL-1). Refused is the answer where
// there is no such customer.
func (s *Server) customer(path string) (rest string, refused *Answer) {
	tail, ok := strings.CutPrefix(path, "/c/")
	if !ok {
		return path, nil
	}
	id, tail, _ := strings.Cut(tail, "/")
	if after, ok := strings.CutPrefix(tail, "p/"); ok {
		_, tail, _ = strings.Cut(after, "/")
	}
	var a Answer
	switch {
	case !strings.HasPrefix("/"+tail, "/rest/v1/ipphoneMgrStatus/"):
		a = answer(http.StatusNotFound, "Not found", "")
	case len(s.options.Customers) == 0:
		a = answer(http.StatusUnprocessableEntity, "No customers", "no list of customers is loaded")
	case !slices.Contains(s.options.Customers, id):
		a = answer(http.StatusNotFound, "Unknown customer '"+id+"'", "the path names a customer that is not in the list")
	default:
		return "/" + tail, nil
	}
	return path, &a
}

// send writes an answer. The log has it before the client has, so that the log's
// order is that of the requests. An Agent's list is deleted when it has been
// written whole (DM-WIRE-4).
func (s *Server) send(w http.ResponseWriter, r *http.Request, a Answer, began time.Time, short bool) {
	if short {
		a.Record.Note = strings.TrimPrefix(a.Record.Note+", the fault cuts the answer", ", ")
	}
	a.Record.Took = time.Since(began)
	s.log(a.Record)
	if a.list != nil {
		whole := false
		defer func() { s.handed(a, whole) }()
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(replyTime))
		whole = write(w, r, a, short)
		return
	}
	write(w, r, a, short)
}

// handed tells the machine whether an Agent's list was written whole.
func (s *Server) handed(a Answer, whole bool) {
	s.mu.Lock()
	s.machine.Handed(a, whole)
	s.mu.Unlock()
	if !whole {
		s.log(role.Record{Event: "poll.cut", Note: "the reply could not be written whole, and its actions stay"})
	}
}

// write reports whether an answer has left this program whole.
func write(w http.ResponseWriter, r *http.Request, a Answer, short bool) bool {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	if r.Method == http.MethodHead {
		return true
	}
	if short {
		half(w, a.Body)
	}
	_, err := w.Write(a.Body)
	return err == nil && http.NewResponseController(w).Flush() == nil
}

// image answers with a firmware image; a POST is as good as a GET (DM-URL-3).
func (s *Server) image(w http.ResponseWriter, r *http.Request, short bool) {
	began := time.Now()
	name := strings.TrimPrefix(r.URL.Path, FirmwareFolder)
	w = &told{w, func(status int) {
		s.log(role.Record{Event: "firmware", Status: status, URL: cut(r.URL.Path, 256), Took: time.Since(began)})
	}}
	if !(Ask{Method: r.Method}).gives() {
		w.Header().Set("Allow", "GET, HEAD, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var info os.FileInfo
	var file *os.File
	err := os.ErrNotExist
	if s.firmware != nil && !strings.Contains(name, "/") {
		file, err = s.firmware.Open(name)
	}
	if err == nil {
		defer file.Close()
		info, err = file.Stat()
	}
	if err != nil || !info.Mode().IsRegular() {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if short {
		w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		w.WriteHeader(http.StatusOK)
		io.CopyN(w, file, info.Size()/2)
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, r, "", info.ModTime(), file)
}

// told tells the status of an answer before it is written.
type told struct {
	http.ResponseWriter
	tell func(status int)
}

func (t *told) WriteHeader(status int) {
	t.tell(status)
	t.ResponseWriter.WriteHeader(status)
}

func addrOf(remote string) netip.Addr {
	at, _ := netip.ParseAddrPort(remote)
	return at.Addr().Unmap()
}

// portOf returns the port that a request came to.
func portOf(r *http.Request) uint16 {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return 80
	}
	at, _ := netip.ParseAddrPort(local.String())
	return at.Port()
}
