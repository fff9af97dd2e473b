package sip

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/icholy/digest"
)

const checkSync = `NOTIFY sip:100@192.0.2.10 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1
From: Exchange <sip:pbx@192.0.2.1>;tag=a1
To: <sip:100@192.0.2.10>
Call-ID: c1@192.0.2.1
CSeq: 7 NOTIFY
Max-Forwards: 70
Event: check-sync
Content-Length: 0

`

const allowEvents = "Allow-Events: check-sync, resync, reboot, reboot_now, restart_now"

const checkSyncOK = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1
From: Exchange <sip:pbx@192.0.2.1>;tag=a1
To: <sip:100@192.0.2.10>;tag=NEW
Call-ID: c1@192.0.2.1
CSeq: 7 NOTIFY
Content-Length: 0

`

var (
	exchange = netip.MustParseAddrPort("192.0.2.1:40000")
	noon     = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	newTag   = regexp.MustCompile(`tag=[0-9a-f]{16}\r`)
)

// edit replaces texts, each of which must be there. Pairs are old and new.
func edit(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in %q", pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// wire gives a text the line ends of SIP.
func wire(text string) []byte { return []byte(strings.ReplaceAll(text, "\n", crlf)) }

// unwire undoes wire, and hides the tag that the phone made up.
func unwire(answer []byte) string {
	return strings.ReplaceAll(newTag.ReplaceAllString(string(answer), "tag=NEW\r"), crlf, "\n")
}

func TestAnswers(t *testing.T) {
	method := func(name string) []string { return []string{"NOTIFY sip", name + " sip", "7 NOTIFY", "7 " + name} }
	event := func(value string) []string { return []string{"Event: check-sync", "Event: " + value} }
	rejected := func(status, fields string, more ...string) []string {
		return append(more, "200 OK", status, "Content-Length", fields+"\nContent-Length")
	}
	badEvent := rejected("489 Bad Event", allowEvents)
	swap := func(old, new string) []string { return []string{old, new} }

	tests := []struct {
		rule     string
		request  []string // edits of checkSync
		answer   []string // edits of checkSyncOK
		asked    Request
		from, to string // where not exchange and 192.0.2.1:5070
	}{
		{rule: "FV-EXT-1 check-sync", asked: Resync},
		{rule: "FV-EXT-1 resync", request: event("resync"), asked: Resync},
		{rule: "FV-EXT-1 reboot=true reboots", request: event("check-sync;reboot=true"), asked: Reboot},
		{rule: "reboot=false does not", request: event("check-sync;reboot=false"), asked: Resync},
		{rule: "reboot without a value does not", request: event("check-sync;reboot"), asked: Resync},
		{rule: "parameters in any case and among others", request: event("check-sync ; id=4 ; REBOOT = True"), asked: Reboot},
		{rule: "a quoted semicolon starts no parameter", request: event(`check-sync;x="a;reboot=true"`), asked: Resync},
		{rule: "resync has no such parameter", request: event("resync;reboot=true"), asked: Resync},
		{rule: "RFC 6665 8.2.1 event names count byte by byte", request: event("Check-Sync"), answer: badEvent},
		{rule: "the parent's reboot", request: event("reboot"), asked: Reboot},
		{rule: "the parent's reboot_now", request: event("reboot_now"), asked: Reboot},
		{rule: "the parent's restart_now", request: event("restart_now;x=y"), asked: Reboot},
		{rule: "a report, which the phone does not make", request: event("report"), answer: badEvent},
		{rule: "another event", request: event("message-summary"), answer: badEvent},
		{rule: "a template is another event", request: event("check-sync.winfo"), answer: badEvent},
		{rule: "an unfinished quote", request: event(`check-sync;x="`), answer: badEvent},
		{rule: "no event", request: swap("Event: check-sync\n", ""), answer: badEvent},
		{rule: "OPTIONS", request: method("OPTIONS"),
			answer: rejected("200 OK", "Allow: NOTIFY, OPTIONS\n"+allowEvents, "7 NOTIFY", "7 OPTIONS")},
		{rule: "another method", request: method("INVITE"),
			answer: rejected("405 Method Not Allowed", "Allow: NOTIFY, OPTIONS", "7 NOTIFY", "7 INVITE")},
		{rule: "RFC 3261 7.1 methods count byte by byte", request: method("notify"),
			answer: rejected("405 Method Not Allowed", "Allow: NOTIFY, OPTIONS", "7 NOTIFY", "7 notify")},
		{rule: "RFC 3261 8.2.2.3 an extension", request: swap("Max-Forwards: 70", "Require: 100rel\nRequire: path"),
			answer: rejected("420 Bad Extension", "Unsupported: 100rel, path")},

		{rule: "RFC 3261 7.3.1 names in any case, blanks before the colon", asked: Resync,
			request: []string{"From:", "fROM  :", "Call-ID:", "CALL-ID\t:", "Event:", "eVENT:"}},
		{rule: "RFC 3261 7.3.3 compact names", asked: Resync, request: []string{
			"Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Event:", "o:", "Content-Length:", "l:"}},
		{rule: "RFC 3261 7.3.1 folded lines", request: event("check-sync;\n\treboot=true"), asked: Reboot},
		{rule: "RFC 3261 18.3 what follows the body is ignored", request: swap("Content-Length: 0\n\n", "Content-Length: 2\n\nhi there"), asked: Resync},
		{rule: "Content-Length may be absent", request: swap("Content-Length: 0\n", ""), asked: Resync},
		{rule: "any Request-URI", request: swap("sip:100@192.0.2.10", "tel:+49-30-1"), asked: Resync},

		{rule: "RFC 3261 8.2.6.2 a tag stays", asked: Resync,
			request: swap("10>\nCall", "10>;tag=old\nCall"), answer: swap(";tag=NEW", ";tag=old")},
		{rule: "a tag within the URI does not count", asked: Resync,
			request: swap("<sip:100@192.0.2.10>", "<sip:100@192.0.2.10;tag=x>"), answer: swap("10>;", "10;tag=x>;")},
		{rule: "a tag within the display name does not count", asked: Resync,
			request: swap("<sip:100", `"a \";tag=x" <sip:100`), answer: swap("<sip:100", `"a \";tag=x" <sip:100`)},
		{rule: "without brackets the parameters are the field's", asked: Resync,
			request: swap("<sip:100@192.0.2.10>", "sip:100@192.0.2.10;tag=x"),
			answer:  swap("<sip:100@192.0.2.10>;tag=NEW", "sip:100@192.0.2.10;tag=x")},
		{rule: "From comes back as it came", asked: Resync,
			request: swap("Exchange <", `"A, \"B\" <x>" <`), answer: swap("Exchange <", `"A, \"B\" <x>" <`)},

		{rule: "RFC 3261 18.2.1 received where the host is a name; the default port", asked: Resync,
			request: swap("192.0.2.1:5070", "pbx.example.net"),
			answer:  swap("192.0.2.1:5070;branch=z9hG4bK1", "pbx.example.net;branch=z9hG4bK1;received=192.0.2.1"),
			to:      "192.0.2.1:5060"},
		{rule: "RFC 3261 18.2.1 received where the address differs, whatever the sender claims", asked: Resync,
			request: swap("192.0.2.1:5070", "10.0.0.1:5070;received=203.0.113.9;maddr=203.0.113.9"),
			answer: swap("192.0.2.1:5070;branch=z9hG4bK1",
				"10.0.0.1:5070;maddr=203.0.113.9;branch=z9hG4bK1;received=192.0.2.1")},
		{rule: "RFC 3581 section 4 rport", asked: Resync,
			request: swap("5070;branch", "5070;rport;branch"),
			answer:  swap("5070;branch=z9hG4bK1", "5070;rport=40000;branch=z9hG4bK1;received=192.0.2.1"),
			to:      "192.0.2.1:40000"},
		{rule: "IPv6, equal in another spelling", asked: Resync,
			request: swap("192.0.2.1:5070", "[2001:DB8:0::1]:5070"), answer: swap("192.0.2.1:5070", "[2001:DB8:0::1]:5070"),
			from: "[2001:db8::1]:40000", to: "[2001:db8::1]:5070"},
		{rule: "IPv6 without a port", asked: Resync,
			request: swap("192.0.2.1:5070", "[2001:db8::1]"), answer: swap("192.0.2.1:5070", "[2001:db8::1]"),
			from: "[2001:db8::1]:40000", to: "[2001:db8::1]:5060"},
		{rule: "a zone leads back, and is not told", asked: Resync,
			request: swap("5070;branch", "5070;rport;branch"),
			answer:  swap("5070;branch=z9hG4bK1", "5070;rport=40000;branch=z9hG4bK1;received=fe80::1"),
			from:    "[fe80::1%eth0]:40000", to: "[fe80::1%eth0]:40000"},
		{rule: "an IPv4 address on an IPv6 socket", asked: Resync, from: "[::ffff:192.0.2.1]:40000"},
		{rule: "RFC 3261 20.42 blanks in Via", asked: Resync,
			request: swap("SIP/2.0/UDP 192.0.2.1:5070;", "SIP / 2.0 / UDP  192.0.2.1 : 5070 ; "),
			answer:  swap("SIP/2.0/UDP 192.0.2.1:5070;", "SIP / 2.0 / UDP  192.0.2.1 : 5070;")},
		{rule: "RFC 3261 8.2.6.2 all Via values in their order", asked: Resync,
			request: swap("bK1\n", "bK1, SIP/2.0/TCP b;x=\"1,2\"\nSubject: x\nv: SIP/2.0/UDP c\n"),
			answer:  swap("bK1\n", "bK1\nVia: SIP/2.0/TCP b;x=\"1,2\"\nVia: SIP/2.0/UDP c\n")},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			from, to := exchange, netip.MustParseAddrPort("192.0.2.1:5070")
			if tt.from != "" {
				from = netip.MustParseAddrPort(tt.from)
			}
			if tt.to != "" {
				to = netip.MustParseAddrPort(tt.to)
			}
			got := newAgent().take(wire(edit(t, checkSync, tt.request...)), from, noon)
			if diff := cmp.Diff(edit(t, checkSyncOK, tt.answer...), unwire(got.answer)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if got.to != to || got.asked != tt.asked {
				t.Errorf("the answer goes to %v and asks for %d, want %v and %d", got.to, got.asked, to, tt.asked)
			}
			if fine := strings.HasPrefix(string(got.answer), "SIP/2.0 200"); fine != (got.note == "") {
				t.Errorf("note %q, want one for what is refused alone", got.note)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	tests := []struct {
		why   string
		edits []string
	}{
		{"an ACK ends the transaction of an INVITE", []string{"NOTIFY sip", "ACK sip", "7 NOTIFY", "7 ACK"}},
		{"a response", []string{"NOTIFY sip:100@192.0.2.10 SIP/2.0", "SIP/2.0 200 OK"}},
		{"no Request-URI", []string{" sip:100@192.0.2.10", ""}},
		{"an empty Request-URI", []string{"sip:100@192.0.2.10", ""}},
		{"another version", []string{"SIP/2.0\nVia", "SIP/3.0\nVia"}},
		{"a method that is no token", []string{"NOTIFY sip", "NO<TIFY sip", "7 NOTIFY", "7 NO<TIFY"}},
		{"no end of the header", []string{"\n\n", "\n"}},
		{"a line without a colon", []string{"Max-Forwards: 70", "Max-Forwards 70"}},
		{"a field without a name", []string{"Max-Forwards:", ":"}},
		{"a lone CR", []string{"Max-Forwards: 70", "Max-Forwards: 70\rX: y"}},
		{"a control character", []string{"c1@", "c\x001@"}},
		{"no Via", []string{"Via", "X-Via"}},
		{"Via of another protocol", []string{"SIP/2.0/UDP", "HTTP/2.0/UDP"}},
		{"Via of another version", []string{"SIP/2.0/UDP", "SIP/2.1/UDP"}},
		{"Via without a host", []string{" 192.0.2.1:5070;", ";"}},
		{"Via with port 0", []string{":5070", ":0"}},
		{"Via with port 65536", []string{":5070", ":65536"}},
		{"Via with an unfinished address", []string{"192.0.2.1:5070", "[2001:db8::1"}},
		{"Via with an IPv6 address without brackets", []string{"192.0.2.1:5070", "2001:db8::1"}},
		{"Via with an unfinished quote", []string{"bK1", `bK1;x="`}},
		{"an empty topmost Via", []string{"Via: ", "Via: , "}},
		{"no From", []string{"From", "X-From"}},
		{"no To", []string{"To:", "X-To:"}},
		{"two To", []string{"Max-Forwards: 70", "t: <sip:101@192.0.2.10>"}},
		{"To with an unfinished quote", []string{"To: <", `To: "<`}},
		{"To with an unfinished bracket", []string{"10>\nCall", "10\nCall"}},
		{"no Call-ID", []string{"Call-ID", "X-Call-ID"}},
		{"no CSeq", []string{"CSeq", "X-CSeq"}},
		{"CSeq of another method", []string{"7 NOTIFY", "7 INVITE"}},
		{"CSeq without a number", []string{"7 NOTIFY", "NOTIFY"}},
		{"CSeq of 2**31", []string{"7 NOTIFY", "2147483648 NOTIFY"}},
		{"a cut body", []string{"Content-Length: 0", "Content-Length: 1"}},
		{"a negative length", []string{"Content-Length: 0", "Content-Length: -1"}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			got := newAgent().take(wire(edit(t, checkSync, tt.edits...)), exchange, noon)
			if got.answer != nil || got.asked != nothing {
				t.Errorf("answered with %q, asks for %d; want no answer", got.answer, got.asked)
			}
			if (got.note == "") != strings.Contains(strings.Join(tt.edits, ""), "ACK") {
				t.Errorf("note %q, want one unless an answer is not due at all", got.note)
			}
		})
	}
}

