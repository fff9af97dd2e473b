package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Digest returns 64 hex digits that stand for all that decides what happens in a
// run of the scenario, the seed included. Name, description and thresholds have
// no part in it, and a default that is written out makes no difference. Only
// runs with equal digests can be compared, or merged as shards.
func (s *Scenario) Digest() string { return digest(s.Filled()) }

// ResumeDigest is Digest without the duration: a run that goes on may be longer or
// shorter than it was when it began.
func (s *Scenario) ResumeDigest() string {
	f := s.Filled()
	f.Duration = 0
	return digest(f)
}

func digest(f *Scenario) string {
	f.Name, f.Description, f.Thresholds = "", "", nil
	if f.Server.IsZero() {
		f.Server = DefaultServer()
	}
	text, err := json.Marshal(f)
	if err != nil { // no text of a scenario holds what JSON does not have; NaN is refused by Validate
		text = []byte(err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
