package resync

import "provsim/internal/enum"

// Outcome says how a job ended, in one word (FV-OUT-1). The zero value means
// that the job has not ended.
type Outcome uint8

// The outcomes of FV-OUT-1 and FV-OUT-3. The first three and Sent are successes,
// all others are failures.
const (
	None          Outcome = iota
	Applied               // the file's version differs, its settings are stored
	Unchanged             // the file's version is the stored one (FV-CFG-3)
	Unversioned           // the file has no version, nothing is applied (FV-CFG-3)
	NoServer              // no lease or rule names a server (FV-SRC-1, FV-RULE-3)
	BadRule               // the rule does not parse (FV-RULE-1)
	DNS                   // the host name has no address
	Unreachable           // no way to the server's address
	Timeout               // the server did not answer in time, or not to the end
	Refused               // the server's host or the TFTP server said no
	NotFound              // HTTP 404, TFTP error 1
	HTTPStatus            // any other HTTP status than the ones of FV-HTTP-2
	Unauthorized          // HTTP 401 without or in spite of credentials
	TLSUntrusted          // the server's chain does not end in a trusted CA, or is out of date
	TLSName               // the server's certificate is for another name
	TLSClientCert         // the server refused the client certificate, or missed it (FV-OUT-2)
	TLS                   // any other failure of the TLS handshake
	TooLarge              // over the limit of FV-NET-1
	Truncated             // the transfer ended before the announced length
	Empty                 // the file has no bytes (FV-CFG-2)
	BadKey                // the key does not decrypt the file (FV-ENC-4)
	Corrupt               // the file is not a configuration (FV-CFG-2)
	HTTPSUpgrade          // an upgrade rule with https (FV-UP-3)
	BadImage              // the image is not for this product, or damaged (FV-UP-6)
	Sent                  // the server has taken a keep-alive (FV-OUT-3); a success
	WrongModel            // the file is for phones of another model (FV-OUT-3)
	Include               // a file that the configuration names is missing or bad (FV-OUT-3)
	NoMaster              // no file that names the others was found (FV-OUT-3)
	Partial               // a file that another one names is missing or bad, the rest is in force (FV-OUT-3)
)

var outcomeWords = [...]string{
	None: "", Applied: "applied", Unchanged: "unchanged", Unversioned: "unversioned",
	NoServer: "no-server", BadRule: "bad-rule", DNS: "dns", Unreachable: "unreachable",
	Timeout: "timeout", Refused: "refused", NotFound: "not-found", HTTPStatus: "http-status",
	Unauthorized: "unauthorized", TLSUntrusted: "tls-untrusted", TLSName: "tls-name",
	TLSClientCert: "tls-client-cert", TLS: "tls", TooLarge: "too-large", Truncated: "truncated",
	Empty: "empty", BadKey: "bad-key", Corrupt: "corrupt", HTTPSUpgrade: "https-upgrade",
	BadImage: "bad-image", Sent: "sent",
	WrongModel: "wrong-model", Include: "include", NoMaster: "no-master", Partial: "partial",
}

// Unanswered reports whether no server has answered.
func (o Outcome) Unanswered() bool {
	return o == DNS || o == Unreachable || o == Timeout || o == Refused
}

// Outcomes lists every outcome of FV-OUT-1 in the order of the constants.
func Outcomes() []Outcome {
	all := make([]Outcome, 0, len(outcomeWords)-1)
	for o := Applied; int(o) < len(outcomeWords); o++ {
		all = append(all, o)
	}
	return all
}

// Success reports whether the outcome arms the periodic timer, not the error
// retry timer (FV-RS-5).
func (o Outcome) Success() bool {
	return o == Applied || o == Unchanged || o == Unversioned || o == Sent
}

// String returns the word of FV-OUT-1, or "" for None.
func (o Outcome) String() string { return enum.Word(outcomeWords[:], "outcome", o) }

// MarshalText returns the word of FV-OUT-1.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a word of FV-OUT-1; the empty text is None.
func (o *Outcome) UnmarshalText(text []byte) error {
	return enum.Read(outcomeWords[:], "outcome", text, o)
}
