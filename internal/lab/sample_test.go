package lab_test

import (
	"strings"
	"testing"

	"provsim/internal/lab"
)

func TestSample(t *testing.T) {
	text := string(lab.Sample{MAC: phone, Product: "IP542N", Version: 2208, Settings: []string{"DBID_RESYNC_PERIODIC=600"}}.Text())
	for _, line := range []string{"# IP542N 00:21:f2:01:1b:19", "DBID_DBASE_VERSION=2208", "DBID_SIP_PHONE_NUM=72725", "DBID_RESYNC_PERIODIC=600"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, "=")
		if !strings.HasPrefix(line, "# ") && (!ok || !strings.HasPrefix(name, "DBID_") || value == "\n") {
			t.Errorf("line %q is no DBID_NAME=value", line)
		}
	}
	other := phone
	other[5]++
	if string((lab.Sample{MAC: other, Product: "IP542N", Version: 2208}).Text()) == text {
		t.Error("two phones get the same file")
	}
}
