package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"provsim/macro"
	"provsim/profile"
)

const benchRule = "[--key ‘a key’] https://user:pass@$(MAU:4).example.com:8443/prov/$PN/$MA.conf?v=$SWVER"

func BenchmarkParseRule(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := profile.ParseRule(benchRule); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTarget(b *testing.B) {
	r, err := profile.ParseRule(benchRule)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Expand(phone, macro.Sipura).Target(""); err != nil {
			b.Fatal(err)
		}
	}
}

// configFile makes a file of about size bytes with lines of the usual length.
func configFile(size int) []byte {
	var body strings.Builder
	for i := 0; body.Len() < size; i++ {
		fmt.Fprintf(&body, "DBID_SOME_SETTING_%d=192.168.10.%d\n", i, i%256)
	}
	return []byte(body.String())
}

func BenchmarkParseConfig(b *testing.B) {
	for _, size := range []int{2000, 20000} {
		body := configFile(size)
		b.Run(fmt.Sprintf("%dKB", size/1000), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := profile.ParseConfig(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMerge(b *testing.B) {
	stored, err := profile.ParseConfig(configFile(20000))
	if err != nil {
		b.Fatal(err)
	}
	file, err := profile.ParseConfig(configFile(2000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if stored.Merge(file).Len() != stored.Len() {
			b.Fatal("the file has added settings")
		}
	}
}
