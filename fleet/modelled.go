package fleet

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/fetch/model"
	"provsim/internal/run"
	"provsim/resync"
)

// modelled is the modelled server as a network of run.
type modelled struct {
	config model.Config
	server *model.Server
	files  *files
	lineup *lineup
	paths  []model.Path // by kind of site

	request model.Request // of the transfer that starts
	slots   []slot        // transfers that the model wants to hear of again
	free    []uint64
	latest  []int32 // by device: 1 more than the slot that it used last
	failed  map[model.Fate]*device.Reply
}

// slot is a transfer between two calls of the model.
type slot struct {
	request model.Request
	file    *device.Reply
	gone    bool // the device has given it up
}

func newModelled(f *files, l *lineup) (*modelled, error) {
	config := f.Scenario.config()
	server, err := model.New(config)
	if err != nil {
		return nil, err
	}
	m := &modelled{config: config, server: server, files: f, lineup: l, latest: make([]int32, f.Devices), failed: map[model.Fate]*device.Reply{}}
	for _, p := range f.places {
		m.paths = append(m.paths, model.Path{Loss: float64(p.Loss), Delay: p.Delay, Rate: int64(p.Rate / 8)})
	}
	return m, nil
}

// Start asks the model what becomes of a transfer.
func (m *modelled) Start(now time.Duration, req *device.Request, d run.Delivery) {
	n := m.lineup.who(d.Device())
	file, answer := m.files.find(now, n, req)
	kind := m.files.kindOf(n)
	at := &m.files.places[kind]
	r := &m.request
	r.Device, r.Cycle, r.Source, r.Job = uint32(n), d.Transfer(), uint32(at.site(n)), req.Job
	r.Scheme, r.Answer, r.Timeout, r.BlockSize, r.Window = req.Scheme, answer, req.Timeout, req.TFTP.BlockSize, req.TFTP.WindowSize
	r.Size, r.Path, r.Progress = 0, nil, model.Progress{}
	if file != nil {
		r.Size = file.Bytes
	}
	if p := &m.paths[kind]; *p != (model.Path{}) {
		r.Path = p
	}
	if req.Scheme == "https" && at.Clock.Abs() > certificateMargin && !req.TLS.AnyChain {
		r.Answer = resync.TLSUntrusted
	}
	m.arrive(now, r, file, d)
}

// Wake goes on with a transfer.
func (m *modelled) Wake(now time.Duration, d run.Delivery, tag uint64) {
	s := m.slots[tag]
	m.slots[tag] = slot{}
	m.free = append(m.free, tag)
	if !s.gone {
		m.arrive(now, &s.request, s.file, d)
	}
}

// Cancel forgets a transfer.
func (m *modelled) Cancel(_ time.Duration, d run.Delivery) {
	i := m.latest[d.Device()] - 1
	if i < 0 {
		return
	}
	// The slot may be another transfer's by now.
	if s := &m.slots[i]; s.request.Device == uint32(m.lineup.who(d.Device())) && s.request.Cycle == d.Transfer() {
		s.gone = true
	}
}

func (m *modelled) arrive(now time.Duration, r *model.Request, file *device.Reply, d run.Delivery) {
	fate := m.server.Arrive(now, r)
	if fate.Done {
		d.After(fate.After, m.reply(r, &fate, file))
		return
	}
	tag := uint64(len(m.slots))
	if last := len(m.free) - 1; last >= 0 {
		tag, m.free = m.free[last], m.free[:last]
	} else {
		m.slots = append(m.slots, slot{})
	}
	m.slots[tag] = slot{request: *r, file: file}
	m.latest[d.Device()] = int32(tag) + 1
	d.Wake(fate.After, tag)
}

// maxFailed is how many replies are kept to be given again.
const maxFailed = 1000

// reply returns what the device gets. Equal ones are shared.
func (m *modelled) reply(r *model.Request, fate *model.Fate, file *device.Reply) *device.Reply {
	if fate.Outcome == resync.None && fate.Tries == 0 {
		return file
	}
	if fate.Outcome == resync.None {
		whole := *file
		whole.Tries = int(fate.Tries)
		return &whole
	}
	key := *fate
	key.After = 0
	if known, ok := m.failed[key]; ok {
		return known
	}
	failure := &device.Reply{Outcome: fate.Outcome, Bytes: fate.Bytes, Status: int(fate.Status), Tries: int(fate.Tries), Note: note(r, fate)}
	if len(m.failed) < maxFailed {
		m.failed[key] = failure
	}
	return failure
}

// note says what the journal should know of a failure.
func note(r *model.Request, fate *model.Fate) string {
	switch {
	case fate.Status != 0:
		return fmt.Sprintf("HTTP status %d, %v", fate.Status, fate.Why)
	case fate.Outcome != r.Answer:
		return fate.Why.String()
	case r.Answer == resync.TLSUntrusted:
		return "by the device's clock the server's certificate is out of date"
	}
	return "the server has no such file"
}
