package activator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"provsim/internal/role"
)

// The paths of the specification.
const (
	EventPath  = "/activator/eventHandler.asp"
	mostEvent  = 8 << 10
	mostAnswer = 64 << 10
	askTimeout = 10 * time.Second // ACT-TW-1
	mostAsked  = 32               // requests at the account server at once
)

// Options say where a server's files are and which account server it asks.
type Options struct {
	Config
	Root      string // has the folders of accounts
	WebRoot   string // has the published trees
	Templates Templates
	Teleware  *url.URL // of the account server's request; may hold user and password
	Client    *http.Client
	Log       *role.Log
}

// Server is the HTTP side of a [Machine] and its disk.
type Server struct {
	options      Options
	disk         *disk
	ctx          context.Context
	end          context.CancelFunc
	work         sync.WaitGroup
	accountSlots chan struct{} // a place for each request at the account server

	mu      sync.Mutex
	machine *Machine
	waiting map[string]chan int // events that are answered later, by number
	wake    chan struct{}
}

// Open starts a server on its folders. It serves nothing by itself: it is an
// [http.Handler].
func Open(o Options) (*Server, error) {
	d, trees, err := openDisk(o.Root, o.WebRoot)
	if err != nil {
		return nil, err
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	o.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Server{
		options: o, disk: d, machine: New(o.Config, trees), waiting: map[string]chan int{},
		wake: make(chan struct{}, 1), accountSlots: make(chan struct{}, mostAsked),
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.work.Go(s.clock)
	return s, nil
}

// Close gives up what is under way and returns when nothing of it is left. The
// trees stay.
func (s *Server) Close() error {
	s.end()
	s.work.Wait()
	return nil
}

// Trees returns what is published now.
func (s *Server) Trees() []Tree {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Trees()
}

// Tables returns what the Activator holds, for a page. A tree's number is shown
// in part, because anyone who knows it may read the phone's files.
func (s *Server) Tables() []role.Table {
	trees := role.Table{Title: "Published trees", Columns: []string{"Phone", "Number", "Published", "Ends", "Uploads"}, Empty: "No tree is published."}
	life := s.options.Life
	if life == 0 {
		life = DefaultLife
	}
	for _, t := range s.Trees() {
		ends := "never"
		if life > 0 {
			ends = t.Published.Add(life).UTC().Format(time.DateTime)
		}
		trees.Rows = append(trees.Rows, []string{
			t.MAC.Colons(), t.Number[:min(2, len(t.Number))] + "…", t.Published.UTC().Format(time.DateTime), ends, strings.Join(t.Uploads, " "),
		})
	}
	s.mu.Lock()
	pending := s.machine.Pending()
	s.mu.Unlock()
	to := "none"
	if s.options.Teleware != nil {
		to = s.options.Teleware.Redacted()
	}
	set := role.Table{Title: "Settings", Columns: []string{"Setting", "Value"}, Rows: [][]string{
		{"Account server", to}, {"Events under way", strconv.Itoa(pending)}, {"Web root", s.options.WebRoot}, {"Accounts below", s.options.Root},
	}}
	return []role.Table{trees, set}
}

// clock wakes the machine when something is due.
func (s *Server) clock() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
		s.with(func(now time.Time, m *Machine) []Action { return m.Tick(now) })
		s.mu.Lock()
		next := s.machine.Deadline()
		s.mu.Unlock()
		if next.IsZero() {
			next = time.Now().Add(time.Hour)
		}
		timer.Reset(time.Until(next))
	}
}

// with tells the machine something and does what it asks for.
func (s *Server) with(tell func(time.Time, *Machine) []Action) {
	s.mu.Lock()
	acts := tell(time.Now(), s.machine)
	for _, a := range acts {
		s.do(a)
	}
	s.mu.Unlock()
}

// do carries out an action. The lock is held.
func (s *Server) do(a Action) {
	switch a.Do {
	case Tell:
		s.options.Log.Add(a.Record)
	case Ask:
		s.work.Go(func() { s.ask(a) })
	case Publish:
		s.work.Go(func() {
			err := s.disk.publish(a.Number, a.MAC, a.Account, s.options.Templates)
			s.with(func(now time.Time, m *Machine) []Action { return m.Published(now, a.Number, a.MAC, err) })
			s.alarm()
		})
	case Remove:
		if err := s.disk.remove(a.Number); err != nil {
			s.options.Log.Add(role.Record{Wall: time.Now(), Event: "remove.failed", Device: a.MAC, Note: err.Error()})
		}
	case Reply:
		if w, ok := s.waiting[a.Number]; ok {
			delete(s.waiting, a.Number)
			w <- a.Status
		}
	}
}

