package check

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"provsim/internal/oneline"
)

// Verdict is the outcome of a check.
type Verdict uint8

// The verdicts.
const (
	Passed  Verdict = iota // the requirement is met
	Failed                 // it is not
	Skipped                // the check does not apply to this target
	Errored                // the check could not be carried out, and says nothing about the requirement
)

var verdictWords = []string{Passed: "pass", Failed: "fail", Skipped: "skip", Errored: "error"}

// String returns the word of reports.
func (v Verdict) String() string { return word(verdictWords, v) }

// MarshalText returns the word of String.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a word of String.
func (v *Verdict) UnmarshalText(text []byte) (err error) {
	*v, err = find[Verdict](verdictWords, "verdict", string(text))
	return err
}

// A Finding is what a check has to say. The texts are for people; no secret is
// in them.
type Finding struct {
	Verdict  Verdict
	Expected string // of a failure: what would have been right
	Actual   string // what was found; of a pass, what makes it one, where that is useful
	Detail   string // anything else: why the check is skipped or could not run, what follows
}

// Pass is the finding of a requirement that is met; the format says by what.
func Pass(format string, args ...any) Finding {
	return Finding{Verdict: Passed, Actual: fmt.Sprintf(format, args...)}
}

// Fail is the finding of a requirement that is not met.
func Fail(expected, format string, args ...any) Finding {
	return Finding{Verdict: Failed, Expected: expected, Actual: fmt.Sprintf(format, args...)}
}

// Skip is the finding of a check that does not apply, for a reason that shows
// only while it runs.
func Skip(format string, args ...any) Finding {
	return Finding{Verdict: Skipped, Detail: fmt.Sprintf(format, args...)}
}

// Errorf is the finding of a check that could not be carried out, such as one
// that got no connection for its question. Where that is itself the answer, it
// is a failure instead.
func Errorf(format string, args ...any) Finding {
	err := fmt.Errorf(format, args...)
	if errors.Is(err, context.DeadlineExceeded) {
		return Finding{Verdict: Errored, Detail: "the check ran out of time: " + err.Error()}
	}
	return Finding{Verdict: Errored, Detail: err.Error()}
}

// With returns the finding with a detail.
func (f Finding) With(format string, args ...any) Finding {
	f.Detail = fmt.Sprintf(format, args...)
	return f
}

// maxText is how long a text of a finding may be, in bytes. Servers write into
// it.
const maxText = 600

// Clean returns the finding as it may be shown on any terminal and in any file:
// one line of valid UTF-8 a text, no control characters, and not too long.
func (f Finding) Clean() Finding {
	for _, text := range []*string{&f.Expected, &f.Actual, &f.Detail} {
		*text = clean(*text)
	}
	return f
}

// clean returns a text in one line, cut where it is long.
func clean(text string) string {
	if len(text) > maxText {
		cut := maxText
		for !utf8.RuneStart(text[cut]) && cut > maxText-utf8.UTFMax {
			cut--
		}
		text = text[:cut] + "…"
	}
	return oneline.Clean(text)
}
