package replay

import (
	"context"
	"errors"
	"time"

	"provsim/fleet"
	"provsim/internal/learn"
	"provsim/internal/learn/logs"
)

// ErrNoCut means that the scenario has no power cut to play.
var ErrNoCut = errors.New("the scenario has no event power-cut")

// ErrNoWave means that no wave followed the power cut.
var ErrNoWave = errors.New("no wave followed the power cut of the plan: too few phones, or none came back")

// after is how long a plan goes on when the power is back.
const after = 2 * time.Hour

// Play plays the first power cut of a scenario in virtual time, and learns from the log
// of its modelled server as from a real one. It returns the wave that followed.
func Play(ctx context.Context, s *fleet.Scenario, o fleet.Options) (*learn.Wave, error) {
	played := *s
	played.Events = nil
	var back time.Duration
	for _, e := range s.Events {
		if e.PowerCut != nil && back == 0 {
			back = e.At + e.PowerCut.For
			e.Every, e.Times = 0, 0
			played.Events = append(played.Events, e)
		}
	}
	if back == 0 {
		return nil, ErrNoCut
	}
	played.Duration = back + after
	devices, err := fleet.NewInventory(&played, fleet.Shard{})
	if err != nil {
		return nil, err
	}
	// Plans are learnt from in whole seconds, as most logs are.
	l := learn.New()
	begin := time.Unix(0, 0).UTC().AddDate(50, 0, 0)
	o.Journal = &Sink{Devices: devices.ByTurn(), Begin: begin, Take: func(e *logs.Entry) {
		e.At = (e.At + max(0, e.Took)) / 1e6 * 1e6
		l.Add(e)
	}}
	if _, err := fleet.Plan(ctx, &played, o); err != nil {
		return nil, err
	}
	f := l.Findings()
	var found *learn.Wave
	for i := range f.Waves {
		w := &f.Waves[i]
		if off := w.At.Sub(begin.Add(back)); off > -time.Minute && off < 10*time.Minute && (found == nil || w.Phones > found.Phones) {
			found = w
		}
	}
	if found == nil {
		return nil, ErrNoWave
	}
	return found, nil
}
