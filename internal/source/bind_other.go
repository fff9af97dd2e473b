//go:build !linux

package source

import "syscall"

// latePort is for Linux: elsewhere a bound address has its ports once for all
// servers.
func latePort(_, _ string, _ syscall.RawConn) error { return nil }
