package fleet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/tally"
)

// ReadJournals reads the journals of a run that has ended, one of each shard, and
// adds its devices to a page that shows the results already. A file is read
// twice, as it does not begin with a list of the devices. What a journal does not tell,
// such as a power cut, does not show.
func (p *Page) ReadJournals(ctx context.Context, files ...string) error {
	all := saved{index: map[device.MAC]int{}}
	if err := each(ctx, files, all.meet); err != nil {
		return err
	}
	all.lineUp()
	t := tally.New(tally.Config{Devices: all.Len(), Index: all.Index})
	d := newRecordRing(all.Len())
	err := each(ctx, files, func(r *journal.Record) error {
		d.add(all.Index(r.Device), r)
		return t.Add(r)
	})
	if err != nil {
		return err
	}
	v := *p.seen.Load()
	p.devices.Store(&recorded{&all, d})
	p.seen.Store(newView(v.now, v.until, v.results, t))
	return nil
}

// each calls f with every record of the files.
func each(ctx context.Context, files []string, f func(*journal.Record) error) error {
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		for r, err := range journal.Read(file) {
			if err == nil {
				err = f(&r)
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// saved is the inventory of a saved journal: the devices in the order of their
// addresses. Their sites are not known.
type saved struct {
	macs  []device.MAC
	index map[device.MAC]int
}

func (s *saved) meet(r *journal.Record) error {
	if _, known := s.index[r.Device]; !known {
		if len(s.macs) == fleet.MaxDevices {
			return fmt.Errorf("found more than %d devices, want the journal of a run", fleet.MaxDevices)
		}
		s.index[r.Device] = 0
		s.macs = append(s.macs, r.Device)
	}
	return nil
}

func (s *saved) lineUp() {
	slices.SortFunc(s.macs, func(a, b device.MAC) int { return bytes.Compare(a[:], b[:]) })
	for i, mac := range s.macs {
		s.index[mac] = i
	}
}

func (s *saved) Len() int               { return len(s.macs) }
func (s *saved) MAC(i int) device.MAC   { return s.macs[i] }
func (s *saved) Index(m device.MAC) int { return s.index[m] }
func (s *saved) Number(i int) int       { return i }
func (s *saved) Site(int) (string, int) { return "", 0 }
func (s *saved) Sites() []string        { return nil }
