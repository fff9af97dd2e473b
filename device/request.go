package device

import (
	"strconv"
	"strings"
	"time"

	"provsim/profile"
	"provsim/resync"
)

// A Request is what a device asks a server for: one file, by one transfer. One
// that a device has made is valid until the next step of a device of the same
// model; a copy is valid for ever.
type Request struct {
	Job    resync.Job
	Scheme string // "tftp", "http" or "https"
	Host   string // a name or an address, an IPv6 address without brackets
	Port   uint16 // never 0
	// Path begins with "/". For HTTP it may carry a query and goes into the
	// request line with only those bytes escaped that may not stand there; for
	// TFTP the file name is the path without its first "/" (RFC 3617 section 3).
	Path string

	// User and Password answer a 401 (FV-HTTP-2). They are secrets: they appear
	// in no error, note or URL.
	User, Password string

	Agent   string        // the User-Agent header where it is set, see [Request.UserAgent]
	Limit   int64         // the largest acceptable body in bytes (FV-NET-1)
	Timeout time.Duration // of the whole transfer, redirects and retransmissions included

	TLS  TLSOptions
	TFTP TFTPOptions

	// From is who asks, without the serial number, and By the firmware that it
	// runs, or nil. They make the User-Agent.
	From Identity
	By   *Personality
}

// UserAgent returns the User-Agent header: Agent, or that of the device's
// firmware. It is made when somebody asks for it, because most transfers in a
// fleet's virtual time have no use for it.
func (r *Request) UserAgent() string {
	if r.Agent == "" && r.By != nil {
		return r.By.Agent(r.From)
	}
	return r.Agent
}

// TLSOptions are what a device brings to a TLS handshake (FV-TLS-1).
type TLSOptions struct {
	Certificates *Certificates // nil is the same as none uploaded
	AnyChain     bool          // quirk tls-no-verify: accept any certificate, for any name
	AnyName      bool          // quirk tls-no-hostname: the chain counts, the name does not
}

// Certificates are the PEM files that were uploaded to a device. An empty one
// was not uploaded.
type Certificates struct {
	CA   []byte `json:"ca,omitempty"`   // the authorities that the server's chain must end in; none: the system's
	Cert []byte `json:"cert,omitempty"` // the client's certificate and, after it, any intermediates
	Key  []byte `json:"key,omitempty"`  // the client's key; plain, legacy encrypted PEM or PKCS#8 (FV-TLS-2)
	Pass string `json:"pass,omitempty"` // the key's pass phrase; empty: "whatever" is tried (FV-TLS-2)
}

// TFTPOptions are the options that a read request asks for; a zero field is
// not asked for (FV-TFTP-1).
type TFTPOptions struct {
	BlockSize  int           // RFC 2348, 8..65464 bytes
	WindowSize int           // RFC 7440, 1..65535 blocks
	Timeout    time.Duration // RFC 2349, 1..255 whole seconds
	Size       bool          // RFC 2349 tsize
}

// URL returns where the request goes, without user and password, and without
// the port where it is the scheme's own. It is for journals and errors.
func (r Request) URL() string {
	host := r.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if r.Port != profile.DefaultPort(r.Scheme) {
		host += ":" + strconv.Itoa(int(r.Port))
	}
	return r.Scheme + "://" + host + r.Path
}

// A Reply is what a transfer brought. Many transfers may share one, so nothing
// changes a Reply, or its Body, once a device has got it.
type Reply struct {
	// Outcome is resync.None where the whole file arrived, else the failure.
	Outcome resync.Outcome
	Body    []byte
	Bytes   int64  // bytes of the body that arrived, also where the transfer failed
	Note    string // what else the journal should say: a status, an alert, a hint
	Status  int    // of the server's last answer, where that was HTTP and the transfer failed; else 0
	Name    string // of the file, where a person has uploaded it; empty: it was fetched

	// Tries is how often the request was sent until the server's first answer, or
	// in vain; 0 where the transport repeats nothing itself.
	Tries int
	// Local says that the failure was this machine's, which had no descriptor, port
	// or memory left, and tells nothing about the server.
	Local bool
}
