package fleet

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/internal/fetch/model"
	"provsim/internal/run"
	"provsim/internal/tally"
	"provsim/resync"
)

// modelled is the modelled server as a network of run.
type modelled struct {
	config  model.Config
	server  *model.Server
	files   *fileServer
	service *redirection
	hidden  *hidden // or nil: the files are not behind a gateway
	devices *inventory.Inventory
	paths   []model.Path // by kind of site

	request model.Request     // of the transfer that starts or goes on; its memory is used again
	slots   []*[fewSlots]slot // transfers that the model wants to hear of again
	free    []uint32          // slots that nothing uses
	latest  []int32           // by device: 1 more than the slot that it used last
	failed  map[model.Result]*device.Reply
}

// slot is a transfer between two calls of the model. Its size is that of two lines of a
// processor's memory.
type slot struct {
	request model.Request
	file    *device.Reply
	gone    bool // the device has given it up
}

func newModelled(devices *inventory.Inventory) (*modelled, error) {
	files, err := newFileServer(devices)
	if err != nil {
		return nil, err
	}
	config := devices.Scenario.Model()
	server, err := model.New(config)
	if err != nil {
		return nil, err
	}
	m := &modelled{
		config: config, server: server, files: files, devices: devices, service: newRedirection(devices),
		latest: make([]int32, devices.Len()), failed: map[model.Result]*device.Reply{},
	}
	for _, p := range devices.Places() {
		m.paths = append(m.paths, model.Path{Loss: float64(p.Loss), Delay: p.Delay, Rate: int64(p.Rate / 8)})
	}
	return m, nil
}

// certificateMargin is how far off a clock may be for a server's certificate to
// look good: half of the year that one is commonly issued for.
const certificateMargin = 183 * 24 * time.Hour

// Start asks the model what becomes of a transfer.
func (m *modelled) Start(now time.Duration, req *device.Request, d run.Delivery) {
	file, answer := m.files.find(now, d.Device(), req)
	if m.hidden != nil && !m.hidden.has(now, req) {
		file, answer = nil, resync.NotFound
	}
	place, site := m.devices.Place(d.Device())
	r := &m.request
	r.Device, r.Cycle, r.Source, r.Class = uint32(m.devices.Number(d.Device())), d.Transfer(), uint32(site), req.Class
	r.Scheme, r.Answer, r.Timeout, r.BlockSize, r.Window = req.Scheme, answer, req.Timeout, req.TFTP.BlockSize, req.TFTP.WindowSize
	r.Size, r.Path = 0, nil
	r.Progress = model.Progress{}
	if file != nil {
		r.Size = file.Bytes
	}
	if p := &m.paths[place.Kind]; *p != (model.Path{}) {
		r.Path = p
	}
	if req.Scheme == "https" && place.Clock.Abs() > certificateMargin && !req.TLS.AnyChain {
		r.Answer = resync.TLSUntrusted
	} else if answer := m.service.answer(req, d.Device()); answer != nil {
		d.After(m.trips(req.Scheme, r.Path), answer)
		return
	}
	m.arrive(now, r, file, d)
}

// Wake goes on with a transfer.
func (m *modelled) Wake(now time.Duration, d run.Delivery, tag uint64) {
	s := m.slot(tag)
	if s.gone {
		m.release(tag)
		return
	}
	result := m.server.Arrive(now, &s.request)
	if !result.Done {
		d.Wake(result.After, tag)
		return
	}
	reply := m.reply(&s.request, result, s.file)
	m.release(tag)
	d.After(result.After, reply)
}

// Cancel forgets a transfer.
func (m *modelled) Cancel(_ time.Duration, d run.Delivery) {
	i := m.latest[d.Device()] - 1
	if i < 0 {
		return
	}
	// The slot may be another transfer's by now.
	if s := m.slot(uint64(i)); s.request.Device == uint32(m.devices.Number(d.Device())) && s.request.Cycle == d.Transfer() {
		s.gone = true
	}
}

