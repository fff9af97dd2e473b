package main

import (
	"errors"
	"fmt"

	"provsim/fleet"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/sched"
)

// tunnels plans a scenario of tunnelled devices.
func (p *plan) tunnels(e *env, s *fleet.Scenario) error {
	for _, flag := range []string{"find", "only", "shard", "web", "events", "fail-if"} {
		if p.given(flag) {
			return usage(fmt.Errorf("--%s is for plans of phones, and the scenario is of tunnels", flag), "")
		}
	}
	if err := checkTunnels(s); err != nil {
		return err
	}
	r, err := client.NewRun(s, 0, &sched.Virtual{})
	if err != nil {
		return usage(err, "")
	}
	if err := r.Drive(e.ctx, client.NewModel(r)); err != nil {
		return err
	}
	report := client.NewReport(s.Name, r.Figures, nil)
	print := report.Text
	if p.json {
		print = report.JSON
	}
	if err := print(e.out); err != nil {
		return err
	}
	if p.out == "" {
		return nil
	}
	if err := report.Write(p.out); err != nil {
		return cannot(err, "")
	}
	fmt.Fprintf(e.err, "provsim: results are in %s\n", p.out)
	return nil
}

// checkTunnels refuses what only phones have.
func checkTunnels(s *fleet.Scenario) error {
	for i := range s.Events {
		if e := &s.Events[i]; e.Outage == nil && e.PowerCut == nil && e.Reboot == nil {
			name, _ := e.Kind()
			return usage(fmt.Errorf("the scenario has the event %s, want power-cut, reboot or outage: the others are of phones", name), "")
		}
	}
	if len(s.Thresholds) > 0 {
		return usage(errors.New("the scenario has thresholds, which are of phones"), "")
	}
	return nil
}
