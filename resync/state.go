package resync

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Interrupted returns the machine as it goes on after the program was stopped: a
// job that runs, or has brought something that is not stored yet, is due again at
// the instant now, and what it has brought is lost. A job of Occupy is forgotten.
// Leased says whether the device has an address, which a machine that waits to store
// does not know.
func (m *Machine) Interrupted(now time.Duration, leased bool) Machine {
	next := *m
	if m.phase == holding {
		next.phase = booted
		if leased {
			next.phase = online
		}
	}
	if i := m.slot(m.job); i >= 0 && m.bits&occupied == 0 {
		next.timers[i].at, next.timers[i].due = now, true // its cause is still there
	}
	next.job = NoJob
	next.bits &^= occupied
	return next
}

// Resume gives a machine that was read by UnmarshalBinary the settings that are
// in force since its latest boot.
func (m *Machine) Resume(set *Settings) { m.set = set }

// stateVersion is the first byte of a machine's binary form.
const stateVersion = 2

// Flags of a timer in the binary form, beside its cause and its failures.
const (
	timerSet  = 1 << iota // it has an instant, which follows
	timerDue              // the instant has passed
	timerHeld             // and Hold was said
	timerAll  = 1<<iota - 1
)

// AppendBinary appends all of the machine but its settings. The error is always
// nil.
func (m *Machine) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateVersion, byte(m.phase))
	if m.phase == off {
		return b, nil
	}
	b = append(b, byte(m.job), byte(m.bits))
	b = binary.AppendUvarint(b, uint64(m.idleAt))
	return m.timers[1].append(m.timers[0].append(b)), nil
}

// MarshalBinary returns what AppendBinary appends.
func (m *Machine) MarshalBinary() ([]byte, error) { return m.AppendBinary(nil) }

func (t *timer) append(b []byte) []byte {
	flags := byte(0)
	if t.at != Never {
		flags |= timerSet
	}
	if t.due {
		flags |= timerDue
	}
	if t.held {
		flags |= timerHeld
	}
	b = append(b, flags, byte(t.cause), t.fails, t.oks)
	if t.at != Never {
		b = binary.AppendUvarint(b, uint64(t.at))
	}
	return b
}

// UnmarshalBinary reads what AppendBinary wrote. A machine of a device with power is
// used only after Resume. The error says what cannot be a machine.
func (m *Machine) UnmarshalBinary(b []byte) error {
	r := stateReader{rest: b}
	if v := r.byte(); r.err == nil && v != stateVersion {
		return fmt.Errorf("resync machine: found version %d, want %d", v, stateVersion)
	}
	next := Machine{phase: phase(r.byte())}
	if next.phase != off {
		next.job, next.bits = Job(r.byte()), bits8(r.byte())
		next.idleAt = r.instant()
		next.timers = [2]timer{r.timer(), r.timer()}
	}
	switch {
	case r.err != nil:
		return fmt.Errorf("resync machine: %w", r.err)
	case len(r.rest) > 0:
		return fmt.Errorf("resync machine: found %d bytes behind it, want none", len(r.rest))
	case next.phase > holding || int(next.job) >= len(jobWords) || next.job == DHCP || next.bits > allBits:
		return fmt.Errorf("resync machine: found phase %d, job %d and bits %d, want at most %d, %d and %d",
			next.phase, next.job, next.bits, holding, KeepAlive, allBits)
	case next.phase == holding && next.job == NoJob:
		return errors.New("resync machine: found nothing that waits to be stored, want a job")
	}
	*m = next
	return nil
}

// stateReader takes a machine's binary form apart. After its first error it
// returns zeros.
type stateReader struct {
	rest []byte
	err  error
}

func (r *stateReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail(errors.New("found its end too early"))
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *stateReader) instant() time.Duration {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n >= uint64(Never) {
		r.fail(errors.New("found no instant, want one from 0 on"))
		return 0
	}
	r.rest = r.rest[size:]
	return time.Duration(n)
}

func (r *stateReader) timer() timer {
	flags := r.byte()
	t := timer{at: Never, due: flags&timerDue != 0, held: flags&timerHeld != 0}
	t.cause, t.fails, t.oks = Cause(r.byte()), r.byte(), r.byte()
	if flags&timerSet != 0 {
		t.at = r.instant()
	}
	if flags > timerAll || int(t.cause) >= len(causeWords) || t.at == Never && t.due || !t.due && t.held {
		r.fail(fmt.Errorf("found a timer with flags %d and cause %d, want one of a machine", flags, t.cause))
	}
	return t
}

func (r *stateReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
