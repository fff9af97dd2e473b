package resync

import "time"

// Settings say when a device does its jobs. Many machines may share one value;
// nothing changes it while a machine uses it, because new settings are in force
// from the next boot on (FV-RS-12, FV-CFG-6).
type Settings struct {
	// Jobs are the jobs of the device, of which one runs at a time (FV-RS-9). Where
	// both are due the first goes first. A Schedule without a Job never falls due.
	Jobs [2]Schedule
	// Idle is how long the lines must have been idle before a job that waits for
	// them (FV-RS-7). With BreaksIn it is the most that a due job waits for the end
	// of a call (FV-RS-8).
	Idle time.Duration
	// Begin is the local time at the instant 0, as the time since the beginning of
	// 1970-01-01. Schedules by the time of day need it.
	Begin time.Duration
}

// Schedule says when one job falls due.
type Schedule struct {
	Job Job // NoJob: the job is off, and no trigger makes it due (FV-RS-1)

	// AtBoot are the causes of a boot after which the job is due once the device has
	// an address, and for IfWanted, if the firmware wants it then (FV-RS-2, FV-UP-1).
	AtBoot   Causes
	IfWanted bool
	Spread   time.Duration // the most that the job at boot waits, a random time (FV-RS-3)
	Yields   bool          // at boot the job waits until the other one has started (FV-UP-1)

	Every     Delays // after a success (FV-RS-5)
	Daily     *Daily // where it is set, takes the place of Every
	FromStart bool   // Every counts from the job's start, not from its end
	FromBoot  bool   // after a boot that is not in AtBoot, Every begins at the boot (FV-RS-4)
	Retry     Delays // after a failure; where it is off, Every or Daily counts (FV-RS-6)

	// Joins is the job that falls due, with the cause Firmware, when this one has
	// failed (FV-UP-4).
	Joins Job
	Lines Lines
	// Looks is how often a job that waits for idle lines looks at them, counted from when
	// it fell due; 0: it begins as soon as they are idle. GivesUp is how long it waits in
	// a call before it is dropped; 0: without an end (YL-TRG-5).
	Looks, GivesUp time.Duration
}

// Causes is a set of causes.
type Causes uint16

// CausesOf returns the set of some causes.
func CausesOf(causes ...Cause) (set Causes) {
	for _, c := range causes {
		set |= 1 << c
	}
	return set
}

// AnyBoot are all causes of a boot.
var AnyBoot = CausesOf(PowerOn, Person, FactoryReset, Config, Firmware, Lease)

// Has reports whether a cause is in the set.
func (s Causes) Has(c Cause) bool { return s>>c&1 != 0 }

// Lines says how active lines hold a job.
type Lines uint8

// The ways in which lines hold a job.
const (
	WaitsIdle   Lines = iota // until they have been idle for Idle (FV-RS-7)
	BreaksIn                 // until they are idle, but not longer than Idle (FV-RS-8)
	IgnoresThem              // not at all
)

// Daily is a time of day at which a job falls due.
type Daily struct {
	At     time.Duration // since midnight
	Window time.Duration // the job falls due at a random time up to so much later
	Days   int           // the number of days from one to the next; 0 and 1: every day
	ByMAC  bool          // with Days: the days whose number since 1970-01-01 is that of the address, modulo Days
	Week   uint8         // a bit for each day of the week on which it may fall due, Sunday the lowest; 0: all
}

const aDay = 24 * time.Hour

// next returns an instant in the first window that begins after now, or Never where
// no day is one of Days and of Week. Mac is the address as a number.
func (d *Daily) next(now, begin time.Duration, rand, mac uint64) time.Duration {
	local := now + begin
	number := int64((local - d.At) / aDay)
	if local < d.At {
		number--
	}
	first := number + 1
	every := int64(max(d.Days, 1))
	for n := first; n <= first+7*every; n++ {
		if d.ByMAC && (n-int64(mac%uint64(every)))%every != 0 {
			continue
		}
		if !d.ByMAC && n-first < every-1 {
			continue
		}
		if weekday := (n + 4) % 7; d.Week&0x7f != 0 && d.Week>>weekday&1 == 0 { // 1970-01-01 was a Thursday
			continue
		}
		return time.Duration(n)*aDay + d.At - begin + Uniform(rand, d.Window)
	}
	return Never
}

// Schedule returns that of a job, or nil where the device does not have the job.
func (s *Settings) Schedule(job Job) *Schedule {
	for i := range s.Jobs {
		if s.Jobs[i].Job == job && job != NoJob {
			return &s.Jobs[i]
		}
	}
	return nil
}

// On reports whether the device does a job.
func (s *Settings) On(job Job) bool { return s.Schedule(job) != nil }
