// Package replay plays a scenario that was learnt, and learns from the log that its
// modelled server would keep, as from a real one.
package replay

import (
	"net/url"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/internal/journal"
	"provsim/internal/learn/logs"
	"provsim/resync"
)

// Sink turns the journal of a run into the entries that a server's log has of it: one
// for each transfer that the server has answered.
type Sink struct {
	Devices *inventory.Inventory
	Begin   time.Time // of the run
	Take    func(*logs.Entry)

	agents map[int]string
	paths  map[string]string
}

// Add takes a record.
func (s *Sink) Add(r *journal.Record) error {
	switch r.Kind {
	case device.Transferred, device.ResyncDone, device.UpgradeDone, device.KeepAliveDone:
	default:
		return nil
	}
	e := logs.Entry{Kind: logs.Web, Method: []byte("GET"), Status: status(r), Size: r.Bytes, Took: r.Took.Microseconds(), Fine: true}
	if r.URL == "" || e.Status == 0 {
		return nil
	}
	i := int(r.Number)
	if s.agents == nil {
		s.agents, s.paths = map[int]string{}, map[string]string{}
	}
	path, ok := s.paths[r.URL]
	if !ok {
		u, err := url.Parse(r.URL)
		if err != nil {
			return nil
		}
		if path = u.Path; u.Scheme == "tftp" {
			path = "tftp:" + path
		}
		const most = 100_000
		if len(s.paths) > most {
			clear(s.paths)
		}
		s.paths[r.URL] = path
	}
	e.Path = []byte(path)
	if len(path) > 5 && path[:5] == "tftp:" {
		e.Kind, e.Path, e.Took = logs.TFTP, e.Path[5:], -1
	} else {
		agent, ok := s.agents[i]
		if !ok {
			id := s.Devices.Identity(i)
			agent = s.Devices.ModelOf(i).Personality.Agent(id)
			s.agents[i] = agent
		}
		e.Agent = []byte(agent)
	}
	switch r.Method {
	case device.Write, device.Post:
		e.Method = []byte("PUT")
	case device.Head:
		e.Method = []byte("HEAD")
	}
	e.Address = []byte(s.Devices.Lease(i).Addr.String())
	e.At = s.Begin.Add(r.T - r.Took).UnixMicro()
	if e.Took >= 0 { // servers do not see the way there and back, of the connection and of the request
		e.Took = max(0, e.Took-2*s.Devices.Scenario.Server.RoundTrip.Microseconds())
	}
	s.Take(&e)
	return nil
}

// status is what a server's log has of a transfer; 0: nothing.
func status(r *journal.Record) int {
	switch {
	case r.Status != 0:
		return r.Status
	case r.Outcome == resync.NotFound || r.Expected:
		return 404
	case r.Bytes > 0 || r.Outcome.Success():
		return 200
	}
	switch r.Outcome {
	case resync.None, resync.Corrupt, resync.Empty, resync.BadKey, resync.BadImage, resync.WrongModel, resync.Include, resync.Partial:
		return 200
	}
	return 0
}