// alarm has the clock look at the deadline again.
func (s *Server) alarm() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// notFound is the one answer to all that is not there (ACT-GET-2).
const notFound = "Not Found\n"

// ServeHTTP answers gateways and phones.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == EventPath && r.URL.RawPath == "" {
		s.event(w, r)
		return
	}
	from := addrOf(r.RemoteAddr)
	number, name, ok := split(r.URL.Path)
	if r.URL.RawPath != "" {
		ok = false
	}
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.get(w, r, from, number, name, ok)
	case r.Method == http.MethodPut && ok:
		s.put(w, r, from, number, name)
	default:
		text(w, http.StatusNotFound, notFound)
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, from netip.Addr, number, name string, ok bool) {
	if !ok {
		name = "" // no tree has a file of that name
	}
	began := time.Now()
	var file string
	var found bool
	s.with(func(now time.Time, m *Machine) (acts []Action) {
		file, found, acts = m.Get(now, from, number, name)
		return acts
	})
	status := http.StatusNotFound
	defer func() {
		s.options.Log.Add(role.Record{
			Wall: time.Now(), Event: "request", Status: status, Took: time.Since(began),
			Note: r.Method + " " + shown(name) + " from " + from.String(),
		})
	}()
	if !found {
		text(w, status, notFound)
		return
	}
	f, err := s.disk.open(number, file)
	if err != nil { // the tree has just ended
		text(w, status, notFound)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		text(w, status, notFound)
		return
	}
	status = http.StatusOK
	kind := "text/xml"
	if strings.HasSuffix(file, ".ld") || strings.HasSuffix(file, ".log") {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if r.Method == http.MethodGet {
		io.Copy(w, f)
	}
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, from netip.Addr, number, name string) {
	began := time.Now()
	var file string
	var status int
	s.with(func(now time.Time, m *Machine) (acts []Action) {
		file, status, acts = m.Put(now, from, number, name)
		return acts
	})
	if status < 300 {
		isNew := status == http.StatusCreated
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MostUpload))
		switch {
		case errors.As(err, new(*http.MaxBytesError)):
			status = http.StatusRequestEntityTooLarge
		case err != nil:
			status = http.StatusBadRequest
		case s.disk.keep(number, file, body) != nil:
			status = http.StatusInsufficientStorage
		}
		if status >= 300 && isNew {
			s.with(func(_ time.Time, m *Machine) []Action { m.Lost(number, file); return nil })
		}
	}
	switch status {
	case http.StatusNotFound:
		text(w, status, notFound)
	case http.StatusNoContent:
		w.WriteHeader(status)
	default:
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(status)
	}
	s.options.Log.Add(role.Record{
		Wall: time.Now(), Event: "request", Status: status, Took: time.Since(began), Note: "PUT " + shown(name) + " from " + from.String(),
	})
}

// event takes a gateway's event (ACT-EVT-1).
func (s *Server) event(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		text(w, http.StatusMethodNotAllowed, "want POST\n")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostEvent+1))
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil || len(body) > mostEvent {
		form = nil // an event that lacks everything is refused below, after its source was looked at
	}
	e := ReadEvent(form)
	var status int
	var reason string
	later := make(chan int, 1)
	s.with(func(now time.Time, m *Machine) (acts []Action) {
		status, reason, acts = m.Event(now, addrOf(r.RemoteAddr), e)
		if status == 0 {
			s.waiting[e.Number] = later
		}
		return acts
	})
	s.alarm()
	if status == 0 {
		select {
		case status = <-later:
			reason = "the tree could not be made"
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			status, reason = http.StatusBadGateway, "the server ends"
		}
	}
	w.Header().Set("Connection", "close")
	if status == http.StatusOK {
		text(w, status, "OK\n")
		return
	}
	text(w, status, reason+"\n")
}

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// shown returns a file's name for the log, cut, and without the path that holds
// a phone's number.
func shown(name string) string {
	if len(name) > 80 {
		name = name[:80] + "…"
	}
	if name == "" {
		return "(no file)"
	}
	return role.Printable(name)
}

func addrOf(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
