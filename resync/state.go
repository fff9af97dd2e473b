package resync

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Interrupted returns the machine as it goes on after the program was stopped: a
// job that runs, or has brought something that is not stored yet, is due anew at
// the instant now. Leased says whether the device has an address; a machine that
// waits to store something has forgotten.
func (m *Machine) Interrupted(now time.Duration, leased bool) Machine {
	next := *m
	if m.phase == holding {
		next.phase = booted
		if leased {
			next.phase = online
		}
	}
	switch m.job {
	case Resync:
		next.resync.at, next.resync.due = now, true // its cause is still there
	case Upgrade:
		next.upgrade.at, next.upgrade.due = now, true
	}
	next.job = NoJob
	return next
}

// Resume gives a machine that was read by UnmarshalBinary the settings that are
// in force since its latest boot.
func (m *Machine) Resume(set *Settings) { m.set = set }

// stateVersion is the first byte of a machine's binary form.
const stateVersion = 1

// What the binary form says of a timer beside its cause and its failures.
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
	b = append(b, byte(m.job), byte(m.bits), m.fails, m.oks)
	b = binary.AppendUvarint(b, uint64(m.idleAt))
	return m.upgrade.append(m.resync.append(b)), nil
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
	b = append(b, flags, byte(t.cause), t.fails)
	if t.at != Never {
		b = binary.AppendUvarint(b, uint64(t.at))
	}
	return b
}

// UnmarshalBinary reads what AppendBinary wrote. Unless it is a machine of a
// device without power it is not used before Resume. The error says what no
// machine is like.
func (m *Machine) UnmarshalBinary(b []byte) error {
	r := stateReader{rest: b}
	if v := r.byte(); r.err == nil && v != stateVersion {
		return fmt.Errorf("resync machine: found version %d, want %d", v, stateVersion)
	}
	next := Machine{phase: phase(r.byte())}
	if next.phase != off {
		next.job, next.bits = Job(r.byte()), bits8(r.byte())
		next.fails, next.oks = r.byte(), r.byte()
		next.idleAt = r.instant()
		next.resync, next.upgrade = r.timer(), r.timer()
	}
	switch {
	case r.err != nil:
		return fmt.Errorf("resync machine: %w", r.err)
	case len(r.rest) > 0:
		return fmt.Errorf("resync machine: found %d bytes behind it, want none", len(r.rest))
	case next.phase > holding || next.job > Upgrade || next.bits >= wasOnline<<1:
		return fmt.Errorf("resync machine: found phase %d, job %d and bits %d, want at most %d, %d and %d",
			next.phase, next.job, next.bits, holding, Upgrade, wasOnline<<1-1)
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
	t.cause, t.fails = Cause(r.byte()), r.byte()
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
