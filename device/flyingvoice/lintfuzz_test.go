package flyingvoice

import (
	"strings"
	"testing"
)

var configSeeds = []string{
	"DBID_DBASE_VERSION=2207\nDBID_SIP_ENABLE=1\t0\t0\t0\n", "\ufeffA=1\r\nA=2 \r\n", "<html>", "A\n=\n#\nB = x",
	"DBID_DBASE_VERSION=1\nDBID_PROFILE_RULE=[--key x http://h\nDBID_UPGRADE_RULE=https://h/x\nDBID_PRV_OPTION66_ENABLED=1", "\x00\xff=\xff",
}

func FuzzLint(f *testing.F) {
	for _, seed := range configSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, unusable := grammar.Parse(body)
		list := lint("f", body, known)
		if unusable != nil && len(list) != 1 {
			t.Errorf("%d findings for a file that is no configuration, want 1", len(list))
		}
		lines := strings.Count(string(body), "\n") + 1
		for i, finding := range list {
			if finding.Line > lines || (finding.Line > 0) != (finding.Column > 0) || i > 0 && finding.Line < list[i-1].Line {
				t.Errorf("finding %d of a file of %d lines is %v", i, lines, finding)
			}
			if finding.Code == "" || finding.What == "" || finding.Why == "" {
				t.Errorf("finding %d is %+v", i, finding)
			}
		}
	})
}
