//go:build unix

package run

import (
	"syscall"
	"time"
)

// processorTime returns what the process has used so far. On a shared machine it
// says more than the time that has passed.
func processorTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
