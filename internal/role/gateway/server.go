package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

// Fault is what goes wrong with events on purpose.
type Fault struct {
	Drop      bool          // the event is taken for sent, and is not
	Duplicate bool          // it is sent twice
	Delay     time.Duration // it is sent so much later
	Share     float64       // of the events that it meets, 0 to 1
}

// Options say how a server is connected.
type Options struct {
	Config
	Conn   net.PacketConn // where requests come from
	Client *http.Client   // of events and downloads; nil is one without kept connections
	Log    *role.Log
	Fault  Fault
	// Downloads are names of files that the gateway asks the Activator for when it starts
	// (SMG-HTTP-1). Their bytes are counted and not kept.
	Downloads []string
}

// Server is the socket of a [Machine] and its HTTP client.
type Server struct {
	options Options
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup
	posts   chan Action

	mu      sync.Mutex
	machine *Machine
	met     uint64 // events so far, by which faults are spread
}

// Crypto is a source of numbers that cannot be foreseen.
func Crypto(device.MAC, uint32) io.Reader { return rand.Reader }

// Seeded returns a source whose numbers follow from the seed, the phone and the
// count of its leases (SMG-MAC-3).
func Seeded(seed uint64) func(device.MAC, uint32) io.Reader {
	return func(mac device.MAC, count uint32) io.Reader {
		key := binary.BigEndian.AppendUint64(nil, seed)
		key = append(key, mac[:]...)
		return &stream{key: binary.BigEndian.AppendUint32(key, count)}
	}
}

// stream is an endless row of SHA-256 sums.
type stream struct {
	key  []byte
	n    uint32
	left []byte
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		sum := sha256.Sum256(binary.BigEndian.AppendUint32(s.key, s.n))
		s.n++
		s.left = sum[:]
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// Start serves the socket until Close.
func Start(o Options) *Server {
	if o.Client == nil {
		o.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	o.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Server{options: o, machine: New(o.Config), posts: make(chan Action, 1)}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.work.Go(s.serve)
	s.work.Go(s.post)
	s.work.Go(s.download)
	return s
}

// Close ends the server and closes its socket.
func (s *Server) Close() error {
	s.end()
	err := s.options.Conn.Close()
	s.work.Wait()
	return err
}

// Tables returns what the gateway holds and has done, for a page.
func (s *Server) Tables() []role.Table {
	s.mu.Lock()
	leases, entries, queued := s.machine.Leases(), s.machine.Entries(), s.machine.Queued()
	s.mu.Unlock()
	held := role.Table{Title: "Leases", Columns: []string{"Address", "Phone", "Until", "Option 66"}, Empty: "No phone has an address."}
	for _, l := range leases {
		state := l.Until.UTC().Format(time.DateTime)
		if !l.Leased {
			state += ", offered"
		}
		held.Rows = append(held.Rows, []string{l.Addr.String(), l.MAC.Colons(), state, hideNumber(l)})
	}
	alerts := role.Table{Title: "MAC alerts", Columns: []string{"Index", "Name", "Address", "Mask", "Randomise"}, Empty: "No MAC alert is enabled."}
	for i, a := range s.options.Alerts {
		if a.Enabled {
			alerts.Rows = append(alerts.Rows, []string{fmt.Sprint(i + 1), a.Name, a.Address.text, a.Mask.text, word(a.Randomise)})
		}
	}
	set := role.Table{Title: "Settings", Columns: []string{"Setting", "Value"}, Rows: [][]string{
		{"Option 66", s.machine.base()}, {"Events", fmt.Sprintf("on: %s, %d wait", word(s.options.EventForwarding), queued)},
		{"HTTP client", "on: " + word(s.options.HTTPClient) + ", file server " + s.options.FileServer}, {"Events path", s.options.EventsPath},
	}}
	logged := role.Table{Title: "Event log", Columns: []string{"Time", "Class", "Event"}, Empty: "No event was logged."}
	for _, e := range slices.Backward(entries) {
		logged.Rows = append(logged.Rows, []string{e.At.UTC().Format(time.DateTime), e.Class, e.Text})
	}
	return []role.Table{held, alerts, set, logged}
}

// hideNumber shows option 66 without most of its number, which is a secret.
func hideNumber(l Lease) string {
	if len(l.Number) < 4 {
		return l.Option66
	}
	return strings.Replace(l.Option66, l.Number, l.Number[:2]+"…", 1)
}

func word(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

func (s *Server) serve() {
	buffer := make([]byte, 4096)
	for {
		n, from, err := s.options.Conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
			return
		}
		if err != nil {
			continue // such as an answer that met no one
		}
		var at netip.AddrPort
		if udp, ok := from.(*net.UDPAddr); ok {
			at = udp.AddrPort()
		}
		s.with(func(now time.Time, m *Machine) []Action { return m.Packet(now, buffer[:n], at) })
	}
}

// with tells the machine something and does what it asks for, in that order.
func (s *Server) with(tell func(time.Time, *Machine) []Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range tell(time.Now(), s.machine) {
		switch a.Do {
		case Send:
			to := &net.UDPAddr{IP: net.IPv4bcast, Port: 68}
			if a.To.IsValid() {
				to = net.UDPAddrFromAddrPort(a.To)
			}
			if _, err := s.options.Conn.WriteTo(a.Packet, to); err != nil && s.ctx.Err() == nil {
				s.options.Log.Add(role.Record{Wall: time.Now(), Event: "dhcp.unsent", Note: err.Error()})
			}
		case Post:
			s.posts <- a // the machine asks for one at a time, so there is room
		case Tell:
			s.options.Log.Add(a.Record)
		case Debug:
			s.options.Log.Add(role.Record{Wall: time.Now(), Event: "log", Note: a.Line})
		}
	}
}

// post sends events one after the other, each beside the leases and never before
// them in the way (SMG-ORD-1).
func (s *Server) post() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case a := <-s.posts:
			began := time.Now()
			status, why := s.event(a)
			if s.ctx.Err() != nil {
				return
			}
			took := time.Since(began)
			s.with(func(now time.Time, m *Machine) []Action { return m.Posted(now, took, status, why) })
		}
	}
}

