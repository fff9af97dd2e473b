package rule_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/macro"
	"provsim/profile/rule"
)

const software = "7.5.5"

// taken writes the result of a rule: the alternative that is taken, or why none is.
func taken(t interface{ Fatal(...any) }, text, software string) string {
	full, err := rule.ParseFull(text, software)
	if err != nil {
		if _, ok := err.(*rule.Error); !ok {
			t.Fatal("the error is not a rule.Error: ", err)
		}
		return "bad-rule"
	}
	n := full.Take()
	if n < 0 {
		return "skipped"
	}
	a := full[n]
	var b strings.Builder
	for _, assigned := range a.Assignments {
		fmt.Fprintf(&b, "%s=%q ", assigned.Name, assigned.Value)
	}
	for _, o := range a.Options {
		fmt.Fprintf(&b, "%s:%s ", o.Name, o.Value)
	}
	return strings.TrimSpace(b.String() + a.Target.String())
}

func TestFull(t *testing.T) {
	for _, test := range []struct{ rule, text, want string }{
		{"SPA-RULE-1 a target", "/spa504G.cfg", "/spa504G.cfg"},
		{"SPA-RULE-1 a URL", "http://a:8080/x?y=z", "http://a:8080/x?y=z"},
		{"SPA-RULE-1 a scheme in capitals", "HTTP://a/x", "http://a/x"},
		{"SPA-RULE-1 a comment", "# http://a/x", "skipped"},
		{"SPA-RULE-1 nothing", " ", "skipped"},
		{"SPA-RULE-1 blanks", " ( 7.5.5 eq 7.5.5 )? ( b = \"1\" ; )! [ --uid u ] http://a/x ", `GPP_B="1" uid:u http://a/x`},
		{"SPA-RULE-1 a condition, two alternatives", "(7.5.5 lt 7.4.8)? http://a/old.cfg | [--uid u --pwd p]http://a/x", "uid:u pwd:p http://a/x"},
		{"SPA-RULE-1 and the first of them", "(7.4.7 lt 7.4.8)? http://a/old.cfg | [--uid u --pwd p]http://a/x", "http://a/old.cfg"},
		{"SPA-RULE-1 no left operand", "( ! 7.5.5 )? http://a/x", "skipped"},
		{"SPA-RULE-1 no left operand, other words", "(<= 7.5.5)? /x | /y", "/x"},
		{"SPA-RULE-1 no parentheses", "! 7.5.5 ? http://a/x", "bad-rule"},
		{"SPA-RULE-1 and", "(1 eq 1 and 2 gt 1)? /x", "/x"},
		{"SPA-RULE-1 and one is false", "(1 eq 1 and 2 gt 3)? /x", "skipped"},
		{"SPA-RULE-1 signs need no blanks", `(1=1 and "a"!="b"and 2>=1)? /x`, "/x"},
		{"SPA-RULE-1 the bar in quotation marks", `(a="1|2")! /x`, `GPP_A="1|2" /x`},
		{"SPA-RULE-1 a key in quotation marks", `[--key "a b"]/x`, "key:a b /x"},
		{"SPA-RULE-1 an address in brackets", "http://[2001:db8::1]/x", "http://[2001:db8::1]/x"},
		{"SPA-RULE-3 the first that holds", "(1 eq 2)? /a | (1 eq 1)? /b | /c", "/b"},
		{"SPA-RULE-3 an alternative of a later one is wrong", "/a | (1 eq)? /b", "bad-rule"},
		{"SPA-RULE-4 assignments alone", `(GPP_A="x504G"; b="")!`, `GPP_A="x504G" GPP_B=""`},
		{"SPA-RULE-4 a parameter", `(Resync_Periodic="30")! /x`, `Resync_Periodic="30" /x`},
		{"SPA-RULE-5 letters behind a version", "(7.5.5(b) gt 7.5.5)? /x", "/x"},
		{"SPA-RULE-5 as a phone reports them", "(7.4.9c gt 7.4.9(b))? /x", "/x"},
		{"SPA-RULE-5 numbers by value", "(7.10.1 gt 7.9.9)? /x", "/x"},
		{"SPA-RULE-5 integers by value", "(10 gt 9)? /x", "/x"},
		{"SPA-RULE-5 a request is -1", "(-1 lt 0)? /x", "/x"},
		{"SPA-RULE-5 texts", `("" ne "")? /x`, "skipped"},
		{"SPA-RULE-5 texts have no order", `("a" lt "b")? /x`, "bad-rule"},
		{"SPA-RULE-5 mixed kinds", `(1 eq "1")? /x`, "bad-rule"},
		{"SPA-RULE-5 mixed kinds", "(1 eq 1.0.0)? /x", "bad-rule"},
		{"SPA-RULE-5 a blank inside a version", "(7.5.5 (b) gt 7.5.5)? /x", "bad-rule"},
		{"SPA-RULE-6 all options", "[--key k --post f --alias a --uid u --pwd p] http://a/x", "key:k post:f alias:a uid:u pwd:p http://a/x"},
		{"SPA-RULE-6 an unknown option", "[--pass p]/x", "bad-rule"},
		{"SPA-RULE-6 no value", "[--uid]/x", "bad-rule"},
		{"SPA-RULE-6 not a letter of a parameter", "[--post z]http://a/x", "bad-rule"},
		{"SPA-RULE-6 credentials stand in brackets", "http://u:p@a/x", "bad-rule"},
		{"a bracket that stays open", "[--key k /x", "bad-rule"},
		{"a condition that stays open", "(1 eq 1 /x", "bad-rule"},
		{"an unknown scheme", "gopher://a/x", "bad-rule"},
		{"no path", "http://a", "bad-rule"},
		{"an assignment twice", `(a="1")!(b="2")!/x`, "bad-rule"},
		{"an assignment without quotation marks", `(a=1)!/x`, "bad-rule"},
	} {
		if got := taken(t, test.text, software); got != test.want {
			t.Errorf("%s: %s\n got %s\nwant %s", test.rule, test.text, got, test.want)
		}
	}
	if got := taken(t, "(< 8.0.0)? /x", "unknown"); got != "bad-rule" {
		t.Errorf("a phone whose version cannot be compared takes %s", got)
	}
}

