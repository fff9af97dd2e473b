package fleet

import (
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/resync"
)

// files is what the modelled server has for each device at each instant.
type files struct {
	*crew
	editions []edition
	sealing  sealing
	images   map[int64]*device.Reply // by size
}

func newFiles(c *crew) (*files, error) {
	f := &files{crew: c, sealing: c.sealing(), images: map[int64]*device.Reply{}}
	var err error
	if f.editions, err = c.editions(); err != nil {
		return nil, err
	}
	for i := range f.editions {
		e := &f.editions[i]
		// An image of the size that is asked for would only be carried around: the
		// device looks at its first bytes, the tally at how many there were.
		f.images[e.image] = &device.Reply{Body: []byte("firmware"), Bytes: e.image}
		if f.sealing.shared() {
			body, err := f.sealing.file(e.config, nil, uint64(i))
			if err != nil {
				return nil, err
			}
			e.reply = &device.Reply{Body: body, Bytes: int64(len(body))}
		}
	}
	return f, nil
}

// edition returns the number of the edition that a device gets at an instant.
func (f *files) edition(now time.Duration, n int) int {
	for i := len(f.editions) - 1; i > 0; i-- {
		e := &f.editions[i]
		if now < e.at || now < e.at+e.over && now < e.at+spread(draw(f.Seed, n, drawInstant, e.occasion), e.over) {
			continue
		}
		if f.has(e.part, e.occasion, n) {
			return i
		}
	}
	return 0
}

// find returns the file that a device asks for, or why the server has none.
func (f *files) find(now time.Duration, n int, req *device.Request) (*device.Reply, resync.Outcome) {
	i := f.edition(now, n)
	e := &f.editions[i]
	switch {
	case req.Job == resync.Upgrade:
		return f.images[e.image], resync.None
	case f.Configuration.Missing > 0 && unit(draw(f.Seed, n, drawMissing, 0)) < float64(f.Configuration.Missing):
		return nil, resync.NotFound
	case e.reply != nil:
		return e.reply, resync.None
	}
	vars := flyingvoice.Personality.Vars(f.identity(n), f.lease(n))
	body, err := f.sealing.file(e.config, vars, uint64(n)<<16|uint64(i))
	if err != nil { // the sealing of the first edition would have failed too
		return nil, resync.NotFound
	}
	return &device.Reply{Body: body, Bytes: int64(len(body))}, resync.None
}
