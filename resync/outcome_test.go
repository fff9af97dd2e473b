package resync

import "testing"

// FV-OUT-3: the words beyond those of FV-OUT-1, of which sent alone is a success. The
// words of other roles, and codec, are no outcomes of a phone's job.
func TestMoreOutcomes(t *testing.T) {
	for word, success := range map[string]bool{"no-master": false, "partial": false, "wrong-model": false, "include": false, "sent": true} {
		var o Outcome
		if err := o.UnmarshalText([]byte(word)); err != nil || o.String() != word || o.Success() != success {
			t.Errorf("%s is read as %q, a success: %v, %v", word, o, o.Success(), err)
		}
	}
	for _, word := range []string{"codec", "bad-upgrade", "dead-peer", "locked"} {
		var o Outcome
		if err := o.UnmarshalText([]byte(word)); err == nil {
			t.Errorf("%s is the outcome %v", word, o)
		}
	}
}
