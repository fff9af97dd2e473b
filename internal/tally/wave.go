package tally

import (
	"time"

	"provsim/internal/enum"
)

// MarkKind says what a [Mark] stands for.
type MarkKind uint8

// The kinds of mark.
const (
	Other     MarkKind = iota // something to be seen in the curves, and no wave
	Start                     // the run begins
	PowerBack                 // power comes back to devices
	OutageEnd                 // the server answers again
)

var markWords = [...]string{Other: "other", Start: "start", PowerBack: "power-back", OutageEnd: "outage-end"}

// String returns the kind's word in summary.json.
func (k MarkKind) String() string { return enum.Word(markWords[:], "mark", k) }

// MarshalText returns the kind's word.
func (k MarkKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a word that String returns.
func (k *MarkKind) UnmarshalText(text []byte) error {
	return enum.Read(markWords[:], "mark", text, k)
}

// Mark is an instant of the scenario. All shards of a run have the same marks.
type Mark struct {
	At   Seconds  `json:"at"`
	Kind MarkKind `json:"kind"`
	Name string   `json:"name"` // what the scenario calls it
	// Period is after what time the wave is expected to come back as an echo: the
	// devices' usual Resync Periodic (FV-RS-5). 0: no echo is looked for.
	Period Seconds `json:"period,omitempty"`
}

// wave is a mark and what follows it.
type wave struct {
	Mark
	// Devices is how many belong to the wave; 0 for [Other].
	Devices int `json:"devices"`

	ready Histogram // from the mark until a device is ready
}

// arrived counts a device of the wave that is ready.
func (w *wave) arrived(at time.Duration) { w.ready.Record(at - time.Duration(w.At)) }

// maxWaves is what a phone can number.
const maxWaves = 1 << 16

// Mark says that the scenario has reached a mark. Marks come in the order of
// their instants, before the records of what they bring about. A mark of kind
// [Start] takes the place of the one that [New] has made. Marks beyond the 65,536th
// are not kept.
func (t *Tally) Mark(m Mark) {
	if m.Kind == Start {
		t.totals.Waves[0].Mark = m
		return
	}
	last := len(t.totals.Waves)
	if last == maxWaves {
		return
	}
	w := wave{Mark: m}
	switch m.Kind {
	case PowerBack:
		t.powerWave = uint16(last)
	case OutageEnd:
		t.outageWave = uint16(last)
		w.Devices = t.recover()
	}
	t.totals.Waves = append(t.totals.Waves, w)
}

// recover marks the phones whose last resync was a failure, and counts them.
func (t *Tally) recover() (n int) {
	for i := range t.phones {
		p := &t.phones[i]
		p.flags &^= recovering
		if p.failed() {
			p.flags |= recovering
			n++
		}
	}
	return n
}
