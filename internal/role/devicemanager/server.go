package devicemanager

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// Usual values of Options.
const (
	MostInFlight = 1000
	callTimeout  = 5 * time.Second // DM-ACT-3
	mostCalls    = 50
	writeEach    = time.Second      // when nothing waits for the database
	lookEach     = 30 * time.Second // for phones that are offline
	replyTime    = 30 * time.Second // for the reply to an Agent
)

// Options say what a server has and which addresses it may call.
type Options struct {
	Config
	Dir       string            // of the database
	Firmware  string            // folder of the images; empty: no images
	Templates map[string]string // by TENANT/MODEL: replace those of the database
	Key       string            // of the Agents; empty: the one of the database, or a new one
	Agents    bool              // enabled from the start
	Caller    ippm.CallerOptions
	InFlight  int // requests at once; 0: MostInFlight
	Faults    map[string]Fault
	Log       *role.Log
}

// Server is the edge of a [Machine]. It is an [http.Handler].
type Server struct {
	options  Options
	store    *store
	caller   *ippm.Caller
	firmware *os.Root
	places   chan struct{} // a place for each request
	calls    chan struct{} // a place for each call
	ctx      context.Context
	end      context.CancelFunc
	work     sync.WaitGroup
	wake     chan struct{}
	ended    chan struct{} // closed after the last write

	mu      sync.Mutex
	machine *Machine
	batch   *batch // that the next write to the database ends
}

var errEnded = errors.New("the manager ends")

// batch is the changes that one write has.
type batch struct {
	done chan struct{}
	err  error
}

// Open starts a server on its database.
func Open(o Options) (s *Server, err error) {
	var seed [16]byte
	var key [16]byte
	rand.Read(seed[:]) // never fails
	rand.Read(key[:])
	o.Seed = seed
	if o.InFlight == 0 {
		o.InFlight = MostInFlight
	}
	o.Caller.Timeout = callTimeout
	s = &Server{
		options: o, caller: ippm.NewCaller(o.Caller), machine: New(o.Config), batch: &batch{done: make(chan struct{})},
		places: make(chan struct{}, o.InFlight), calls: make(chan struct{}, mostCalls), wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	if o.Firmware != "" {
		if s.firmware, err = os.OpenRoot(o.Firmware); err != nil {
			return nil, err
		}
	}
	if s.store, err = openStore(o.Dir); err != nil {
		return nil, err
	}
	if err = s.begin(hex.EncodeToString(key[:])); err != nil {
		s.store.db.Close()
		return nil, err
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.work.Go(s.write)
	s.work.Go(s.look)
	return s, nil
}

// begin fills the machine from the database and the options.
func (s *Server) begin(key string) error {
	m, o := s.machine, s.options
	if err := s.store.load(m); err != nil {
		return err
	}
	m.Start(key)
	enabled, _ := m.Agents()
	m.SetAgents(enabled || o.Agents, o.Key)
	for name, text := range o.Templates {
		tenant, model, _ := strings.Cut(name, "/")
		t, ok := m.Tenant(tenant)
		if !ok {
			t = Tenant{Name: tenant, Templates: map[string]string{}}
		}
		err := t.SetTemplate(model, text)
		if err == nil {
			err = m.SetTenant(t)
		}
		if err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
	}
	entries, err := m.Changes()
	if err != nil {
		return err
	}
	return s.store.write(entries)
}

// Close ends what is under way and closes the database.
func (s *Server) Close() error {
	s.end()
	s.work.Wait()
	if s.firmware != nil {
		s.firmware.Close()
	}
	return s.store.db.Close()
}

// write writes what has changed until the server ends.
func (s *Server) write() {
	each := time.NewTicker(writeEach)
	defer each.Stop()
	for {
		select {
		case <-s.wake:
		case <-each.C:
		case <-s.ctx.Done():
			s.writeOnce()
			close(s.ended)
			return
		}
		s.writeOnce()
	}
}

func (s *Server) writeOnce() {
	s.mu.Lock()
	entries, err := s.machine.Changes()
	b := s.batch
	s.batch = &batch{done: make(chan struct{})}
	s.mu.Unlock()
	if err == nil {
		err = s.store.write(entries)
	}
	if err != nil {
		s.mu.Lock()
		s.machine.Again(entries)
		s.mu.Unlock()
		s.log(role.Record{Event: "database.failed", Note: err.Error()})
	}
	b.err = err
	close(b.done)
}

// kept waits until a batch is on the disk.
func (s *Server) kept(b *batch) error {
	select {
	case s.wake <- struct{}{}:
	default:
	}
	select {
	case <-b.done:
		return b.err
	case <-s.ended:
		return errEnded
	}
}

// look finds the phones that are offline.
func (s *Server) look() {
	each := time.NewTicker(lookEach)
	defer each.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-each.C:
			s.mu.Lock()
			records := s.machine.Tick(now)
			s.mu.Unlock()
			for _, r := range records {
				s.log(r)
			}
		}
	}
}

func (s *Server) log(r role.Record) {
	r.Wall = time.Now()
	s.options.Log.Add(r)
}

// Read looks at the machine.
func (s *Server) Read(look func(now time.Time, m *Machine)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(time.Now(), s.machine)
}

// Change changes the machine, and returns when that is on the disk.
func (s *Server) Change(change func(m *Machine) error) error {
	s.mu.Lock()
	err := change(s.machine)
	b := s.batch
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.kept(b); err != nil {
		return errors.New("the change is not in the database, and may be lost")
	}
	return nil
}

// Act takes an order. Requests to phones at once are under way when it returns.
func (s *Server) Act(o Order) error {
	s.mu.Lock()
	calls, err := s.machine.Act(time.Now(), o)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.log(role.Record{Event: "action.sent", Note: fmt.Sprintf("%s for %d devices", o.Name, len(o.Devices))})
	for _, c := range calls {
		s.work.Go(func() { s.call(c) })
	}
	return nil
}

func (s *Server) call(c Call) {
	select {
	case s.calls <- struct{}{}:
		defer func() { <-s.calls }()
	case <-s.ctx.Done():
		return
	}
	began := time.Now()
	result, why := s.caller.Do(s.ctx, c.Request)
	s.log(called(c, result, why, time.Since(began)))
}

// Log returns the server's log.
func (s *Server) Log() *role.Log { return s.options.Log }

// ParseDevices reads addresses of devices, separated by blanks or commas.
func ParseDevices(text string) (list []device.MAC, err error) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' }) {
		mac, err := device.ParseMAC(part)
		if err != nil {
			return nil, err
		}
		list = append(list, mac)
	}
	return list, nil
}
