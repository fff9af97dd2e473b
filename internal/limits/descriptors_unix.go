//go:build linux || darwin

package limits

import (
	"fmt"
	"syscall"
)

// RaiseDescriptors lets this process open as many files as it may, and where
// that is less than want and its rights allow it, as many as want. It returns
// how many those are.
func RaiseDescriptors(want uint64) (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("limit of open files: %w", err)
	}
	if limit.Max < want {
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: want, Max: want}) == nil {
			return want, nil
		}
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("limit of open files: raising it to the hard limit %d: %w", limit.Max, err)
	}
	return limit.Cur, nil
}
