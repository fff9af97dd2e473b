package lines_test

import (
	"fmt"
	"strings"
	"testing"
)

// configFile makes a file of about size bytes with lines of the usual length.
func configFile(size int) []byte {
	var body strings.Builder
	for i := 0; body.Len() < size; i++ {
		fmt.Fprintf(&body, "DBID_SOME_SETTING_%d=192.168.10.%d\n", i, i%256)
	}
	return []byte(body.String())
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{2000, 20000} {
		body := configFile(size)
		b.Run(fmt.Sprintf("%dKB", size/1000), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := dbid.Parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
