package tunnel

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"provsim/internal/splitmix"
	"provsim/resync"
)

// Service is something that a device does through its tunnel (WT-SVC-2).
type Service uint8

// The services with timers, and those that answer or accompany something else.
const (
	Files Service = iota
	NTP
	Syslog
	KeepAlive
	QoE
	DebugRecording
	timed     // the number of those above
	ColdStart = timed
	Polled    = timed + 1 // an SNMP request that the device answers
	Web       = timed + 2 // a request to the device's own HTTP server
	All       = timed + 3 // the number of services
)

// String returns the service's word, as scenarios and reports have it.
func (s Service) String() string {
	return [...]string{"http", "ntp", "syslog", "keepalive", "qoe", "debug-recording", "cold-start", "snmp", "web"}[s]
}

// Pace is how often a service does something: 0 is the service's default, and
// Never switches it off. As a text it is a time, "30s", a rate, "2/s", or "off".
type Pace time.Duration

// Never is the interval of a service that is off.
const Never Pace = -1

// shortestPace keeps one device from being a flood of its own.
const shortestPace = Pace(time.Millisecond)

// longestPace is longer than any run.
const longestPace = Pace(31 * 24 * time.Hour)

// String returns the text that UnmarshalText reads.
func (p Pace) String() string {
	if p == Never {
		return "off"
	}
	return time.Duration(p).String()
}

// MarshalText returns the form of String.
func (p Pace) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a time, a rate a second, minute or hour, or "off".
func (p *Pace) UnmarshalText(text []byte) error {
	var found Pace
	number, unit, isRate := strings.Cut(string(text), "/")
	switch {
	case string(text) == "off":
		*p = Never
		return nil
	case isRate:
		units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
		rate, err := strconv.ParseFloat(number, 64)
		if err == nil && rate > 0 {
			found = Pace(float64(units[unit]) / rate)
		}
	default:
		d, err := time.ParseDuration(string(text))
		if err == nil {
			found = Pace(d)
		}
	}
	if found < shortestPace || found > longestPace {
		return fmt.Errorf("found %.40q, want a time such as 30s, a rate such as 2/s, up to 1000/s, or off", text)
	}
	*p = found
	return nil
}

// Services are the paces of a device's services (WT-SVC-4).
type Services struct {
	Files          Pace `yaml:"http"`            // default off
	NTP            Pace `yaml:"ntp"`             // default 24h
	Syslog         Pace `yaml:"syslog"`          // default off
	KeepAlive      Pace `yaml:"keepalive"`       // default 30s
	QoE            Pace `yaml:"qoe"`             // default off
	DebugRecording Pace `yaml:"debug-recording"` // default off
}

// every returns how often a service is due, 0 for one that is off.
func (s *Services) every(of Service) time.Duration {
	p := [timed]Pace{s.Files, s.NTP, s.Syslog, s.KeepAlive, s.QoE, s.DebugRecording}[of]
	defaults := [timed]Pace{NTP: Pace(24 * time.Hour), KeepAlive: Pace(30 * time.Second)}
	if p == 0 {
		p = defaults[of]
	}
	return time.Duration(max(p, 0))
}

// Clock says when a device's services are due. It begins when the device's first
// tunnel after its start is open; then it goes on, whether a tunnel is open or
// not (WT-SVC-5).
type Clock struct {
	due  [timed]time.Duration
	runs bool
}

// Begin starts the clock. Files and the time are asked for at once, and
// keep-alives begin after their period; the others begin within theirs, by the
// random bits.
func (c *Clock) Begin(now time.Duration, s *Services, random uint64) {
	if c.runs {
		return
	}
	c.runs = true
	for i := range c.due {
		c.due[i] = resync.Never
		every := s.every(Service(i))
		switch {
		case every == 0:
		case Service(i) == Files || Service(i) == NTP:
			c.due[i] = now
		case Service(i) == KeepAlive:
			c.due[i] = now + every
		default:
			c.due[i] = now + resync.Uniform(splitmix.Mix(random^uint64(i)), every)
		}
	}
}

// Stop ends the clock: the device has no power.
func (c *Clock) Stop() { c.runs = false }

// Deadline returns when the next service is due.
func (c *Clock) Deadline() time.Duration {
	next := resync.Never
	if c.runs {
		for _, at := range c.due {
			next = min(next, at)
		}
	}
	return next
}

// Take returns a service that is due, and sets its next instant. A clock that is
// late leaves out what it has missed.
func (c *Clock) Take(now time.Duration, s *Services) (Service, bool) {
	if !c.runs {
		return 0, false
	}
	for i, at := range c.due {
		if at <= now {
			every := s.every(Service(i))
			c.due[i] = at + (now-at)/every*every + every
			return Service(i), true
		}
	}
	return 0, false
}
