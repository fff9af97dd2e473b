package lines_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/profile"
)

var configSeeds = []string{
	"DBID_DBASE_VERSION=2207\nDBID_SIP_ENABLE=1\t0\t0\t0\n", "\ufeffA=1\r\nA=2 \r\n", "<html>", "A\n=\n#\nB = x",
	"DBID_DBASE_VERSION=1\nDBID_PROFILE_RULE=[--key x http://h\nDBID_UPGRADE_RULE=https://h/x\nDBID_PRV_OPTION66_ENABLED=1", "\x00\xff=\xff",
}

func FuzzParse(f *testing.F) {
	for _, seed := range configSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := dbid.Parse(body)
		if err != nil {
			if !errors.Is(err, profile.ErrEmpty) && !errors.Is(err, profile.ErrCorrupt) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		lines := strings.Count(string(body), "\n") + 1
		for name, value := range c.All() {
			if got, _ := c.Get(name); got != value || c.Line(name) < 1 || c.Line(name) > lines {
				t.Errorf("%q is %q in line %d, want %q", name, got, c.Line(name), value)
			}
		}
		for _, bad := range c.Bad() {
			if bad.Line < 1 || bad.Line > lines || bad.Column < 1 || bad.Why == "" {
				t.Errorf("bad line %+v of %d", bad, lines)
			}
		}
		back, err := dbid.Parse(c.Append(nil))
		if diff := cmp.Diff(listing(c), listing(back)); err != nil || diff != "" {
			t.Errorf("it is printed and read differently: %v\n%s", err, diff)
		}
	})
}
