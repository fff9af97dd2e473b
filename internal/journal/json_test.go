package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"

	"pgregory.net/rapid"
)

// asJSON returns the lines of records.
func asJSON(t interface{ Fatal(...any) }, records ...journal.Record) string {
	var b bytes.Buffer
	sink := journal.NewJSON(&b)
	for _, r := range records {
		if err := sink.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	const head = `{"t":0,"device":"0021f2011b19","seq":0,`
	east := time.FixedZone("east", 2*60*60)
	tests := []struct {
		rule   string
		record journal.Record
		want   string
	}{
		{"what is zero is absent", journal.Record{}, head + `"event":"boot"}`},
		{"all members, in their order", journal.Record{
			T: 12500 * time.Millisecond, Wall: time.Date(2026, 8, 1, 12, 0, 0, 120_000_000, time.UTC), Seq: 7,
			Event: device.Event{
				Kind: device.ResyncDone, Due: 12 * time.Second, Took: 4 * time.Millisecond, Outcome: resync.Applied,
				URL: "http://127.0.0.1/IP542N.conf", Bytes: 53, Job: resync.Resync, Cause: resync.Periodic, Version: "2208", Note: "n",
			},
		}, `{"t":12.5,"wall":"2026-08-01T12:00:00.12Z","device":"0021f2011b19","seq":7,"event":"resync.done","due":12,"took":0.004,` +
			`"outcome":"applied","url":"http://127.0.0.1/IP542N.conf","bytes":53,"job":"resync","cause":"periodic","version":"2208","note":"n"}`},
		{"a transfer says what it was", journal.Record{Event: device.Event{
			Kind: device.Transferred, Job: resync.Resync, Outcome: resync.NotFound, URL: "http://h/000000000000.cfg", Status: 404, Class: device.AuxClass, Expected: true,
		}}, head + `"event":"transfer","took":0,"outcome":"not-found","url":"http://h/000000000000.cfg","status":404,"method":"read","class":"aux","expected":true,"job":"resync"}`},
		{"wall time is in UTC", journal.Record{Wall: time.Date(2026, 8, 1, 1, 0, 0, 0, east)},
			`{"t":0,"wall":"2026-07-31T23:00:00Z","device":"0021f2011b19","seq":0,"event":"boot"}`},
		{"a start was due at once", journal.Record{Event: device.Event{Kind: device.ResyncStart}},
			head + `"event":"resync.start","due":0}`},
		{"a transfer took no time", journal.Record{Event: device.Event{Kind: device.UpgradeDone}},
			head + `"event":"upgrade.done","took":0}`},
		{"the largest numbers", journal.Record{T: math.MaxInt64, Seq: math.MaxUint32, Event: device.Event{Bytes: math.MaxInt64}},
			`{"t":9223372036.854775807,"device":"0021f2011b19","seq":4294967295,"event":"boot","bytes":9223372036854775807}`},
		{"the least numbers", journal.Record{T: math.MinInt64, Event: device.Event{Due: -1}},
			`{"t":-9223372036.854775808,"device":"0021f2011b19","seq":0,"event":"boot","due":-0.000000001}`},
	}
	for _, tt := range tests {
		tt.record.Device = phone
		if got := asJSON(t, tt.record); got != tt.want+"\n" {
			t.Errorf("%s:\ngot  %swant %s", tt.rule, got, tt.want)
		}
	}
}

func TestJSONStrings(t *testing.T) {
	tests := []struct{ rule, text, want string }{
		{"quotes and backslashes are escaped", `"\/`, `"\"\\/"`},
		{"so are control characters", "\x00\x1b[2J\n\t\r\x7f", `"\u0000\u001b[2J\n\t\u000d\u007f"`},
		{"and what some take for a line's end", "\u0085\u2028\u2029", `"\u0085\u2028\u2029"`},
		{"UTF-8 stays", "Schlüssel 鍵 😀", `"Schlüssel 鍵 😀"`},
		{"a byte that is not UTF-8 is replaced", "a\xff\xc3b", `"a��b"`},
		{"markup is no matter of JSON", "<&>", `"<&>"`},
	}
	for _, tt := range tests {
		r := journal.Record{Device: phone, Event: device.Event{Note: tt.text}}
		_, got, _ := strings.Cut(asJSON(t, r), `"note":`)
		if got != tt.want+"}\n" {
			t.Errorf("%s: %s, want %s", tt.rule, got, tt.want)
		}
	}
}

// Whatever bytes a record holds, it is one line of valid JSON, and encoding/json
// sees in it what it would have written.
func TestJSONIsValid(t *testing.T) {
	anyBytes := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	rapid.Check(t, func(t *rapid.T) {
		r := records(rapid.OneOf(anyBytes, rapid.String())).Draw(t, "record")
		text := asJSON(t, r)
		if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || !utf8.ValidString(text) {
			t.Fatalf("%q is not one line of UTF-8", text)
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(text), &members); err != nil {
			t.Fatalf("%s%v", text, err)
		}
		for name, value := range map[string]string{"url": r.URL, "version": r.Version, "note": r.Note} {
			if got, _ := members[name].(string); got != string([]rune(value)) {
				t.Fatalf("%s is %q, want %q", name, got, value)
			}
		}
		if again := asJSON(t, r); again != text {
			t.Fatalf("the same record gives %q and %q", text, again)
		}
	})
}

func TestJSONAllocatesNothing(t *testing.T) {
	sink := journal.NewJSON(io.Discard)
	r := typical()
	allocs := testing.AllocsPerRun(1000, func() {
		if err := sink.Add(&r); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a record, want none", allocs)
	}
}

// typical is a record with most members.
func typical() journal.Record {
	return journal.Record{
		T: 86_399_123_456_789, Wall: time.Date(2026, 8, 1, 12, 0, 0, 123_456_789, time.UTC), Device: phone, Seq: 123_456,
		Event: device.Event{
			Kind: device.ResyncDone, Took: 4_123_456, Outcome: resync.HTTPStatus,
			URL: "https://prov.example.net:8443/phones/0021f2011b19/IP542N.conf", Bytes: 2048, Note: "503 \"Service Unavailable\"",
		},
	}
}

// writerFunc is a writer that counts or fails.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestWriters(t *testing.T) {
	full := errors.New("disk full")
	sinks := map[string]func(io.Writer) journal.Sink{
		"JSON": func(w io.Writer) journal.Sink { return journal.NewJSON(w) },
		"Text": func(w io.Writer) journal.Sink { return journal.NewText(w) },
	}
	for name, sink := range sinks {
		writes := 0
		count := writerFunc(func(b []byte) (int, error) { writes++; return len(b), nil })
		if err := sink(count).Add(new(typical())); err != nil || writes != 1 {
			t.Errorf("%s: %d writes for a record, %v, want one: a line must not be torn", name, writes, err)
		}
		fail := writerFunc(func([]byte) (int, error) { return 0, full })
		if err := sink(fail).Add(new(typical())); !errors.Is(err, full) {
			t.Errorf("%s: error %v, want the writer's", name, err)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	b.ReportAllocs()
	sink := journal.NewJSON(io.Discard)
	r := typical()
	b.SetBytes(int64(len(asJSON(b, r))))
	for b.Loop() {
		if err := sink.Add(&r); err != nil {
			b.Fatal(err)
		}
	}
}