func TestRetransmission(t *testing.T) {
	a := newAgent()
	request := func(cseq int) []byte {
		return wire(edit(t, checkSync, "7 NOTIFY", strconv.Itoa(cseq)+" NOTIFY"))
	}
	first := a.take(request(1), exchange, noon)
	if first.asked != Resync {
		t.Fatalf("the first asks for %d, want %d", first.asked, Resync)
	}
	again := a.take(request(1), exchange, noon.Add(lifetime-1))
	if again.asked != nothing {
		t.Errorf("the same again asks for %d, want nothing", again.asked)
	}
	if diff := cmp.Diff(string(first.answer), string(again.answer)); diff != "" {
		t.Errorf("the same again is answered otherwise (-first +again):\n%s", diff)
	}
	if asked := a.take(request(2), exchange, noon).asked; asked != Resync {
		t.Errorf("the next CSeq asks for %d, want %d", asked, Resync)
	}
	other := wire(edit(t, checkSync, "7 NOTIFY", "1 NOTIFY", "z9hG4bK1", "z9hG4bK2"))
	if asked := a.take(other, exchange, noon).asked; asked != Resync {
		t.Errorf("another branch asks for %d, want %d", asked, Resync)
	}
	if asked := a.take(request(1), exchange, noon.Add(lifetime)).asked; asked != Resync {
		t.Errorf("after Timer J the same asks for %d, want %d", asked, Resync)
	}
}

