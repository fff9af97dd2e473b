package agent

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

const (
	pollTimeout   = 30 * time.Second // AG-LOOP-1
	callTimeout   = 10 * time.Second // AG-LOOP-2
	reportTimeout = 5 * time.Second  // DM-WIRE-5
	mostList      = 8 << 20
)

// Options say which devices an Agent serves and which addresses it calls.
type Options struct {
	Config
	Save    string      // file of the configuration; empty: it is kept in memory
	Host    string      // the first part of the Agent's name
	From    netip.Addr  // of connections; the zero address: the system chooses
	TLS     *tls.Config // towards the manager
	Caller  ippm.CallerOptions
	Cores   int
	Backoff bool
	Fault   Fault
	Log     *role.Log
}

// Fault is what an Agent does wrong on purpose.
type Fault struct {
	LoseActions, LoseReports float64 // shares
	ProxyDown                bool
}

// Agent is the edge of a [Machine]. It is an [http.Handler] for phones: the
// proxy.
type Agent struct {
	options Options
	client  *http.Client // towards the manager
	caller  *ippm.Caller
	proxy   http.Handler
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup
	wake    chan struct{}

	mu      sync.Mutex
	machine *Machine
	name    string // as of the last poll
}

// Start begins to poll, as soon as the configuration is complete.
func Start(o Options) *Agent {
	o.Caller.Timeout, o.Caller.From = callTimeout, o.From
	transport := &http.Transport{
		DialContext: ippm.Dialer(o.From), TLSClientConfig: o.TLS, ResponseHeaderTimeout: pollTimeout, MaxIdleConnsPerHost: 64,
		IdleConnTimeout: time.Minute, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
	}
	a := &Agent{
		options: o, caller: ippm.NewCaller(o.Caller), machine: NewMachine(o.Config, o.Cores, o.Backoff), wake: make(chan struct{}, 1),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	a.proxy = a.newProxy(transport)
	a.ctx, a.end = context.WithCancel(context.Background())
	a.work.Go(a.loop)
	return a
}

// Close gives up what is under way, and returns when nothing of it is left.
func (a *Agent) Close() {
	a.end()
	a.work.Wait()
	a.client.CloseIdleConnections()
}

// State returns what the page shows.
func (a *Agent) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.machine.State(time.Now())
}

// Configure saves a configuration and applies it at once. An empty key keeps the
// one that there is.
func (a *Agent) Configure(c Config) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Key == "" {
		c.Key = a.machine.config.Key
	}
	if err := c.Check(); err != nil {
		return err
	}
	if a.options.Save != "" {
		if err := Save(a.options.Save, c); err != nil {
			return fmt.Errorf("the configuration cannot be written: %w", err)
		}
	}
	a.machine.Configure(c)
	a.alarm()
	return nil
}

// Load reads a configuration that Save has written. A file that is missing is
// none yet.
func Load(name string) (c Config, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return Config{Period: UsualPeriod}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return Config{}, fmt.Errorf("%s is no configuration of an Agent: %w", name, err)
	}
	return c, nil
}

// Save writes a configuration, whole or not at all.
func Save(name string, c Config) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".agent-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its name
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func (a *Agent) alarm() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// loop polls when the machine says so.
func (a *Agent) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-a.wake:
		case <-timer.C:
		}
		now := time.Now()
		a.mu.Lock()
		next := a.machine.Next(now)
		due := !next.IsZero() && !next.After(now)
		if due {
			c := a.machine.Begin(now)
			a.work.Go(func() { a.poll(c) })
		}
		a.mu.Unlock()
		switch {
		case due || next.IsZero():
			timer.Reset(math.MaxInt64)
		default:
			timer.Reset(time.Until(next))
		}
	}
}

// poll fetches the list and has it worked off.
func (a *Agent) poll(c Config) {
	began := time.Now()
	body, date, why := a.fetch(c)
	now := time.Now()
	a.mu.Lock()
	var record role.Record
	if why != "" {
		record = a.machine.Failed(why)
	} else {
		record = a.machine.Fetched(now, date, body)
	}
	warning, warn := a.machine.Warn(now)
	a.mu.Unlock()
	if a.ctx.Err() != nil {
		return
	}
	record.Took = now.Sub(began)
	a.log(record)
	if warn {
		a.log(warning)
	}
	a.workOff(c)
	a.alarm()
}