func TestFullErrorsShowNoSecret(t *testing.T) {
	for _, text := range []string{
		"[--key hunter2]htp://a/x", "[--uid u --pwd hunter2 http://a/x", `(GPP_A="hunter2")? /x`, "[--kee hunter2]/x",
		`(1 eq 1)? [--key "hunter2" --post z]/x`, "http://u:hunter2@a/x", "/x | [--pwd hunter2]http://a:x/y",
	} {
		_, err := rule.ParseFull(text, software)
		wrong, ok := err.(*rule.Error)
		if !ok {
			t.Errorf("%s: %v", text, err)
		} else if strings.Contains(wrong.Error()+wrong.Caret(), "hunter2") {
			t.Errorf("%s shows its secret:\n%s\n%s", text, wrong, wrong.Caret())
		}
	}
}

func TestParseCondition(t *testing.T) { // SPA-RULE-7
	for text, want := range map[string]bool{"1 gt 0": true, "1 gt 1": false, "": true, "1 gt 0 and 2 gt 3": false} {
		c, err := rule.ParseCondition(text, software)
		if err != nil || c.Holds() != want {
			t.Errorf("%q: %v, %v", text, c.Holds(), err)
		}
	}
	for _, text := range []string{"(1 gt 0)?", "1 gt", "gt", "1 gt 0 or 1"} {
		if _, err := rule.ParseCondition(text, software); err == nil {
			t.Errorf("%q is a condition", text)
		}
	}
}

// The naive implementation: regular expressions over one alternative at a time.
var (
	naiveAlternative = regexp.MustCompile(`^ *(?:\(([^"]*?(?:"[^"]*"[^"]*?)*)\)\?)? *(?:\(((?:[^")]|"[^"]*")*)\)!)? *(?:\[([^\]]*)\])? *(/[a-z]+)? *$`)
	naiveComparison  = regexp.MustCompile(`^ *("[^"]*"|[0-9.()a-z]*?) *(!=|<=|>=|=|<|>|!|\beq\b|\bne\b|\blt\b|\ble\b|\bgt\b|\bge\b) *("[^"]*"|[0-9.()a-z]+) *$`)
	naiveVersion     = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(?:\(([a-z0-9]+)\))?$`)
	naiveAssigned    = regexp.MustCompile(`([A-Za-z_]+) *= *"([^"]*)" *;?`)
	naiveOption      = regexp.MustCompile(`--(\w+) +(\w+)`)
)

func naiveHolds(text string) (holds, ok bool) {
	holds = true
	for _, part := range regexp.MustCompile(` and `).Split(text, -1) {
		m := naiveComparison.FindStringSubmatch(part)
		if m == nil {
			return false, false
		}
		left, op, right := m[1], m[2], m[3]
		if left == "" {
			left = software
		}
		order, kind := naiveOrder(left, right)
		switch kind {
		case "text":
			if op != "=" && op != "!=" && op != "eq" && op != "ne" && op != "!" {
				return false, false
			}
		case "":
			return false, false
		}
		var truth bool
		switch op {
		case "=", "eq":
			truth = order == 0
		case "!=", "ne", "!":
			truth = order != 0
		case "<", "lt":
			truth = order < 0
		case "<=", "le":
			truth = order <= 0
		case ">", "gt":
			truth = order > 0
		default:
			truth = order >= 0
		}
		holds = holds && truth
	}
	return holds, true
}

func naiveOrder(left, right string) (order int, kind string) {
	if strings.HasPrefix(left, `"`) && strings.HasPrefix(right, `"`) {
		return strings.Compare(left, right), "text"
	}
	a, errA := strconv.Atoi(left)
	b, errB := strconv.Atoi(right)
	if errA == nil && errB == nil {
		return a - b, "number"
	}
	v, w := naiveVersion.FindStringSubmatch(left), naiveVersion.FindStringSubmatch(right)
	if v == nil || w == nil {
		return 0, ""
	}
	for i := 1; i <= 3; i++ {
		a, _ := strconv.Atoi(v[i])
		b, _ := strconv.Atoi(w[i])
		if a != b {
			return a - b, "version"
		}
	}
	return strings.Compare(v[4], w[4]), "version"
}

