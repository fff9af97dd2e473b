package sip

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Whatever arrives: an answer is well formed, carries the request's fields, and
// goes back to where the request came from; and an effect comes once.
func FuzzTake(f *testing.F) {
	f.Add(wire(checkSync))
	f.Add(wire(strings.NewReplacer("check-sync", "check-sync;reboot=true", "192.0.2.1:5070", "[2001:db8::1];rport").Replace(checkSync)))
	f.Add(wire(strings.NewReplacer("Via: ", "v: SIP / 2.0 / UDP a : 1 ;x=\"\\\",\"\n ;rport, ", "NOTIFY", "OPTIONS").Replace(checkSync)))
	f.Add(wire(strings.Replace(checkSync, "To: <", "Require: a\nTo: \"\\\"\" <", 1)))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		a := newAgent()
		answer, to, asked := a.take(datagram, exchange, noon)
		if answer == nil {
			if asked != nothing {
				t.Errorf("asks for %d without an answer", asked)
			}
			return
		}
		if to.Addr() != exchange.Addr() || to.Port() == 0 {
			t.Errorf("the answer goes to %v, want a port of %v", to, exchange.Addr())
		}
		head, body, ok := strings.Cut(string(answer), crlf+crlf)
		if !ok || body != "" || !strings.HasPrefix(head, "SIP/2.0 ") {
			t.Errorf("the answer %q has no head, or a body", answer)
		}
		for line := range strings.SplitSeq(head, crlf) {
			if strings.ContainsFunc(line, isControl) {
				t.Errorf("the line %q has a control character", line)
			}
		}
		checkFields(t, string(datagram), head)
		again, _, twice := a.take(datagram, exchange, noon.Add(time.Second))
		if !bytes.Equal(answer, again) || twice != nothing {
			t.Errorf("the second time it is answered with %q and asks for %d, the first time with %q", again, twice, answer)
		}
	})
}

// checkFields reads the answer as if it were a request, so that no other reader
// of fields is needed.
func checkFields(t *testing.T, datagram, head string) {
	asked, ok := parse(datagram)
	if !ok {
		t.Fatalf("%q is answered and does not parse", datagram)
	}
	_, fields, _ := strings.Cut(head, crlf)
	told, ok := parse(asked.method + " sip:phone " + version + crlf + fields + crlf + crlf)
	switch {
	case !ok || !told.tagged || len(told.vias) != len(asked.vias):
		t.Errorf("the fields of the answer %q to %q do not parse, or have no tag, or have lost a Via", head, datagram)
	case told.from != asked.from || !strings.HasPrefix(told.to, asked.to) || told.callID != asked.callID || told.cseq != asked.cseq:
		t.Errorf("the answer %q does not carry the fields of %q", head, datagram)
	}
}
