package device

import (
	"time"

	"provsim/internal/enum"
	"provsim/profile"
	"provsim/resync"
)

// A Request is one transfer with a server. One that a device has made is valid
// until the next step of a device of the same model; a copy stays valid.
type Request struct {
	// Target is where the transfer goes. For HTTP its path goes into the request
	// line with only those bytes escaped that may not stand there; for TFTP the file
	// name is the path without its first "/" (RFC 3617 section 3), unless Slash keeps it.
	profile.Target

	Slash  bool // the name of a TFTP file begins with "/" (SPA-SRC-2)
	Job    resync.Job
	Method Method
	Class  Class
	Type   string        // the Content-Type of what Body returns; empty: none is sent
	Body   func() []byte // what a write or a post sends; nil: nothing. It is called when the transfer is carried out

	Agent   string        // the User-Agent header where it is set, see [Request.UserAgent]
	Limit   int64         // the largest acceptable body in bytes (FV-NET-1)
	Timeout time.Duration // of the whole transfer, redirects and retransmissions included

	// Enough reports, from the first Head bytes of the body of a read, whether the
	// device has seen enough. The transfer ends there then, well, and its body is these
	// bytes. Nil: all of the body is read. It is called when the transfer is carried out.
	Enough func(head []byte) bool
	Head   int

	TLS    TLSOptions
	TFTP   TFTPOptions
	HTTP11 bool // an answer of HTTP/1.0 is not taken (AV-HTTP-2)
	// NoHTTPS refuses a redirect to https as outcome https-upgrade (FV-UP-3).
	NoHTTPS bool
	// Pointed makes the Location of an HTTP redirect the body: the device reads itself
	// where it leads (AC-RED-1).
	Pointed bool
	Named   bool // with Pointed: so is a body that names a URL, without a redirect

	// From is who asks, without the serial number, Of the product, or nil, and By the
	// firmware that it runs, or nil. They make the User-Agent.
	From Identity
	Of   *Product
	By   *Personality
}

// Method is what a transfer does.
type Method uint8

// The methods of a transfer.
const (
	Read  Method = iota // a TFTP read request, an HTTP GET
	Write               // a TFTP write request, an HTTP PUT
	Post                // an HTTP POST
	Head                // an HTTP HEAD: whether a file is there
)

var methodWords = [...]string{Read: "read", Write: "write", Post: "post", Head: "head"}

// Class is what a transfer is for. Counts and modelled servers tell transfers
// apart by it.
type Class uint8

// The classes of transfers.
const (
	ConfigClass Class = iota // a configuration, or a file that names others
	ImageClass               // firmware
	AuxClass                 // a directory, a licence, a phone book, a sound
	LogClass                 // a log that the device uploads
	StatusClass              // a keep-alive, an alarm, a report
)

var classWords = [...]string{ConfigClass: "config", ImageClass: "image", AuxClass: "aux", LogClass: "log", StatusClass: "status"}

// Classes returns every class in the order of the constants.
func Classes() []Class {
	return []Class{ConfigClass, ImageClass, AuxClass, LogClass, StatusClass}
}

// String returns the journal's word for the method.
func (m Method) String() string { return enum.Word(methodWords[:], "method", m) }

// MarshalText returns the journal's word for the method.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a word of the journal.
func (m *Method) UnmarshalText(text []byte) error {
	return enum.Read(methodWords[:], "method", text, m)
}

// String returns the journal's word for the class.
func (c Class) String() string { return enum.Word(classWords[:], "class", c) }

// MarshalText returns the journal's word for the class.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a word of the journal.
func (c *Class) UnmarshalText(text []byte) error {
	return enum.Read(classWords[:], "class", text, c)
}

// Personalise adds to a request the device's own parts: its certificates and its identity.
func (d *Device) Personalise(r *Request) {
	r.TLS.Certificates, r.Of, r.By = d.stored.Certificates, d.product, d.model.Personality
	r.From.MAC, r.From.Product, r.From.Hardware, r.From.Software = d.mac, d.product.Name, d.product.Hardware, d.Software()
}

// UserAgent returns the User-Agent header: Agent, or that of the device's
// firmware. It is made on demand: most transfers in virtual time
// have no use for it.
func (r *Request) UserAgent() string {
	if r.Agent == "" && r.By != nil {
		from := r.From
		if r.Of != nil {
			from.Serial = r.By.Serial(from.MAC)
			if r.Of.Serial != nil {
				from.Serial = r.Of.Serial(from.MAC)
			}
		}
		return r.By.Agent(from)
	}
	return r.Agent
}

// TLSOptions are what a device brings to a TLS handshake (FV-TLS-1).
type TLSOptions struct {
	Certificates *Certificates // nil is the same as none uploaded
	AnyChain     bool          // quirk tls-no-verify: accept any certificate, for any name
	AnyName      bool          // quirk tls-no-hostname: the chain counts, the name does not

	// The habits of phones of the guide's age (FV-TLS-3).
	TLSRange
	RSA        bool // quirk tls-rsa: offer RSA key exchange too
	SHA1       bool // quirk tls-sha1: accept certificates that are signed with SHA-1
	CommonName bool // quirk tls-cn: the common name counts where a certificate has no subjectAltName
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

	// Tries is how often the request was sent until the server's first answer or the
	// end of the transfer; 0 where the transport repeats nothing itself.
	Tries int
	// Local says that the failure was this machine's, which had no descriptor, port
	// or memory left, and tells nothing about the server.
	Local bool
}
