package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Digest returns 64 hex digits that stand for all that decides what happens in a
// run of the scenario, the seed included. Name, description and thresholds have
// no part in it, and a default that is written out makes no difference. Only
// runs with equal digests can be compared, or merged as shards.
func (s *Scenario) Digest() string {
	f := s.filled()
	f.Name, f.Description, f.Thresholds = "", "", nil
	if f.Server.zero() {
		f.Server = DefaultServer()
	}
	text, err := json.Marshal(f)
	if err != nil { // no text of a scenario holds what JSON does not have; NaN is refused by Validate
		text = []byte(err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
