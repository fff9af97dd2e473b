package resync

import "time"

// options are the settings of FV-SET-1, from which tests make schedules.
type options struct {
	Provision        bool
	OnReset          bool
	RandomDelay      time.Duration
	Periodic         Delays
	ErrorRetry       Delays
	Forced           time.Duration
	AfterUpgrade     bool
	Upgrade          bool
	UpgradeRetry     Delays
	ForcedIsDeadline bool // quirk forced-resync=deadline (FV-RS-8)
}

func (o *options) settings() *Settings {
	set := &Settings{Idle: o.Forced}
	lines := WaitsIdle
	if o.ForcedIsDeadline {
		lines = BreaksIn
	}
	if o.Provision {
		s := &set.Jobs[0]
		*s = Schedule{Job: Resync, Spread: o.RandomDelay, Every: o.Periodic, FromBoot: true, Retry: o.ErrorRetry, Lines: lines}
		if o.OnReset {
			s.AtBoot |= CausesOf(PowerOn, Person, FactoryReset)
		}
		if o.AfterUpgrade {
			s.AtBoot |= CausesOf(Firmware)
		}
	}
	if o.Upgrade {
		s := &set.Jobs[1]
		*s = Schedule{Job: Upgrade, AtBoot: AnyBoot, IfWanted: true, Yields: true, Retry: o.UpgradeRetry, Lines: lines}
		if o.AfterUpgrade {
			s.Joins = Resync
		}
	}
	return set
}
