package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"provsim/fleet"
	"provsim/internal/store"
)

// fleetState is the file from which a run on the wall clock continues when it is
// started again.
type fleetState struct {
	e    *env
	file *store.File       // nil: the run is not kept
	kept *fleet.Checkpoint // nil: nothing
	ends time.Duration     // how long the run is now, which may be longer than it was
	err  error             // why the run could not be kept the last time
}

// openState opens the state of a shard in the directory of --state, which the
// shards of a fleet may share.
func (f *fleetFlags) openState(e *env, shard fleet.Shard) (*fleetState, error) {
	s := &fleetState{e: e}
	if f.state == "" {
		return s, nil
	}
	var err error
	if s.file, err = store.OpenFile(f.state, fmt.Sprintf("fleet-%d-of-%d", shard.Index, max(1, shard.Count))); err != nil {
		return nil, cannot(err, "")
	}
	body, err := s.file.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil { // it says what to do
		s.close()
		return nil, cannot(err, "")
	}
	if s.kept, err = fleet.ReadCheckpoint(body); err != nil {
		s.close()
		return nil, cannot(fmt.Errorf("stored state %s: %w", s.file.Path(), err), "put a good copy in its place, or move it away to start afresh")
	}
	return s, nil
}

// seed returns the seed of the kept run, or a new one.
func (s *fleetState) seed() uint64 {
	if s.kept != nil {
		return s.kept.Seed
	}
	return randomSeed()
}

// goesOn reports whether the kept run has not ended and continues.
func (s *fleetState) goesOn() bool { return s.kept != nil && s.kept.GoesOn(s.ends) }

// fits refuses the state of another run. It prints what happens with the state.
func (s *fleetState) fits(scenario *fleet.Scenario, shard fleet.Shard, startAt string) error {
	if s.kept == nil {
		return nil
	}
	s.ends = scenario.Filled().Duration
	err := fleet.CheckResume(scenario, s.kept, shard)
	if errors.Is(err, fleet.ErrNothingToDo) {
		return usage(err, "give a longer --for")
	}
	if err != nil {
		return cannot(fmt.Errorf("stored state %s: %w", s.file.Path(), err),
			"give the flags and the scenario of that run, take another --state, or move the file away to start afresh")
	}
	if !s.goesOn() {
		fmt.Fprintf(s.e.err, "provsim: a run begins with what its devices have stored in %s\n", s.file.Path())
		return nil
	}
	fmt.Fprintf(s.e.err, "provsim: the run goes on at %v, where %s was left\n", s.kept.At, s.file.Path())
	if startAt != "" {
		fmt.Fprintln(s.e.err, "provsim: warning: --start-at is left out: the run has begun")
	}
	return nil
}

// take returns the checkpoint and drops it, because it is as large as the fleet.
func (s *fleetState) take() *fleet.Checkpoint {
	kept := s.kept
	s.kept = nil
	return kept
}

// checkpointer returns the function that keeps the run; nil without --state.
func (s *fleetState) checkpointer() func(parts [][]byte, err error) {
	if s.file == nil {
		return nil
	}
	return s.keep
}

// keep keeps the run. The run goes on if that fails: the file holds the checkpoint
// before, and the next attempt may succeed.
func (s *fleetState) keep(parts [][]byte, err error) {
	if err == nil {
		err = s.file.Save(parts...)
	}
	if s.err = err; err != nil {
		fmt.Fprintf(s.e.err, "provsim: warning: the run could not be kept, and what was kept before is as it was: %v\n", err)
	}
}

// failure is an error if the end of the run could not be kept.
func (s *fleetState) failure() error {
	if s.err == nil {
		return nil
	}
	return cannot(fmt.Errorf("the run could not be kept as it ended: %w", s.err), "free some space; a run that is started again goes on where it was kept last")
}

func (s *fleetState) close() {
	if s.file != nil {
		s.file.Close()
	}
}
