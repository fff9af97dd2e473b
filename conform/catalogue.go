package conform

import (
	"slices"

	"provsim/conform/check"
	"provsim/conform/internal/dhcp"
	"provsim/conform/internal/files"
	"provsim/conform/internal/http"
	"provsim/conform/internal/https"
	"provsim/conform/internal/ipoffice"
	"provsim/conform/internal/load"
	"provsim/conform/internal/tftp"
	"provsim/conform/internal/vendor"
)

// Catalogue returns all checks, in the order of groups and numbers. The caller
// owns the slice.
func Catalogue() []check.Check {
	return slices.Concat(tftp.Checks(), http.Checks(), https.Checks(), files.Checks(), dhcp.Checks(), load.Checks(), vendor.Checks(), ipoffice.Checks())
}
