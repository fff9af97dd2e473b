package client

import (
	"slices"
	"time"

	"provsim/internal/role/tunnel"
	"provsim/internal/tally"
)

// Figures are the results of a run (WT-FLT-2). They belong to the run's goroutine.
type Figures struct {
	Devices  int                    `json:"devices"`
	Duration time.Duration          `json:"duration_ns"`
	Open     int                    `json:"open"` // at the end
	Peak     int                    `json:"peak"` // connects in a second
	Tries    int                    `json:"tries"`
	Opens    int                    `json:"opens"`
	TLSFull  int                    `json:"tlsFull"`
	Resumed  int                    `json:"tlsResumed"`
	Outcomes map[tunnel.Outcome]int `json:"outcomes"` // of attempts that failed and of tunnels that ended
	Statuses map[int]int            `json:"statuses"` // of refusals over HTTP
	Codes    map[int]int            `json:"closeCodes"`
	Services []Served               `json:"services"`
	Storms   []Storm                `json:"storms"`
	Seconds  []Second               `json:"seconds"`
	Marks    []Mark                 `json:"marks,omitempty"`

	connect, roundTrip tally.Histogram
	now                Second
	isOpen             []bool
	lost               []bool // in the storm that goes on
	storm              *storm
}

// Served is the result of a service.
type Served struct {
	Name   string `json:"name"`
	Count  int    `json:"count"`
	Failed int    `json:"failed"`
	Bytes  int64  `json:"bytes"`
}

// Second is one second of a run.
type Second struct {
	Open  int `json:"open"`  // tunnels at its end
	Opens int `json:"opens"` // connects in it
	Tries int `json:"tries"`
}

// Mark is something that the scenario made happen.
type Mark struct {
	At   time.Duration `json:"at_ns"`
	Name string        `json:"name"`
}

// Storm is how devices came back that had lost their tunnels. Times are from when
// the first of them was back.
type Storm struct {
	At      time.Duration    `json:"at_ns"`   // when the first tunnel was lost
	Down    time.Duration    `json:"down_ns"` // until the first of them was back
	Devices int              `json:"devices"`
	Back    [4]time.Duration `json:"back_ns"` // 50, 90, 99 and 100 % of them
	Peak    int              `json:"peak"`    // connects in a second, from the first on
	Tries   int              `json:"tries"`
}

// Shares are those of Storm.Back.
var Shares = [4]float64{0.5, 0.9, 0.99, 1}

// storm is one that goes on.
type storm struct {
	Storm
	left  int // devices that are not back
	backs []time.Duration
}

// leastStorm is how many of the devices must have lost their tunnels.
const leastStorm = 0.1

func newFigures(devices int) *Figures {
	f := &Figures{
		Devices: devices, Outcomes: map[tunnel.Outcome]int{}, Statuses: map[int]int{}, Codes: map[int]int{},
		Services: make([]Served, tunnel.All), isOpen: make([]bool, devices), lost: make([]bool, devices),
	}
	for i := range f.Services {
		f.Services[i].Name = tunnel.Service(i).String()
	}
	return f
}

func (f *Figures) second(at time.Duration) {
	f.Duration = at
	f.now.Open = f.Open
	f.Seconds = append(f.Seconds, f.now)
	f.now = Second{}
}

func (f *Figures) mark(now time.Duration, name string) { f.Marks = append(f.Marks, Mark{now, name}) }

func (f *Figures) tried() {
	f.Tries++
	f.now.Tries++
	if f.storm != nil {
		f.storm.Tries++
	}
}

func (f *Figures) opened(now time.Duration, e Event) {
	f.Opens++
	f.now.Opens++
	f.Peak = max(f.Peak, f.now.Opens)
	f.Open++
	f.isOpen[e.Device] = true
	f.connect.Record(e.Times.Whole)
	switch {
	case e.Times.Resumed:
		f.Resumed++
	case e.Times.Secure:
		f.TLSFull++
	}
	if !f.lost[e.Device] {
		return
	}
	f.lost[e.Device] = false
	s := f.storm
	if len(s.backs) == 0 {
		s.Down = now - s.At
	}
	s.backs = append(s.backs, now-s.At-s.Down)
	if s.left--; s.left == 0 {
		f.storm = nil
		f.keep(s)
	}
}

// keep takes in a storm that is over, or that the run's end has cut.
func (f *Figures) keep(s *storm) {
	s.Devices = len(s.backs) + s.left
	if float64(s.Devices) < leastStorm*float64(f.Devices) || len(s.backs) == 0 {
		return
	}
	slices.Sort(s.backs)
	for i, share := range Shares {
		s.Back[i] = -1 // not reached
		if n := int(share*float64(s.Devices)+0.999999) - 1; n < len(s.backs) {
			s.Back[i] = s.backs[n]
		}
	}
	var in []int
	for _, back := range s.backs {
		at := int(back / time.Second)
		for len(in) <= at {
			in = append(in, 0)
		}
		in[at]++
	}
	s.Peak = slices.Max(in)
	f.Storms = append(f.Storms, s.Storm)
}

// ended counts an attempt that failed, or a tunnel that has ended by itself.
func (f *Figures) ended(now time.Duration, e Event, stood bool) {
	f.Outcomes[e.End.Outcome]++
	if e.End.Code != 0 {
		f.Codes[e.End.Code]++
	}
	if e.RoundTrip > 0 {
		f.roundTrip.Record(e.RoundTrip)
	}
	if !stood {
		if s := e.Times.Status; s != 0 && e.End.Outcome != tunnel.BadUpgrade {
			f.Statuses[s]++
		}
		return
	}
	f.off(e.Device)
	if f.storm == nil {
		f.storm = &storm{Storm: Storm{At: now}}
	}
	f.storm.left++
	f.lost[e.Device] = true
}

// off says that a device has no tunnel any more by its own doing. If it was to come
// back, it does not belong to that storm.
func (f *Figures) off(i int) {
	if f.isOpen[i] {
		f.isOpen[i] = false
		f.Open--
	}
	if f.lost[i] {
		f.lost[i] = false
		if f.storm.left--; f.storm.left == 0 {
			s := f.storm
			f.storm = nil
			f.keep(s)
		}
	}
}

func (f *Figures) served(e Event) {
	s := &f.Services[e.Service]
	s.Count++
	s.Bytes += e.Bytes
	if e.Failed {
		s.Failed++
	}
}

// Finish closes the figures at the run's end.
func (f *Figures) Finish() {
	if f.storm != nil {
		f.keep(f.storm)
		f.storm = nil
	}
}

// Connect returns how long attempts took that opened a tunnel.
func (f *Figures) Connect(q float64) time.Duration { return f.connect.Quantile(q) }

// RoundTrip returns how long pings took, by the last one of each tunnel.
func (f *Figures) RoundTrip(q float64) time.Duration { return f.roundTrip.Quantile(q) }
