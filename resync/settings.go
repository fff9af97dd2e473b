package resync

import "time"

// Settings are what an administrator says about resyncs and upgrades
// (FV-SET-1). Many machines may share one value; nothing changes it while a
// machine uses it, because new settings are in force from the next boot on
// (FV-RS-12, FV-CFG-6).
type Settings struct {
	Provision    bool          // Provision Enable: off, no resync happens by whatever trigger (FV-RS-1)
	OnReset      bool          // Resync On Reset: resync at a power-on or an asked-for reboot (FV-RS-2)
	RandomDelay  time.Duration // Resync Random Delay: the most that the resync at boot waits (FV-RS-3)
	Periodic     Delays        // Resync Periodic: after a success (FV-RS-5)
	ErrorRetry   Delays        // Resync Error Retry Delay: after a failure (FV-RS-5, FV-RS-6)
	Forced       time.Duration // Forced Resync Delay: how long the lines must have been idle (FV-RS-7)
	AfterUpgrade bool          // Resync After Upgrade: resync after every attempt (FV-RS-2, FV-UP-4)
	Upgrade      bool          // Upgrade Enable (FV-UP-1)
	UpgradeRetry Delays        // Upgrade Error Retry Delay: after a failed upgrade (FV-UP-4)

	// ForcedIsDeadline is quirk forced-resync=deadline: a due job starts when
	// all lines are idle, or Forced after it fell due, even in a call (FV-RS-8).
	ForcedIsDeadline bool
}
