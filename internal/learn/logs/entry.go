// Package logs reads the logs that provisioning servers keep: access logs of web
// servers, messages of TFTP servers in syslog, and leases of DHCP servers.
//
// [Open] takes the files of one or several servers, [Set.Next] returns their entries in
// the order of their times. Files may be compressed with gzip or zstd. The caller names
// a file's format, or its first lines show it. A line that cannot be used is counted by
// its reason, and reading goes on.
package logs

import "time"

// Kind is what an entry reports.
type Kind uint8

// The kinds of entries.
const (
	Web   Kind = iota // a request over HTTP or HTTPS
	TFTP              // a read or write request over TFTP
	Lease             // an address that a DHCP server has given
)

// String returns the kind's word.
func (k Kind) String() string { return [...]string{"web", "tftp", "dhcp"}[k] }

// Entry is one request or lease. Its bytes are valid until the next call of [Set.Next].
type Entry struct {
	Kind   Kind
	At     int64 // microseconds since 1970 in UTC, when the request began as far as the log tells
	Status int   // of HTTP; over TFTP 200, or 404 for a file that is missing, 500 for another error; 0: not known
	Size   int64 // bytes that were sent; -1: not known
	Took   int64 // microseconds at the server; -1: not known
	Fine   bool  // the time has parts of a second
	Amends bool  // the entry before it for the same client and path, of which only the request was known

	Address []byte // of the client
	Method  []byte // of HTTP; GET or PUT over TFTP
	Path    []byte // without the query, which may hold secrets
	Agent   []byte // User-Agent; of a lease the vendor class (option 60)
	MAC     []byte // of a lease, as the log writes it
}

// Reason is why a line is of no use.
type Reason uint8

// The reasons. Good means that there is no reason.
const (
	Good     Reason = iota
	Foreign         // not of the file's format
	Other           // of the format, and has nothing that learn uses
	NoTime          // its time cannot be read
	NoLine          // a request line without method and path, such as of a TLS handshake
	Long            // longer than LongestLine
	Repeated        // the same as the line before
	numReasons
)

// reasonWords are shown to people.
var reasonWords = [numReasons]string{
	"", "not of the file's format", "about something else", "a time that cannot be read",
	"a request without method and path", "longer than 64 KiB", "the same as the line before",
}

// String says in a few words what is wrong.
func (r Reason) String() string { return reasonWords[r] }

// Reasons returns every reason but Good.
func Reasons() []Reason { return []Reason{Foreign, Other, NoTime, NoLine, Long, Repeated} }

// Options say how files are read.
type Options struct {
	// Format is the name of a format of Names, or a format as nginx's log_format or
	// Apache's LogFormat write it; "": recognised from the first lines.
	Format string
	// Zone is where times without a zone are from; nil: UTC.
	Zone *time.Location
	// Now is the latest time that a line without a year can be of.
	Now time.Time
	// Progress is called now and then with the bytes that were read of the files, as
	// they lie on disk. It may be nil. It is called in several goroutines.
	Progress func(read int64)
}
