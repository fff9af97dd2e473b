package tally

import (
	"encoding/json"

	"provsim/resync"
)

// The sizes of tables that are indexed by [resync.Job] and [resync.Outcome].
const (
	numJobs     = int(resync.KeepAlive) + 1
	numOutcomes = int(resync.Partial) + 1
)

// Outcomes counts how jobs have ended, by job and outcome. In files it is an
// object of objects, by the words of both.
type Outcomes [numJobs][numOutcomes]uint64

// Ended returns how many jobs have ended, and how many of them in failure.
func (o *Outcomes) Ended(j resync.Job) (all, failures uint64) {
	for outcome, n := range o[j] {
		all += n
		if !resync.Outcome(outcome).Success() {
			failures += n
		}
	}
	return all, failures
}

func (o *Outcomes) merge(other *Outcomes) {
	for j := range o {
		for i := range o[j] {
			o[j][i] += other[j][i]
		}
	}
}

// MarshalJSON leaves out what is zero.
func (o Outcomes) MarshalJSON() ([]byte, error) {
	words := map[resync.Job]map[resync.Outcome]uint64{}
	for j := range o {
		for i, n := range o[j] {
			if n == 0 {
				continue
			}
			job := resync.Job(j)
			if words[job] == nil {
				words[job] = map[resync.Outcome]uint64{}
			}
			words[job][resync.Outcome(i)] = n
		}
	}
	return json.Marshal(words)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Outcomes) UnmarshalJSON(text []byte) error {
	var words map[resync.Job]map[resync.Outcome]uint64
	if err := json.Unmarshal(text, &words); err != nil {
		return err
	}
	*o = Outcomes{}
	for job, outcomes := range words {
		for outcome, n := range outcomes {
			o[job][outcome] = n
		}
	}
	return nil
}
