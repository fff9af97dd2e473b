package journal_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"provsim/internal/journal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// readAll returns the records and the errors of a text.
func readAll(r io.Reader) (records []journal.Record, errs []error) {
	for record, err := range journal.Read(r) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		records = append(records, record)
	}
	return records, errs
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(records(rapid.String()), 0, 5).Draw(t, "records")
		for i, r := range want {
			// A text is what its runes are: JSON has no other bytes.
			want[i].URL, want[i].Version, want[i].Note = string([]rune(r.URL)), string([]rune(r.Version)), string([]rune(r.Note))
		}
		got, errs := readAll(iotest.HalfReader(strings.NewReader(asJSON(t, want...))))
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 || errs != nil {
			t.Fatalf("errors %v, records (-want +got):\n%s", errs, diff)
		}
	})
}

const good = `{"t":1.5,"device":"0021f2011b19","seq":1,"event":"boot"}`

func TestReadErrors(t *testing.T) {
	tests := []struct{ rule, line, hint string }{
		{"an empty line is no record", ``, "end of JSON"},
		{"nor is a torn one", good[:20], "end of JSON"},
		{"nor is half a record and a whole one", good[:20] + good, "invalid character"},
		{"nor are two records", good + good, "invalid character"},
		{"nor is another value", `[]`, "array"},
		{"nor is null", `null`, "want t, device, seq and event"},
		{"t is needed", `{"device":"0021f2011b19","seq":1,"event":"boot"}`, "want t, device, seq and event"},
		{"device is needed", `{"t":1,"seq":1,"event":"boot"}`, "want t, device, seq and event"},
		{"seq is needed", `{"t":1,"device":"0021f2011b19","event":"boot"}`, "want t, device, seq and event"},
		{"event is needed", `{"t":1,"device":"0021f2011b19","seq":1}`, "want t, device, seq and event"},
		{"words are those of the journal", strings.Replace(good, "boot", "start", 1), `event "start"`},
		{"a device is a MAC address", strings.Replace(good, "0021f2011b19", "0021f2", 1), "MAC address"},
		{"seconds have no exponent", strings.Replace(good, "1.5", "1e3", 1), `"1e3"`},
		{"seconds are not finer than a nanosecond", strings.Replace(good, "1.5", "0.0000000001", 1), `"0.0000000001"`},
		{"seconds have an end", strings.Replace(good, "1.5", "9223372036.854775808", 1), `"9223372036.854775808"`},
		{"seconds are a number", strings.Replace(good, "1.5", `"1.5"`, 1), "want seconds"},
		{"seq is not negative", strings.Replace(good, `"seq":1`, `"seq":-1`, 1), "-1"},
	}
	for _, tt := range tests {
		records, errs := readAll(strings.NewReader(good + "\n" + tt.line + "\n" + good + "\n"))
		if len(records) != 2 || len(errs) != 1 {
			t.Errorf("%s: %d records and errors %v, want the records before and after and one error", tt.rule, len(records), errs)
			continue
		}
		if text := errs[0].Error(); !strings.HasPrefix(text, "line 2: ") || !strings.Contains(text, tt.hint) {
			t.Errorf("%s: error %q, want line 2 and %s", tt.rule, text, tt.hint)
		}
	}
}

func TestReadLaterReleases(t *testing.T) {
	later := strings.Replace(good, `"seq"`, `"colour":{"name":"blue"},"seq"`, 1)
	want, _ := readAll(strings.NewReader(good))
	got, errs := readAll(strings.NewReader(later))
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 1 || errs != nil {
		t.Errorf("errors %v, records (-want +got):\n%s", errs, diff)
	}
}

func TestReadEnds(t *testing.T) {
	broken := errors.New("cable cut")
	records, errs := readAll(io.MultiReader(strings.NewReader(good+"\n"+good[:9]), iotest.ErrReader(broken)))
	if len(records) != 1 || len(errs) != 2 || !errors.Is(errs[1], broken) {
		t.Errorf("an error of the reader: %d records, errors %v, want the record before it and the error last", len(records), errs)
	}

	records, errs = readAll(strings.NewReader(good + "\n" + strings.Repeat("x", journal.MaxLine) + "\n" + good))
	if len(records) != 1 || len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "line 2: ") {
		t.Errorf("a line over MaxLine: %d records, errors %.200v, want the record before it and line 2", len(records), errs)
	}

	for range journal.Read(strings.NewReader(good + "\n" + good)) {
		break // must not be called again, which would panic
	}
	if records, errs = readAll(strings.NewReader("")); records != nil || errs != nil {
		t.Errorf("nothing: %v, %v, want nothing", records, errs)
	}
}

// A version may be as long as a configuration.
func TestReadLongestRecord(t *testing.T) {
	want := typical()
	want.Version = strings.Repeat("\x01", 1<<20)
	want.Note, want.URL = want.Version, want.Version
	got, errs := readAll(strings.NewReader(asJSON(t, want)))
	if len(got) != 1 || !cmp.Equal(got[0], want) {
		t.Errorf("%d records, errors %.200v, want the record that was written", len(got), errs)
	}
}

// FuzzRead: what reads as a record reads the same after it has been written.
func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(asJSON(f, typical(), typical())))
	f.Add([]byte(`{"t":-0.5,"wall":"2026-08-01T12:00:00+02:00","device":"00:21:F2:01:1B:19","seq":0,"event":"warn","due":0,"note":"\ud800"}`))
	f.Add([]byte("\n\xff\n{}\nnull\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := bytes.Count(text, []byte("\n")) + 1
		records, errs := readAll(bytes.NewReader(text))
		if len(records)+len(errs) > lines {
			t.Fatalf("%d records and %d errors of %d lines", len(records), len(errs), lines)
		}
		for _, r := range records {
			if year := r.Wall.Year(); year < 0 || year > 9999 {
				continue // RFC 3339 ends there, and a time zone may lead beyond it
			}
			again, errs := readAll(strings.NewReader(asJSON(t, r)))
			if diff := cmp.Diff([]journal.Record{r}, again); diff != "" || errs != nil {
				t.Fatalf("errors %v, record (-first +again):\n%s", errs, diff)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	line := asJSON(b, typical())
	b.SetBytes(int64(len(line)))
	next, lines := 0, []byte(line)
	endless := readerFunc(func(p []byte) (int, error) {
		n := copy(p, lines[next:])
		next = (next + n) % len(lines)
		return n, nil
	})
	for _, err := range journal.Read(endless) {
		if err != nil {
			b.Fatal(err)
		}
		if !b.Loop() {
			break
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
