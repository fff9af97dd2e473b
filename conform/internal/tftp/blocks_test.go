package tftp

import "testing"

func TestDivisor(t *testing.T) {
	for _, test := range []struct {
		rule       string
		size, want int
	}{
		{"an empty file has no blocks", 0, 0},
		{"blocks of 512 need no option", 1024, 512},
		{"the largest that fits an Ethernet frame", 2856, 1428},
		{"a small file is one block", 1205, 1205},
		{"a prime number of bytes is one block", 1429, 1429},
		{"no block is so large", 65479, 0},
		{"no block is smaller than 8 bytes", 2 * 32749, 0},
	} {
		if got := divisor(test.size); got != test.want {
			t.Errorf("%s: divisor(%d) = %d, want %d", test.rule, test.size, got, test.want)
		}
	}
}

func TestCommon(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "x", 0}, {"abc", "abcdef", 3}, {"abXd", "abcd", 2}, {"Xbcd", "abcd", 0}} {
		if got := common([]byte(test.a), []byte(test.b)); got != test.want {
			t.Errorf("common(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