// fetch asks the manager. Why says what went wrong.
func (a *Agent) fetch(c Config) (body []byte, date time.Time, why string) {
	var session [4]byte
	rand.Read(session[:]) // never fails
	name := a.nameTowards(c.Address())
	a.mu.Lock()
	a.name = name
	a.mu.Unlock()
	resp, body, err := a.ask(c, ippm.Poll, pollTimeout, ippm.PollBody{
		AgentName: name, Version: ippm.Version, Tenants: c.Tenants, SessionID: hex.EncodeToString(session[:]),
	})
	switch {
	case resp == nil:
		return nil, date, noAnswer(err)
	case resp.StatusCode != http.StatusOK:
		return nil, date, refusal(resp.StatusCode)
	case err != nil:
		return nil, date, "truncated: the manager's answer ends early"
	case len(body) > mostList:
		return nil, date, "the manager's answer is longer than 8 MiB"
	}
	date, _ = http.ParseTime(resp.Header.Get("Date"))
	return body, date, ""
}

// refusal says what a status of the manager means (DM-WIRE-3).
func refusal(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "the manager refuses the service key (401): copy it from its page"
	case http.StatusForbidden:
		return "the manager does not know a tenant, or the tenant has no Agent (403)"
	case http.StatusConflict:
		return "Agents are not enabled at the manager (409)"
	}
	return fmt.Sprintf("the manager answers %d", status)
}

// noAnswer says why there was no answer, without the bytes of one.
func noAnswer(err error) string {
	var slow net.Error
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &slow) && slow.Timeout():
		return "no answer from the manager in 30 s"
	case errors.As(err, &cert):
		return "the manager's certificate is not trusted: give its authority by --ca"
	case errors.As(err, new(*net.OpError)):
		return "no connection to the manager"
	}
	return "the manager's answer is not HTTP over TLS"
}

// ask sends an object to the manager and returns the whole answer.
func (a *Agent) ask(c Config, path string, limit time.Duration, object any) (*http.Response, []byte, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(a.ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+c.Address()+path, bytes.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	req.GetBody = nil // asked once: the answer may have been a list
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(ippm.KeyHeader, c.Key)
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostList+1))
	return resp, body, err
}

// nameTowards returns the Agent's name: its host and its address towards the
// manager (AG-ID-1).
func (a *Agent) nameTowards(manager string) string {
	from := "0.0.0.0"
	if conn, err := ippm.Dialer(a.options.From)(a.ctx, "udp", manager); err == nil { // nothing is sent
		from, _, _ = net.SplitHostPort(conn.LocalAddr().String())
		conn.Close()
	}
	return ippm.AgentName(a.options.Host, from)
}

// workOff begins what can begin.
func (a *Agent) workOff(c Config) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.ctx.Err() == nil {
		r, expired, ok := a.machine.Take(time.Now())
		if !ok {
			return
		}
		a.work.Go(func() { a.carryOut(c, r, expired) })
	}
}

// carryOut does one request at its phone, and tells the manager.
func (a *Agent) carryOut(c Config, r ippm.Request, expired bool) {
	began := time.Now()
	result, why := ippm.Expired, ""
	switch {
	case mathrand.Float64() < a.options.Fault.LoseActions:
		result, why = "", "the fault loses it"
	case !expired:
		result, why = a.caller.Do(a.ctx, r)
	}
	if a.ctx.Err() != nil {
		return
	}
	record := role.Record{Event: "action", Outcome: result, Took: time.Since(began), Note: strings.TrimSuffix(r.Name+" at "+r.IP+", "+why, ", ")}
	record.Device = deviceOf(r)
	a.log(record)
	a.mu.Lock()
	a.machine.Done(r)
	name := a.name
	a.mu.Unlock()
	a.workOff(c)
	if result == "" || mathrand.Float64() < a.options.Fault.LoseReports {
		return
	}
	resp, _, err := a.ask(c, ippm.Report, reportTimeout, ippm.ReportBody{AgentName: name, ID: r.ID, Name: r.Name, IP: r.IP, Result: result})
	if err != nil || resp.StatusCode != http.StatusOK {
		a.log(role.Record{Event: "report.lost", Device: record.Device, Note: r.Name})
	}
}

func (a *Agent) log(r role.Record) {
	r.Wall = time.Now()
	a.options.Log.Add(r)
}
