package flyingvoice

import (
	"strings"
	"testing"

	"provsim/device"
)

func TestExample(t *testing.T) {
	id := Personality.Shipped
	id.MAC = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	text := string(Personality.Tree.Example(id, 2208, "DBID_RESYNC_PERIODIC=600"))
	for _, line := range []string{"# IP542N 00:21:f2:01:1b:19", "DBID_DBASE_VERSION=2208", "DBID_SIP_PHONE_NUM=72725", "DBID_RESYNC_PERIODIC=600"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	if findings := lint("", []byte(text), Personality.Parameters); len(findings) > 0 {
		t.Errorf("found %v", findings)
	}
	id.MAC[5]++
	if string(Personality.Tree.Example(id, 2208)) == text {
		t.Error("two phones get the same file")
	}
}