// arrive begins a transfer.
func (m *modelled) arrive(now time.Duration, r *model.Request, file *device.Reply, d run.Delivery) {
	result := m.server.Arrive(now, r)
	if result.Done {
		d.After(result.After, m.reply(r, result, file))
		return
	}
	last := len(m.free) - 1
	if last < 0 {
		m.grow()
		last = len(m.free) - 1
	}
	tag := uint64(m.free[last])
	m.free = m.free[:last]
	s := m.slot(tag)
	s.request = *r
	s.file = file
	m.latest[d.Device()] = int32(tag) + 1
	d.Wake(result.After, tag)
}

// fewSlots is how many slots are made at once. They stay where they are, so that no
// copy of many is made when there are too few.
const fewSlots = 1 << 10

func (m *modelled) slot(tag uint64) *slot { return &m.slots[tag/fewSlots][tag%fewSlots] }

func (m *modelled) release(tag uint64) {
	*m.slot(tag) = slot{}
	m.free = append(m.free, uint32(tag))
}

// grow makes more slots. The first of them is used first.
func (m *modelled) grow() {
	end := uint64(len(m.slots)+1) * fewSlots
	m.slots = append(m.slots, new([fewSlots]slot))
	for n := range uint64(fewSlots) {
		m.free = append(m.free, uint32(end-1-n))
	}
}

// maxFailed is how many replies are kept to be given again.
const maxFailed = 1000

// reply returns what the device gets. Equal ones are shared.
func (m *modelled) reply(r *model.Request, result *model.Result, file *device.Reply) *device.Reply {
	if result.Outcome == resync.None && result.Tries == 0 {
		return file
	}
	if result.Outcome == resync.None {
		whole := *file
		whole.Tries = int(result.Tries)
		return &whole
	}
	key := *result
	key.After = 0
	if known, ok := m.failed[key]; ok {
		return known
	}
	failure := &device.Reply{Outcome: result.Outcome, Bytes: result.Bytes, Status: int(result.Status), Tries: int(result.Tries), Note: note(r, result)}
	if len(m.failed) < maxFailed {
		m.failed[key] = failure
	}
	return failure
}

// note says what the journal should know of a failure.
func note(r *model.Request, result *model.Result) string {
	switch {
	case result.Status != 0:
		return fmt.Sprintf("HTTP status %d, %v", result.Status, result.Why)
	case result.Outcome != r.Answer:
		return result.Why.String()
	case r.Answer == resync.TLSUntrusted:
		return "by the device's clock the server's certificate is out of date"
	}
	return "the server has no such file"
}

// samples is how often at most the server's queue is looked at.
const samples = 100_000

// watchQueue notes the length of the server's queue again and again.
func watchQueue(d *run.Driver, server *model.Server, t *tally.Tally, until time.Duration) {
	every := max(time.Second, until/samples)
	var again func(time.Duration)
	again = func(now time.Duration) {
		t.Queue(now, server.Waiting(now))
		if next := now + every; next < until {
			d.Do(next, again)
		}
	}
	d.Do(0, again)
}

// served returns what reports say about the server: its web half and its
// TFTP half together, for a scenario rarely uses both.
func served(c *model.Config, s *model.Stats) tally.ModelledServer {
	m := tally.ModelledServer{
		Workers: c.HTTP.Workers,
		Served:  uint64(s.Answered),
		Refused: uint64(s.Refused + s.HTTPStatus),
		Dropped: uint64(s.HTTP.Full + s.TFTP.Dropped), TimedOut: uint64(s.Timeouts),
		Wasted: uint64(s.HTTP.Wasted + s.TFTP.Wasted),
		Buffer: c.HTTP.Queue, PeakQueue: s.HTTP.MaxWaiting,
		Busy: tally.Seconds(time.Duration((s.HTTP.BusySeconds + s.TFTP.BusySeconds) * float64(time.Second))),
	}
	if s.TFTP.Served > s.HTTP.Served {
		m.Workers, m.Buffer, m.BufferNeeded, m.PeakQueue = 1, c.TFTP.Buffer, s.TFTP.Enough, s.TFTP.MaxWaiting
	}
	return m
}
