package profile_test

import (
	"fmt"

	"provsim/profile"
)

func ExampleConfig_Merge() {
	var stored, file profile.Builder
	stored.Set("DBID_DBASE_VERSION", "2207", 1)
	stored.Set("DBID_IPMODE", "0", 2)
	file.Set("DBID_DBASE_VERSION", "2208", 1)
	fmt.Printf("%s", stored.Config().Merge(file.Config()).Append(nil))
	// Output:
	// DBID_DBASE_VERSION=2208
	// DBID_IPMODE=0
}
