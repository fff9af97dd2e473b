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
	f.Add(wire(strings.NewReplacer("sip:100@", "sip:200@", "Event:", `Authorization: Digest username="ann", realm="phone", nonce="x", uri="y", response="z", qop=auth, nc=1, cnonce="c"`+"\nEvent:").Replace(checkSync)))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		a := newAgent()
		a.from = func(user string) (*Account, bool) {
			return map[string]*Account{"200": {"ann", "secret"}}[user], user != "300"
		}
		first := a.take(datagram, exchange, noon)
		answer, to := first.answer, first.to
		if strings.ContainsFunc(first.note, isControl) {
			t.Errorf("the note %q has a control character", first.note)
		}
		if answer == nil {
			if first.asked != nothing {
				t.Errorf("asks for %d without an answer", first.asked)
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
		again := a.take(datagram, exchange, noon.Add(time.Second))
		if !bytes.Equal(answer, again.answer) || again.asked != nothing {
			t.Errorf("the second time it is answered with %q and asks for %d, the first time with %q", again.answer, again.asked, answer)
		}
	})
}

// checkFields reads the answer as if it were a request, so that no other reader
// of fields is needed.
func checkFields(t *testing.T, datagram, head string) {
	asked, wrong := parse(datagram)
	if wrong != "" {
		t.Fatalf("%q is answered and does not parse", datagram)
	}
	_, fields, _ := strings.Cut(head, crlf)
	told, wrong := parse(asked.method + " sip:phone " + version + crlf + fields + crlf + crlf)
	switch {
	case wrong != "" || !told.tagged || len(told.vias) != len(asked.vias):
		t.Errorf("the fields of the answer %q to %q do not parse, or have no tag, or have lost a Via", head, datagram)
	case told.from != asked.from || !strings.HasPrefix(told.to, asked.to) || told.callID != asked.callID || told.cseq != asked.cseq:
		t.Errorf("the answer %q does not carry the fields of %q", head, datagram)
	}
}
