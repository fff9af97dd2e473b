package resync

import "fmt"

// Outcome says how a job ended, in one word (FV-OUT-1). The zero value means
// that the job has not ended.
type Outcome uint8

// The outcomes of FV-OUT-1. The first three are successes, all others are
// failures.
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
	Corrupt               // the file is none of ours (FV-CFG-2)
	HTTPSUpgrade          // an upgrade rule with https (FV-UP-3)
	BadImage              // the image is not for this product, or damaged (FV-UP-6)
)

var outcomeWords = [...]string{
	None: "", Applied: "applied", Unchanged: "unchanged", Unversioned: "unversioned",
	NoServer: "no-server", BadRule: "bad-rule", DNS: "dns", Unreachable: "unreachable",
	Timeout: "timeout", Refused: "refused", NotFound: "not-found", HTTPStatus: "http-status",
	Unauthorized: "unauthorized", TLSUntrusted: "tls-untrusted", TLSName: "tls-name",
	TLSClientCert: "tls-client-cert", TLS: "tls", TooLarge: "too-large", Truncated: "truncated",
	Empty: "empty", BadKey: "bad-key", Corrupt: "corrupt", HTTPSUpgrade: "https-upgrade",
	BadImage: "bad-image",
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
func (o Outcome) Success() bool { return o == Applied || o == Unchanged || o == Unversioned }

// String returns the word of FV-OUT-1, or "" for None.
func (o Outcome) String() string {
	if int(o) < len(outcomeWords) {
		return outcomeWords[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText returns the word of FV-OUT-1.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a word of FV-OUT-1; the empty text is None.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, word := range outcomeWords {
		if word == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("outcome %q is none of FV-OUT-1", text)
}
