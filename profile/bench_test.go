package profile_test

import (
	"fmt"
	"testing"

	"provsim/profile"
)

// config makes one of n settings of the usual length.
func config(n int) profile.Config {
	var b profile.Builder
	for i := range n {
		b.Set(fmt.Sprintf("DBID_SOME_SETTING_%d", i), fmt.Sprintf("192.168.10.%d", i%256), 0)
	}
	return b.Config()
}

func BenchmarkMerge(b *testing.B) {
	stored, file := config(500), config(50)
	b.ReportAllocs()
	for b.Loop() {
		if stored.Merge(file).Len() != stored.Len() {
			b.Fatal("the file has added settings")
		}
	}
}
