package model

import "time"

// A Config describes a server and the network before it. [Default] is the place
// to begin: most fields have no meaningful zero. In YAML durations are written
// like "5ms"; in JSON they are nanoseconds.
type Config struct {
	// Seed of all draws.
	Seed uint64 `yaml:"seed" json:"seed"`
	// RoundTrip is from a device to the server and back, 0 to 1 minute. A [Path]
	// can add to it.
	RoundTrip time.Duration `yaml:"round-trip" json:"round-trip"`
	HTTP      HTTP          `yaml:"http" json:"http"` // the web server, https included
	TFTP      TFTP          `yaml:"tftp" json:"tftp"`
	Ban       Ban           `yaml:"ban" json:"ban"`
	// Outages must not overlap; their order does not matter.
	Outages []Outage `yaml:"outages,omitempty" json:"outages,omitempty"`
}

// HTTP is a web server: workers that serve one request at a time, first come,
// first served, and a queue before them.
type HTTP struct {
	// Workers serve at once: processes, threads or, where an event loop is bound
	// by the processor, cores. 1 to 1,000,000.
	Workers int `yaml:"workers" json:"workers"`
	// Blocking workers stay with a connection until the device has everything
	// (a process or thread per connection); others turn to the next request while
	// the network works (an event loop).
	Blocking bool `yaml:"blocking" json:"blocking"`

	// Upgrade is how long a request for a firmware image occupies a worker, without
	// sending the bytes, and Resync how long any other request does: for a
	// configuration or another file, for one that is missing, and an upload.
	Resync  Dist `yaml:"resync" json:"resync"`
	Upgrade Dist `yaml:"upgrade" json:"upgrade"`
	// TLS is what the handshake of an https connection adds. Every transfer makes
	// a connection of its own (FV-HTTP-3).
	TLS Dist `yaml:"tls" json:"tls"`
	// Rate at which one worker reads and sends a file, in bytes per second; 0 is no
	// limit. Workers times Rate is what the server can send altogether.
	Rate int64 `yaml:"rate" json:"rate"`

	// Queue is how many requests may wait for a worker, accepted or in the
	// kernel's listen backlog; 0 to 16,777,216.
	Queue int `yaml:"queue" json:"queue"`
	// Full says what one request more meets.
	Full Refusal `yaml:"full" json:"full"`
	// Refuse is the share of connections that are refused whatever the queue, 0
	// to 1.
	Refuse float64 `yaml:"refuse" json:"refuse"`

	// WaitLimit answers 503 to a request that has waited this long for a worker,
	// as a proxy does, and ServiceLimit answers 504 to one that has occupied a
	// worker this long. 0 to 24 h; 0 is no limit.
	WaitLimit    time.Duration `yaml:"wait-limit" json:"wait-limit"`
	ServiceLimit time.Duration `yaml:"service-limit" json:"service-limit"`
	// NoticesHangup skips a waiting request when its turn comes, if its device has
	// given up by then. A server without it does the work for no one.
	NoticesHangup bool `yaml:"notices-hangup" json:"notices-hangup"`
}

// TFTP is a TFTP server on one socket, and the way in which devices ask it
// (FV-TFTP-1).
type TFTP struct {
	// Buffer is how many read requests the socket's receive buffer holds; one more
	// is dropped without an answer. 1 to 16,777,216; see [DefaultBuffer].
	Buffer int `yaml:"buffer" json:"buffer"`
	// Accept is how long the server takes to receive one read request and to
	// begin its transfer: to fork, for instance. It does one at a time.
	Accept Dist `yaml:"accept" json:"accept"`
	// Transfers that run at once, 0 to 1,000,000; a read request beyond it is
	// taken and ignored. 0 is no limit.
	Transfers int `yaml:"transfers" json:"transfers"`
	// Block is what the server adds to the round trip of each block, 0 to 24 h.
	Block time.Duration `yaml:"block" json:"block"`
	// Waits are how long a device waits for the first answer after each read
	// request that it sends; after the last it gives up. 1 to 32 waits from 1 ms
	// to 1 h.
	Waits []time.Duration `yaml:"waits" json:"waits"`
}

// A Refusal is how a server, or what stands before it, turns a request away.
type Refusal string

// The refusals. Over TFTP the statuses are an ERROR packet, and Reset is
// Silence: a phone's socket does not hear of a closed UDP port.
const (
	Silence         Refusal = "silence" // packets are dropped; the device repeats them and at last gives up
	Reset           Refusal = "refused" // the connection is refused
	Forbidden       Refusal = "403"
	TooManyRequests Refusal = "429"
	Unavailable     Refusal = "503"
)

// status returns the HTTP status of a refusal, or 0.
func (r Refusal) status() uint16 {
	switch r {
	case Forbidden:
		return 403
	case TooManyRequests:
		return 429
	case Unavailable:
		return 503
	}
	return 0
}

// RequestBytes is what a TFTP read request takes up in the receive buffer of a
// socket under Linux, which charges a small datagram with its whole buffer.
const RequestBytes = 832

// DefaultBuffer is how many read requests a UDP socket holds under Linux with
// the default of net.core.rmem_default, 212,992 bytes. Measured on Linux 6.18 with
// four TFTP servers: of a burst of any size the first 256 were kept, each of
// them with [RequestBytes]. A server that calls
// setsockopt SO_RCVBUF asks for half of what it needs, because the kernel doubles
// what it is asked for (socket(7)).
const DefaultBuffer = 256

// Default returns a small server of 2 cores as a distribution installs it. The
// times are measured: nginx 1.22 with a connection per request of 2 KB (33 µs)
// and with mutual TLS on ECDSA P-256 (0.65 ms more); dnsmasq, which takes some
// 17,000 read requests a second. 511 is the backlog that nginx asks for, and
// Linux ignores connections beyond it. The waits are the project's own schedule
// of FV-TFTP-1, that of internal/fetch/tftp.
func Default() Config {
	const s = time.Second
	return Config{
		RoundTrip: time.Millisecond,
		HTTP: HTTP{
			Workers: 2,
			Resync:  Fixed(33 * time.Microsecond), Upgrade: Fixed(33 * time.Microsecond), TLS: Fixed(650 * time.Microsecond),
			Rate:  500 << 20,
			Queue: 511, Full: Silence,
		},
		TFTP: TFTP{
			Buffer: DefaultBuffer,
			Accept: Fixed(59 * time.Microsecond),
			Waits:  []time.Duration{s, 2 * s, 4 * s, 8 * s, 8 * s},
		},
	}
}
