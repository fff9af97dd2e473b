package lab

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault is what goes wrong with some files. The fields may be combined; one
// that is zero goes right.
type Fault struct {
	// Status, from 200 to 999, answers with this HTTP status instead of the
	// file; TFTP answers with an error, whose code is 1 for 404, 2 for 403 and 0
	// for all others.
	Status int
	// Location redirects HTTP to there, by Status or by 302. The file's own path
	// makes a loop.
	Location string
	// Stall takes requests and never answers.
	Stall bool
	// Truncate ends the transfer after this many bytes: HTTP announces all and
	// closes the connection, TFTP falls silent.
	Truncate int
	// Endless sends a body without end in place of the file.
	Endless bool
	// Delay comes before the answer of HTTP, and before each packet of TFTP,
	// where a server retransmits after a second.
	Delay time.Duration

	// TFTP packets of both directions that are lost, and that come twice.
	Drop, Duplicate Pick
	// TFTP packets from the server that come from another port as well, first
	// and with other bytes (RFC 1350 section 4).
	Stray Pick
	// Seed of the random shares: the same packets in the same order meet the
	// same faults.
	Seed uint64
}

// A Pick chooses packets.
type Pick struct {
	// Numbers are counted from 1 over all packets of the faulty files, in both
	// directions, since the fault was set. The first is a read request.
	Numbers []int
	// Share is the probability with which any other packet is chosen, from 0 to 1.
	Share float64
}

func (p Pick) picks(number int, chance float64) bool {
	return slices.Contains(p.Numbers, number) || chance < p.Share
}

// Faults are the faults of a lab, by path. The zero value has none. All methods
// may be used while the servers run.
type Faults struct {
	mu     sync.RWMutex
	prefix map[string]*fault
}

// Set makes all files whose path begins with prefix go wrong; the longest of
// several prefixes counts. The zero Fault makes them good again. Requests that
// were begun keep the fault that they began with.
func (f *Faults) Set(prefix string, to Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.prefix == nil {
		f.prefix = make(map[string]*fault)
	}
	f.prefix[rooted(prefix)] = &fault{Fault: to, random: rand.New(rand.NewPCG(to.Seed, 0))}
}

// find returns the fault of a file, which is one without effect for most.
func (f *Faults) find(name string) *fault {
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, length := new(fault), -1
	for prefix, fault := range f.prefix {
		if len(prefix) > length && strings.HasPrefix(clean(name), prefix) {
			found, length = fault, len(prefix)
		}
	}
	return found
}

// rooted returns a prefix with its first "/". Other than a name it may end in
// "/" or in the midst of a name.
func rooted(prefix string) string { return "/" + strings.TrimPrefix(prefix, "/") }

// A fault is a Fault in force.
type fault struct {
	Fault
	mu      sync.Mutex
	packets int
	random  *rand.Rand // nil in a fault without effect
}

// A fate is what happens to one packet.
type fate struct{ drop, duplicate, stray bool }

// next draws the fate of the next packet. Each packet takes three numbers from
// the generator, so that one pick does not shift another.
func (f *fault) next() fate {
	if f.random == nil {
		return fate{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.packets++
	return fate{
		drop:      f.Drop.picks(f.packets, f.random.Float64()),
		duplicate: f.Duplicate.picks(f.packets, f.random.Float64()),
		stray:     f.Stray.picks(f.packets, f.random.Float64()),
	}
}

// An endless reader is a body without end, of lines that no phone knows.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	const line = "# without end\n"
	for n := 0; n < len(p); {
		n += copy(p[n:], line)
	}
	return len(p), nil
}
