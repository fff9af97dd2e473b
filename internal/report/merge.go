package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrShards says that results are not all the shards of one run.
var ErrShards = errors.New("not the shards of one run")

// Merge puts all shards of one run together, in any order, and checks the
// thresholds of the first against the whole. It uses the results up.
func Merge(shards []*Results) (*Results, error) {
	if len(shards) == 0 {
		return nil, fmt.Errorf("%w: found no results, want at least one", ErrShards)
	}
	first := shards[0].Summary
	if err := checkShards(shards); err != nil {
		return nil, err
	}
	run := first.Run
	run.Shard, run.Shards, run.Invalid = 0, 1, nil
	totals := first.Counts
	for i, s := range shards {
		for _, why := range s.Summary.Invalid {
			run.Invalid = append(run.Invalid, fmt.Sprintf("shard %d: %s", s.Summary.Shard, why))
		}
		if i == 0 {
			continue
		}
		if s.Summary.Started.Before(run.Started) {
			run.Started = s.Summary.Started
		}
		if err := totals.Merge(s.Summary.Counts); err != nil {
			return nil, fmt.Errorf("shard %d: %w", s.Summary.Shard, err)
		}
	}
	thresholds, err := reparse(first.Thresholds)
	if err != nil {
		return nil, err
	}
	return New(run, totals, thresholds), nil
}

// checkShards names the shards that are of another run, missing, or there twice.
func checkShards(shards []*Results) error {
	first := shards[0].Summary
	times := map[int]int{}
	for _, s := range shards {
		r := s.Summary
		switch {
		case r.Digest != first.Digest:
			return fmt.Errorf("%w: found results of the scenario %q (%s) beside those of %q (%s)", ErrShards, r.Scenario, r.Digest, first.Scenario, first.Digest)
		case r.Seed != first.Seed:
			return fmt.Errorf("%w: found results of the seed %d beside those of %d", ErrShards, r.Seed, first.Seed)
		case r.Virtual != first.Virtual:
			return fmt.Errorf("%w: found results in virtual time beside those on the wall clock", ErrShards)
		case r.Shards != first.Shards:
			return fmt.Errorf("%w: found a shard of %d beside one of %d", ErrShards, r.Shards, first.Shards)
		case r.Shard < 0 || r.Shard >= r.Shards:
			return fmt.Errorf("%w: found shard %d of %d", ErrShards, r.Shard, r.Shards)
		}
		times[r.Shard]++
	}
	var wrong []string
	for i := range first.Shards {
		if len(wrong) == 20 {
			wrong = append(wrong, "and more")
			break
		}
		switch n := times[i]; {
		case n == 0:
			wrong = append(wrong, fmt.Sprintf("shard %d is missing", i))
		case n > 1:
			wrong = append(wrong, fmt.Sprintf("shard %d is there %d times", i, n))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: of %d shards, %s", ErrShards, first.Shards, strings.Join(slices.Compact(wrong), ", "))
	}
	return nil
}
