//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package store

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// lock refuses: without a lock two processes could share the directory unnoticed.
func lock(*os.File) error {
	return fmt.Errorf("%w: no file locks on %s", errors.ErrUnsupported, runtime.GOOS)
}