func TestOnlyTheLatestTransactionsAreRemembered(t *testing.T) {
	var r recent
	for id := range uint64(len(r.entries)) {
		if !r.add(id+1, noon) {
			t.Fatalf("%d is known before it comes", id+1)
		}
	}
	if r.add(1, noon) {
		t.Error("1 is forgotten while there is room")
	}
	if !r.add(1000, noon) || r.add(2, noon) {
		t.Error("one more than there is room for did not take the place of the oldest alone")
	}
	if !r.add(1, noon) {
		t.Error("1 is known without a place to remember it")
	}
}

// Who sends a NOTIFY must show the account of the user that it names, where the phone
// wants one (SPA-TRG-2).
func TestSenderShowsTheAccount(t *testing.T) {
	a := newAgent()
	a.from = func(user string) (*Account, bool) {
		return map[string]*Account{"100": {User: "ann", Password: "secret"}}[user], user != "300"
	}
	status := func(r result) string {
		status, _, _ := strings.Cut(strings.TrimPrefix(string(r.answer), "SIP/2.0 "), crlf)
		return status
	}
	first := a.take(wire(checkSync), exchange, noon)
	_, field, _ := strings.Cut(string(first.answer), "WWW-Authenticate: ")
	field, _, _ = strings.Cut(field, crlf)
	challenge, err := digest.ParseChallenge(field)
	if status(first) != "401 Unauthorized" || err != nil || first.asked != nothing || !strings.Contains(first.note, "shows no password") {
		t.Fatalf("without a password: %s, %v, note %q", first.answer, err, first.note)
	}
	if again := a.take(wire(checkSync), exchange, noon); string(again.answer) != string(first.answer) {
		t.Errorf("the same again is answered otherwise: %s", again.answer)
	}
	for n, test := range []struct {
		rule           string
		user, password string
		spoil          []string // edits of the field
		later          time.Duration
		want           string
	}{
		{"the account", "ann", "secret", nil, 0, "200 OK"},
		{"a nonce of a while ago", "ann", "secret", nil, nonceLife, "200 OK"},
		{"a nonce of long ago", "ann", "secret", nil, 3 * nonceLife, "401 Unauthorized"},
		{"another password", "ann", "guess", nil, 0, "401 Unauthorized"},
		{"another user", "bob", "secret", nil, 0, "401 Unauthorized"},
		{"another realm", "ann", "secret", []string{`realm="phone"`, `realm="x"`}, 0, "401 Unauthorized"},
		{"a protection that was not offered", "ann", "secret", []string{"qop=auth", "qop=auth-int"}, 0, "401 Unauthorized"},
		{"what is no Digest", "ann", "secret", []string{"Digest", "Basic"}, 0, "401 Unauthorized"},
	} {
		shown, err := digest.Digest(challenge, digest.Options{Method: "NOTIFY", URI: "sip:100@192.0.2.10", Count: 1, Username: test.user, Password: test.password})
		if err != nil {
			t.Fatal(err)
		}
		field := edit(t, shown.String(), test.spoil...)
		got := a.take(wire(edit(t, checkSync, "CSeq: 7", "CSeq: "+strconv.Itoa(8+n), "Event:", "Authorization: "+field+"\nEvent:")), exchange, noon.Add(test.later))
		if status(got) != test.want || (got.asked == Resync) != (test.want == "200 OK") || strings.Contains(got.note, "secret") {
			t.Errorf("%s: %s, asks for %d, note %q, want %s", test.rule, status(got), got.asked, got.note, test.want)
		}
	}
	for user, want := range map[string]string{"200": "200 OK", "300": "403 Forbidden"} {
		if got := a.take(wire(edit(t, checkSync, "sip:100@192", "sip:"+user+"@192", "c1@", user+"@")), exchange, noon); status(got) != want {
			t.Errorf("the user %s: %s, want %s", user, status(got), want)
		}
	}
}

// An event that the phone knows, and that its settings forbid (YL-TRG-4).
func TestForbiddenBySettings(t *testing.T) {
	a := newAgent()
	a.read = func(event string) (Request, bool) { return nothing, event == "check-sync" }
	if got := a.take(wire(checkSync), exchange, noon); !strings.HasPrefix(string(got.answer), "SIP/2.0 403 Forbidden") || got.asked != nothing || !strings.Contains(got.note, "settings do not allow it") {
		t.Errorf("%q, asked for %d, note %q", got.answer, got.asked, got.note)
	}
}

// A report is asked of phones that send one, and refused by others (SPA-TRG-2).
func TestReportIsForPhonesThatKnowIt(t *testing.T) {
	for reports, want := range map[bool]Request{true: Report, false: nothing} {
		a := newAgent()
		if reports {
			a.read = func(event string) (Request, bool) { return Report, event == "report" }
		}
		got := a.take(wire(edit(t, checkSync, "check-sync", "report")), exchange, noon)
		if got.asked != want || (got.note == "") != reports {
			t.Errorf("a phone that reports is %v: asked for %d, note %q", reports, got.asked, got.note)
		}
	}
}
