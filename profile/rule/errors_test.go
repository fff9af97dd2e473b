package rule_test

import (
	"bufio"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"provsim/profile/rule"
)

// TestErrors reads testdata/errors.txt, where each rule stands over a caret and
// what the error says: the column, what was found and expected, and a hint (FV-RULE-8).
func TestErrors(t *testing.T) {
	file, err := os.Open("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var reader, ruleText string
	cases := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		text := scanner.Text()
		name, isSection := strings.CutPrefix(text, "== ")
		column, says, isCaret := strings.Cut(text, "^ ")
		switch {
		case isSection:
			reader = name
		case isCaret && strings.Trim(column, " ") == "":
			cases++
			t.Run(reader+"/"+ruleText, func(t *testing.T) {
				checkError(t, readRule(t, reader, ruleText), utf8.RuneCountInString(column)+1, says)
			})
		case text != "" && text[0] != '#':
			ruleText = text
		}
	}
	if cases == 0 {
		t.Fatal("testdata/errors.txt has no cases")
	}
}

func readRule(t *testing.T, reader, text string) error {
	var err error
	switch reader {
	case "Parse":
		_, err = rule.Parse(text)
	case "ParseUpgrade":
		_, err = rule.ParseUpgrade(text)
	case "ParseOption66":
		_, _, err = rule.ParseOption66(text, "IP542N.conf")
	default:
		t.Fatalf("no function %q", reader)
	}
	return err
}

func checkError(t *testing.T, err error, column int, says string) {
	t.Helper()
	var wrong *rule.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("the error is %v, want a RuleError at column %d", err, column)
	}
	if wrong.Column != column {
		t.Errorf("column %d, want %d:\n%s", wrong.Column, column, wrong.Caret())
	}
	if !regexp.MustCompile(says).MatchString(wrong.Error()) {
		t.Errorf("the error is\n%v\nwant a match of\n%s", wrong, says)
	}
	if strings.Contains(wrong.Error(), "\n") {
		t.Errorf("the error has more than one line: %q", wrong.Error())
	}
}

func TestCaretStandsUnderTheColumn(t *testing.T) {
	_, err := rule.Parse("[--key ‘ключ’]\thttp://h:8o/x\x01")
	var wrong *rule.Error
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	want := "[--key ******] http://h:8o/x \n" + strings.Repeat(" ", 28) + "^"
	if got := wrong.Caret(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLongTextsAreCutInErrors(t *testing.T) {
	_, err := rule.Parse(strings.Repeat("x", 4000) + "://h/x")
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("the error has %d bytes: %.300v", len(err.Error()), err)
	}
}

func TestLongRulesAreRefused(t *testing.T) {
	text := "http://u:" + strings.Repeat("ж", 1<<16) + "@h/x"
	_, long := rule.Parse(text)
	_, _, option := rule.ParseOption66(strings.Repeat("h", 1<<16), "x")
	checkError(t, option, 4097, "found")
	_, broken := rule.Parse(strings.Repeat("\x82", 5000))
	checkError(t, broken, 1, "found")
	_, server := rule.Rule{Path: "/x"}.Target(strings.Repeat("h", 1<<16))
	for _, err := range []error{long, option, server} {
		if err == nil || !strings.Contains(err.Error(), "want a rule of at most 4096 bytes") {
			t.Errorf("the error is %v", err)
		}
		if wrong, ok := err.(*rule.Error); !ok || strings.Trim(wrong.Text, "*") != "" {
			t.Errorf("the error shows some of what it has not looked through")
		}
	}
}

func TestLongHostsAreRefused(t *testing.T) { // RFC 1035 section 2.3.4
	if _, err := rule.Parse("http://" + strings.Repeat("h", 253) + "/x"); err != nil {
		t.Error(err)
	}
	_, err := rule.Parse("http://" + strings.Repeat("h", 254) + "/x")
	checkError(t, err, len("http://")+254, "want a host of at most 253 characters")
}

func TestTheLimitMayFallIntoACharacter(t *testing.T) {
	for before := 4090; before <= 4095; before++ {
		for _, tail := range []string{"€€", "🕿", "\xe2\x82\xe2\x82", "\x82\x82\x82\x82"} {
			text := "/" + strings.Repeat("x", before) + tail
			switch _, err := rule.Parse(text); {
			case len(text) > 4096:
				checkRuleError(t, err)
			case err != nil:
				t.Errorf("a rule of %d bytes is refused", len(text))
			}
		}
	}
}