func naiveTaken(text string) string {
	result := "skipped"
	for _, part := range strings.Split(text, "|") {
		m := naiveAlternative.FindStringSubmatch(part)
		if m == nil {
			return "bad-rule"
		}
		holds := true
		if m[1] != "" {
			var ok bool
			if holds, ok = naiveHolds(m[1]); !ok {
				return "bad-rule"
			}
		}
		if !holds || result != "skipped" {
			continue
		}
		result = ""
		for _, a := range naiveAssigned.FindAllStringSubmatch(m[2], -1) {
			name := a[1]
			if len(name) == 1 {
				name = "GPP_" + strings.ToUpper(name)
			}
			result += fmt.Sprintf("%s=%q ", name, a[2])
		}
		for _, o := range naiveOption.FindAllStringSubmatch(m[3], -1) {
			result += o[1] + ":" + o[2] + " "
		}
		result = strings.TrimSpace(result + m[4])
	}
	return result
}

// Random rules come to the same in both implementations.
func TestFullAgainstNaive(t *testing.T) {
	operand := rapid.SampledFrom([]string{"1", "2", "10", "7.5.5", "7.5.5(b)", "7.10.0", `"a"`, `""`, `"b c"`})
	operator := rapid.SampledFrom([]string{" eq ", " ne ", " lt ", " le ", " gt ", " ge ", "=", " != ", "<", " <= ", ">", ">=", " ! "})
	comparison := rapid.Custom(func(t *rapid.T) string {
		left := operand.Draw(t, "left")
		if rapid.IntRange(0, 4).Draw(t, "omit") == 0 {
			left = " "
		}
		return left + operator.Draw(t, "operator") + operand.Draw(t, "right")
	})
	alternative := rapid.Custom(func(t *rapid.T) string {
		text := rapid.SampledFrom([]string{"", " "}).Draw(t, "blank")
		if rapid.Bool().Draw(t, "conditional") {
			text += "(" + strings.Join(rapid.SliceOfN(comparison, 1, 2).Draw(t, "condition"), " and ") + ")? "
		}
		text += rapid.SampledFrom([]string{"", "", `(a="1")!`, `( GPP_B = "x;y" ; c="" )! `}).Draw(t, "assigned")
		text += rapid.SampledFrom([]string{"", "", "[--key k]", "[ --uid u --pwd p ] ", "[--post f]"}).Draw(t, "options")
		return text + rapid.SampledFrom([]string{"/x", "/y ", "/"}).Draw(t, "target") + "z"
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(alternative, 1, 3).Draw(t, "rule"), "|")
		text = strings.ReplaceAll(text, "/y z", "/yz")
		if got, want := taken(t, text, software), naiveTaken(text); got != want {
			t.Fatalf("%s\n got %s\nwant %s", text, got, want)
		}
	})
}

func FuzzParseFull(f *testing.F) {
	for _, seed := range append(ruleSeeds, `(7.5.5 lt 7.4.8)? http://a/x | (a="1";)! [--uid u --pwd "p q"]/y`, "( ! 7.5.5 )? /x", "#", "(((", "[--", "|", `("`, "(1=1)?|") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		full, err := rule.ParseFull(text, software)
		if err != nil {
			checkRuleError(t, err)
			return
		}
		if n := full.Take(); n >= 0 && !full[n].Target.IsZero() {
			checkTarget(t, full[n].Target)
		}
	})
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{"1 gt 0 and 7.5.5(b) lt 7.5.5", `"a"="b"`, "! 7.5.5", "and", "9999999999999999999 gt -9999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := rule.ParseCondition(text, software)
		if err != nil {
			checkRuleError(t, err)
			return
		}
		c.Holds()
		// A condition in parentheses means the same, unless its signs hide the parenthesis.
		if full, err := rule.ParseFull("("+text+")? /x", software); err == nil && len(c) > 0 && (full.Take() >= 0) != c.Holds() {
			t.Errorf("%q holds: %v, and in a rule it does not", text, c.Holds())
		}
	})
}

// A value that expands into a rule's text is read as a part of it (SPA-RULE-2).
func TestFullIsParsedAfterExpansion(t *testing.T) {
	vars := macro.Map{"A": "http://a/x | /y", "B": ""}
	if got := taken(t, macro.Expand("$A", vars, macro.Sipura), software); got != "http://a/x" {
		t.Errorf("the rule comes to %s", got)
	}
	if got := taken(t, macro.Expand(`("$B" ne "")? /x | /spa$STRANGE`, vars, macro.Sipura), software); got != "/spa$STRANGE" {
		t.Errorf("the rule comes to %s", got)
	}
}
