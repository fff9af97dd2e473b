package tunnel

import (
	"time"

	"provsim/internal/splitmix"
	"provsim/resync"
)

// State is where a device's tunnel is.
type State uint8

// The states of a tunnel. The device is authenticated while it connects.
const (
	Off        State = iota // the device has no power
	Waiting                 // until the next attempt
	Connecting              // the upgrade is under way
	Open
)

// String returns the state's word.
func (s State) String() string { return [...]string{"off", "waiting", "connecting", "open"}[s] }

// Outcome is how an attempt or a tunnel ended (the specification's section 8).
type Outcome string

// The outcomes of attempts, and those of tunnels.
const (
	Opened       Outcome = "open"
	NoName       Outcome = "dns"
	Refused      Outcome = "refused"
	Unreachable  Outcome = "unreachable"
	Timeout      Outcome = "timeout"
	Untrusted    Outcome = "tls-untrusted"
	WrongName    Outcome = "tls-name"
	TLS          Outcome = "tls" // any other end of the handshake
	Unauthorized Outcome = "unauthorized"
	Status       Outcome = "http-status"
	BadUpgrade   Outcome = "bad-upgrade"
	Local        Outcome = "local" // this machine had no port or descriptor left

	Closed   Outcome = "closed" // by a close code
	Lost     Outcome = "lost"   // the connection ended without one
	DeadPeer Outcome = "dead-peer"
)

// Timings of a device's tunnel (WT-LIFE-3, WT-CON-5).
const (
	LongestWait   = time.Minute
	SettledAfter  = time.Minute // a tunnel that has stood so long starts the waits anew
	ConnectTime   = 30 * time.Second
	MaxRetryAfter = 600 * time.Second
	slowStep      = 6 // the step of the waits after a refusal that will last
)

// Action is what the device does next.
type Action uint8

// The actions.
const (
	None        Action = iota
	Dial               // open a tunnel
	Close              // end the one that is open or opening, in order (WT-LIFE-1)
	Drop               // end it at once: the power is gone
	Reconfigure        // end it, and Dial at once (WT-PAR-5)
)

// Machine is the life of one device's tunnel (WT-LIFE-3). Its owner calls Wake at
// the instant of Deadline and tells it what happens; every method returns what to
// do. Instants are times since the run began.
type Machine struct {
	// Seed and Device are what the random waits depend on.
	Seed   uint64
	Device int
	// Fixed, where above 0, is the quirk reconnect=fixed: each wait takes so long.
	Fixed time.Duration

	state    State
	step     uint8  // k of the next wait
	attempts uint64 // so far
	due      time.Duration
	opened   time.Duration
}

// State returns where the tunnel is.
func (m *Machine) State() State { return m.state }

// Step returns k of the next wait.
func (m *Machine) Step() int { return int(m.step) }

// Opened returns when the tunnel was opened.
func (m *Machine) Opened() time.Duration { return m.opened }

// Deadline returns when to call Wake.
func (m *Machine) Deadline() time.Duration {
	if m.state == Waiting {
		return m.due
	}
	return resync.Never
}

// PowerOn begins the life of a device that has its parameters.
func (m *Machine) PowerOn() Action {
	if m.state != Off {
		return None
	}
	m.step = 0
	return m.dial()
}

// PowerOff ends it.
func (m *Machine) PowerOff() Action { return m.end(Drop) }

// Restart ends it in order; PowerOn begins the next one.
func (m *Machine) Restart() Action { return m.end(Close) }

func (m *Machine) end(how Action) Action {
	was := m.state
	m.state = Off
	if was == Open || was == Connecting {
		return how
	}
	return None
}

// Changed says that a parameter has a new value (WT-PAR-5).
func (m *Machine) Changed() Action {
	if m.state == Off {
		return None
	}
	m.step = 0
	was := m.state
	m.dial()
	if was == Waiting {
		return Dial
	}
	return Reconfigure
}

// Wake says that the deadline has come; early and late calls are harmless.
func (m *Machine) Wake(now time.Duration) Action {
	if m.state != Waiting || now < m.due {
		return None
	}
	return m.dial()
}

func (m *Machine) dial() Action {
	m.state = Connecting
	m.attempts++
	return Dial
}

// Connected says that the attempt has opened the tunnel.
func (m *Machine) Connected(now time.Duration) {
	if m.state == Connecting {
		m.state, m.opened = Open, now
	}
}

// Ended says how the attempt failed or the tunnel ended. RetryAfter is the least
// wait that the server asked for with a 429 or 503, or 0. It returns k of the wait
// that begins.
func (m *Machine) Ended(now time.Duration, how Outcome, retryAfter time.Duration) (k int) {
	switch {
	case m.state == Open && now-m.opened >= SettledAfter:
		m.step = 0
	case m.state != Open && m.state != Connecting:
		return 0
	case how == Unauthorized || how == Untrusted || how == WrongName:
		m.step = max(m.step, slowStep)
	}
	m.state = Waiting
	m.due = now + max(m.wait(), min(retryAfter, MaxRetryAfter))
	k = int(m.step)
	m.step = min(m.step+1, slowStep)
	return k
}

// wait draws the next wait: 0 to 2^k seconds, at most a minute.
func (m *Machine) wait() time.Duration {
	if m.Fixed > 0 {
		return m.Fixed
	}
	random := splitmix.Mix(splitmix.Mix(splitmix.Mix(m.Seed)^uint64(m.Device)) ^ m.attempts)
	return resync.Uniform(random, min(LongestWait, time.Second<<m.step))
}
