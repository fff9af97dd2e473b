package tally

import (
	"fmt"
	"strconv"
	"time"
)

// Threshold is a condition under which a run fails. Make one with
// [ParseThreshold]. The grammar, in which blanks may stand between words:
//
//	threshold = measure operator limit
//	measure   = statistic "(" times ")" | "peak" "(" "1s" | "10s" | "1m" ")"
//	          | share "(" "provisioned" ")" | count
//	statistic = "p50" | "p90" | "p95" | "p99" | "p999" | "max" | "mean"
//	times     = "fetch" | "latency" | "service" | "dhcp" | "upgrade" | "transfer" | "lag"
//	share     = "t50" | "t90" | "t99" | "t100"
//	count     = "failed" | "provisioned" | "missed" | "errors" | "bans" | "local" | "wasted"
//	operator  = ">" | ">=" | "<" | "<=" | "==" | "!="
//	limit     = a duration such as 500ms, a number, or a number and "%"
//
// A statistic and a share take a duration, a peak a number of resyncs that
// start in one window, and a count a number; failed, provisioned, missed
// and wasted take a percentage too.
//
// fetch and latency are the time of a resync from the instant at which it was
// due, service that from its start, upgrade that of a firmware upgrade from
// when it was due, transfer that of any transfer of any job, whatever their outcome; dhcp is the time from boot to lease,
// lag what the machine itself was behind its schedule. The times t50 to t100
// are those of the first wave, from the start of the run; a share that was
// never reached took for ever.
//
// failed counts resyncs that failed, in percent of those that ended; errors
// counts the failures of all jobs. provisioned counts the devices that are
// provisioned at the end of the run ([Readiness]). missed counts the transfers that failed
// as the vendor expects, in percent of all transfers. wasted counts transfers that
// failed after bytes had arrived, in percent of the resyncs that ended.
type Threshold struct {
	text     string
	name     string // of the measure
	argument string // in its parentheses
	operator string
	limit    float64 // nanoseconds where it is a duration
	unit     unit
}

// unit is what a limit is measured in.
type unit uint8

const (
	number unit = iota
	percent
	duration
)

// String returns the text that was parsed.
func (t Threshold) String() string { return t.text }

// Result is the result of a threshold.
type Result struct {
	Expression string `json:"expression"`
	Value      string `json:"value"` // what was measured, in the limit's unit
	// Known is false where there is nothing to measure, such as the latency of a
	// run without a resync. Such a threshold has not failed.
	Known  bool `json:"known"`
	Failed bool `json:"failed"`
}

// defaultText is the rule of a run that has no threshold.
const defaultText = "no phone's last job failed, and at least one was provisioned"

// DefaultRule returns what a run without a threshold is held to. It says what must
// be, and not, as a threshold does, what must not be.
func DefaultRule() Threshold { return Threshold{text: defaultText} }

// Rule returns in words what must be.
func (r Result) Rule() string {
	if r.Expression == defaultText {
		return defaultText
	}
	return "not " + r.Expression
}

func checkDefault(t *Totals) Result {
	p := t.provisioned()
	return Result{
		Expression: defaultText, Known: t.Devices > 0, Failed: t.Devices > 0 && (t.Failing > 0 || p.Count == 0),
		Value: fmt.Sprintf("%d failed, %d of %d provisioned", t.Failing, p.Count, p.Devices),
	}
}

// Check measures.
func (t Threshold) Check(totals *Totals) Result {
	if t == DefaultRule() {
		return checkDefault(totals)
	}
	value, known := t.measure(totals)
	return Result{Expression: t.text, Value: t.format(value, known), Known: known, Failed: known && t.exceeded(value)}
}

func (t Threshold) exceeded(value float64) bool {
	switch t.operator {
	case ">":
		return value > t.limit
	case ">=":
		return value >= t.limit
	case "<":
		return value < t.limit
	case "<=":
		return value <= t.limit
	case "==":
		return value == t.limit
	}
	return value != t.limit
}

func (t Threshold) format(value float64, known bool) string {
	switch {
	case !known:
		return "nothing to measure"
	case t.unit == duration && value >= forever:
		return "never"
	case t.unit == duration:
		return rounded(time.Duration(value)).String()
	case t.unit == percent:
		return fmt.Sprintf("%.4g%%", value)
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// rounded cuts the digits that a histogram does not know.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
