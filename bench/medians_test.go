package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const benchmarks = `goos: linux
pkg: provsim/resync
BenchmarkStep-2   	   52360	       700 ns/op	        27.0 ns/step	       0 B/op	       0 allocs/op
BenchmarkStep-2   	   52360	       900 ns/op	        31.0 ns/step	       0 B/op	       0 allocs/op
BenchmarkStep-2   	   52360	       800 ns/op	        29.0 ns/step	       0 B/op	       0 allocs/op
PASS
ok  	provsim/resync	0.047s
pkg: provsim/encrypt
BenchmarkOpen/openssl-md5/8MB-2         	       1	  28287822 ns/op	 296.54 MB/s	 8398016 B/op	       8 allocs/op
`

func TestMediansOfBenchmarks(t *testing.T) {
	var got strings.Builder
	if err := medians(strings.NewReader(benchmarks), &got); err != nil {
		t.Fatal(err)
	}
	want := `## Go benchmarks, medians

| benchmark                    | runs | time/op | min     | max     | MB/s | B/op    | allocs/op | also         |
|------------------------------|------|---------|---------|---------|------|---------|-----------|--------------|
| resync.Step                  | 3    | 800 ns  | 700 ns  | 900 ns  |      | 0       | 0         | 29.0 ns/step |
| encrypt.Open/openssl-md5/8MB | 1    | 28.3 ms | 28.3 ms | 28.3 ms | 297  | 8398016 | 8         |              |

`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestMediansWithoutBenchmarks(t *testing.T) {
	for _, text := range []string{"", "PASS\nok  \tprovsim/resync\t0.047s\n", "BenchmarkStep-2 1 fast ns/op 0 B/op\n"} {
		if err := medians(strings.NewReader(text), &strings.Builder{}); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}
