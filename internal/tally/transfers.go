package tally

import (
	"encoding/json"
	"fmt"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// numClasses is the size of tables that are indexed by [device.Class].
const numClasses = int(device.StatusClass) + 1

// transfers are what is counted of the transfers of a class.
type transfers struct {
	outcomes [numOutcomes]uint64 // None: the job went on
	missed   uint64              // of those that failed: as expected
	bytes    uint64
}

// Requests sums up the transfers of a class.
type Requests struct {
	Class    device.Class      `json:"class"`
	Count    uint64            `json:"count"`
	Missed   uint64            `json:"missed"` // failed as expected: the vendor's normal case
	Failed   uint64            `json:"failed"` // the others that failed
	Bytes    uint64            `json:"bytes"`
	Outcomes map[string]uint64 `json:"outcomes"` // by word; "went-on" where the job needed more than that transfer
}

const wentOn = "went-on"

// byClass are the transfers of a run. In files they are a list of [Requests].
type byClass [numClasses]transfers

func (b *byClass) count(t *journal.Transfer) {
	c := &b[t.Class]
	c.outcomes[t.Outcome]++
	c.bytes += uint64(t.Bytes)
	if t.Expected && t.Failed() {
		c.missed++
	}
}

func (b *byClass) merge(o *byClass) {
	for class := range b {
		for i, n := range o[class].outcomes {
			b[class].outcomes[i] += n
		}
		b[class].missed += o[class].missed
		b[class].bytes += o[class].bytes
	}
}

// Requests returns the classes of which there were transfers.
func (t *Totals) Requests() []Requests { return t.Transfers.list() }

func (b *byClass) list() []Requests {
	list := []Requests{}
	for _, class := range device.Classes() {
		c := &b[class]
		r := Requests{Class: class, Missed: c.missed, Bytes: c.bytes, Outcomes: map[string]uint64{}}
		for i, n := range c.outcomes {
			outcome := resync.Outcome(i)
			if n == 0 {
				continue
			}
			r.Count += n
			if outcome == resync.None {
				r.Outcomes[wentOn] = n
				continue
			}
			r.Outcomes[outcome.String()] = n
			if !outcome.Success() {
				r.Failed += n
			}
		}
		if r.Failed -= min(r.Failed, c.missed); r.Count > 0 {
			list = append(list, r)
		}
	}
	return list
}

// MarshalJSON writes the list.
func (b byClass) MarshalJSON() ([]byte, error) { return json.Marshal(b.list()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (b *byClass) UnmarshalJSON(text []byte) error {
	var list []Requests
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*b = byClass{}
	for _, r := range list {
		c := &b[r.Class]
		c.missed, c.bytes = r.Missed, r.Bytes
		for word, n := range r.Outcomes {
			outcome := resync.None
			if word != wentOn {
				if err := outcome.UnmarshalText([]byte(word)); err != nil {
					return fmt.Errorf("transfers of class %v: %w", r.Class, err)
				}
			}
			c.outcomes[outcome] = n
		}
	}
	return nil
}

// missed returns how many transfers failed as expected, and how many there were.
func (t *Totals) missed() (missed, all uint64) {
	for _, r := range t.Requests() {
		missed, all = missed+r.Missed, all+r.Count
	}
	return missed, all
}