// event makes one try, with the fault that is on.
func (s *Server) event(a Action) (status int, why string) {
	f := s.options.Fault
	before := uint64(float64(s.met) * f.Share)
	s.met++
	if uint64(float64(s.met)*f.Share) == before {
		f = Fault{} // this event is not in the share
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			return 0, ""
		}
	}
	if f.Drop {
		return http.StatusOK, "the fault 'drop' is on: nothing was sent"
	}
	status, _, why = s.ask(http.MethodPost, a.URL, a.Body)
	if f.Duplicate {
		s.ask(http.MethodPost, a.URL, a.Body)
	}
	return status, why
}

// The most bytes that are read of an answer.
const (
	mostAnswer   = 64 << 10 // to an event
	mostDownload = 64 << 20
)

// ask makes one request. Status 0 says that no whole answer came, and why says the reason.
// While a download brings bytes, the inactivity timeout begins anew.
func (s *Server) ask(method, to, body string) (status int, size int64, why string) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	silence := time.AfterFunc(s.options.Timeout, cancel)
	defer silence.Stop()
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return 0, 0, "the Activator's URL cannot be asked"
	}
	req.Header.Set("User-Agent", "SMG/"+s.options.Serial)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.options.Client.Do(req)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return 0, 0, fmt.Sprintf("no answer from the Activator in %v", s.options.Timeout)
	case errors.As(err, new(*net.OpError)):
		return 0, 0, "no connection to the Activator"
	default:
		return 0, 0, "no answer from the Activator"
	}
	defer resp.Body.Close()
	if method == http.MethodPost {
		io.Copy(io.Discard, io.LimitReader(resp.Body, mostAnswer))
		return resp.StatusCode, 0, ""
	}
	heard := writer(func() { silence.Reset(s.options.Timeout) })
	switch size, err = io.Copy(heard, io.LimitReader(resp.Body, mostDownload+1)); {
	case ctx.Err() != nil:
		return 0, size, fmt.Sprintf("the Activator fell silent for %v after %d bytes", s.options.Timeout, size)
	case err != nil:
		return 0, size, fmt.Sprintf("the answer broke off after %d bytes", size)
	case size > mostDownload:
		return resp.StatusCode, size, fmt.Sprintf("the file is longer than %d bytes", mostDownload)
	}
	return resp.StatusCode, size, ""
}

// writer is called at each write, whose bytes it drops.
type writer func()

func (w writer) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}
