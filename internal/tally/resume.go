package tally

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"provsim/device"
	"provsim/resync"
)

// kept is a tally of a run that is to go on in another process.
type kept struct {
	Totals     *Totals                      `json:"totals"`
	Curves     []byte                       `json:"curves"`          // as WriteCurves writes them
	Sites      []byte                       `json:"sites,omitempty"` // as WriteSites does
	Histograms map[string][]byte            `json:"histograms"`      // in HdrHistogram's compressed form, by name
	Phones     []byte                       `json:"phones"`
	At         time.Duration                `json:"at"`
	PowerWave  uint16                       `json:"power_wave"`
	OutageWave uint16                       `json:"outage_wave"`
	Resyncs    uint64                       `json:"resyncs"`
	Replies    map[device.MAC]time.Duration `json:"replies,omitempty"` // as journal.Transfers keeps them
}

// MarshalBinary returns all that [Tally.Resume] needs. It takes a while, so it is
// for a [Tally.Copy] where t goes on.
func (t *Tally) MarshalBinary() ([]byte, error) {
	k := kept{
		Totals: &t.totals, Histograms: map[string][]byte{}, Phones: make([]byte, 0, 10*len(t.phones)),
		At: t.at, PowerWave: t.powerWave, OutageWave: t.outageWave, Resyncs: t.resyncs, Replies: t.transfers.Last(),
	}
	var text bytes.Buffer
	if err := t.totals.WriteCurves(&text); err != nil {
		return nil, err
	}
	k.Curves = bytes.Clone(text.Bytes())
	if t.totals.Sites() > 0 {
		text.Reset()
		if err := t.totals.WriteSites(&text); err != nil {
			return nil, err
		}
		k.Sites = text.Bytes()
	}
	for name, h := range t.totals.Histograms() {
		form, err := h.hdr.Encode()
		if err != nil {
			return nil, fmt.Errorf("histogram %q: %w", name, err)
		}
		k.Histograms[name] = form
	}
	for i := range t.phones {
		k.Phones = t.phones[i].append(k.Phones)
	}
	return json.Marshal(k)
}

func (p *phone) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(p.since))
	b = binary.AppendUvarint(b, uint64(p.power))
	b = binary.AppendUvarint(b, uint64(p.wave))
	return append(b, byte(p.outcome), byte(p.state), p.flags)
}

// Resume makes t, which is new, go on from what MarshalBinary of a tally with the
// same configuration has returned. The duration may be another. The error says what
// is wrong, and leaves t as it was.
func (t *Tally) Resume(form []byte) error {
	var k kept
	if err := json.Unmarshal(form, &k); err != nil {
		return fmt.Errorf("kept counts: %w", err)
	}
	next := Tally{config: t.config, at: k.At, powerWave: k.PowerWave, outageWave: k.OutageWave, resyncs: k.Resyncs}
	if err := next.resume(&k, &t.totals); err != nil {
		return fmt.Errorf("kept counts: %w", err)
	}
	next.transfers.Resume(k.Replies)
	*t = next
	return nil
}

// resume takes over the counts, given those of a new tally.
func (t *Tally) resume(k *kept, fresh *Totals) error {
	switch {
	case k.Totals == nil:
		return fmt.Errorf("found none, want those of a run")
	case k.Totals.Devices != fresh.Devices:
		return fmt.Errorf("found %d devices, want %d", k.Totals.Devices, fresh.Devices)
	case !sameProducts(k.Totals.Products, fresh.Products):
		return fmt.Errorf("found %d products, want %d, or found other ones", len(k.Totals.Products), len(fresh.Products))
	case k.At < 0 || k.At > MaxDuration:
		return fmt.Errorf("found the instant %v, want 0 to %v", k.At, MaxDuration)
	}
	if err := k.Totals.Check(); err != nil {
		return err
	}
	t.totals = *k.Totals
	t.totals.planned, t.totals.sites = fresh.planned, fresh.sites
	if err := t.totals.ReadCurves(bytes.NewReader(k.Curves)); err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	if fresh.Sites() > 0 {
		if err := t.totals.ReadSites(bytes.NewReader(k.Sites)); err != nil {
			return fmt.Errorf("sites: %w", err)
		}
		t.totals.sites.fit(&fresh.sites)
		if err := t.totals.sites.checkMerge(&fresh.sites); err != nil {
			return err
		}
	}
	for name, form := range k.Histograms {
		hdr, err := hdrhistogram.Decode(form)
		if err == nil {
			err = t.totals.SetHistogram(name, hdr)
		}
		if err != nil {
			return fmt.Errorf("histogram %q: %w", name, err)
		}
	}
	if max(int(k.PowerWave), int(k.OutageWave)) >= len(t.totals.Waves) {
		return fmt.Errorf("found the waves %d and %d, want less than %d", k.PowerWave, k.OutageWave, len(t.totals.Waves))
	}
	return t.readPhones(k.Phones)
}

func (t *Tally) readPhones(b []byte) error {
	t.phones = make([]phone, t.totals.Devices)
	for i := range t.phones {
		p := &t.phones[i]
		var numbers [3]uint64 // since, power, wave
		rest := 0
		for j := range numbers {
			n := 0
			if numbers[j], n = binary.Uvarint(b[rest:]); n <= 0 {
				return fmt.Errorf("device %d: found no more bytes, want what it does", i)
			}
			rest += n
		}
		if len(b) < rest+3 {
			return fmt.Errorf("device %d: found no more bytes, want what it does", i)
		}
		since, power, wave := numbers[0], numbers[1], numbers[2]
		p.outcome, p.state, p.flags = resync.Outcome(b[rest]), State(b[rest+1]), b[rest+2]
		if max(since, power) > uint64(MaxDuration) || wave >= uint64(len(t.totals.Waves)) || int(p.outcome) >= numOutcomes || int(p.state) >= NumStates || p.flags > allFlags {
			return fmt.Errorf("device %d: found what no device does", i)
		}
		p.since, p.power, p.wave = time.Duration(since), time.Duration(power), uint16(wave)
		t.states[p.state]++
		if p.flags&provisioned != 0 {
			t.provisioned++
		}
		b = b[rest+3:]
	}
	if len(b) > 0 {
		return fmt.Errorf("found %d bytes behind the devices, want none", len(b))
	}
	return nil
}
