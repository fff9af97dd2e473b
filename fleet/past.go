package fleet

import "time"

// past is what has happened of a run that goes on where it was stopped. A nil past
// is that of a run that begins: nothing has.
type past struct {
	until  time.Duration   // where the run was stopped
	oldest time.Duration   // the least of frozen
	frozen []time.Duration // by device: up to where its state tells what has happened
}

// has reports whether what happens to a device at an instant has happened.
func (p *past) has(i int, at time.Duration) bool { return p != nil && at <= p.frozen[i] }

// over reports whether what ends at an instant has happened to all devices.
func (p *past) over(at time.Duration) bool { return p != nil && at <= p.oldest }

// marked reports whether the instant of a mark is in the past.
func (p *past) marked(at time.Duration) bool { return p != nil && at <= p.until }
