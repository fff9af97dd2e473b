package rule_test

import (
	"testing"

	"provsim/macro"
	"provsim/profile/rule"
)

const benchRule = "[--key ‘a key’] https://user:pass@$(MAU:4).example.com:8443/prov/$PN/$MA.conf?v=$SWVER"

func BenchmarkParseRule(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rule.Parse(benchRule); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTarget(b *testing.B) {
	r, err := rule.Parse(benchRule)
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
