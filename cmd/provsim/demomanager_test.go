package main

import (
	"regexp"
	"strings"
	"testing"
)

// DM-TOP-1, DM-TOP-2, DM-TOP-3 by real sockets: what the manager and the Agent log, in
// order, and each action once.
func TestManagerStory(t *testing.T) {
	code, out, talk := provsim(t.Context(), "demo", "--story", "manager")
	if strings.Contains(talk, "needs the addresses") {
		t.Skip(talk)
	}
	if code != 0 {
		t.Fatalf("exit code %d, %s\n%s", code, talk, out)
	}
	line := regexp.MustCompile(`(?m)^  (manager|Agent) +(?:[0-9a-f]{12} )?(keep-alive \w+|action\.sent|action \w+|poll(?: ok)?|proxy|file|firmware)\b(?:.*(/[^/,]+),)?`)
	var got []string
	for _, m := range line.FindAllStringSubmatch(out, -1) {
		event := strings.TrimSpace(m[2] + " " + strings.TrimPrefix(m[3], "/"))
		switch {
		case m[1] == "manager" && !strings.HasPrefix(m[2], "poll"):
			got = append(got, event)
		case strings.HasPrefix(m[2], "action"):
			got = append(got, "Agent: "+event)
		}
	}
	const (
		part  = "file Audiocodes_440HD_global_GENERIC_empty.cfg"
		image = "firmware 440HD.img"
		first = "file 00908f602a01.cfg"
		other = "file 00908f602a02.cfg"
	)
	want := []string{
		image, "file dhcpoption160.cfg", "keep-alive started", image, first, part, "keep-alive registered",
		"action.sent", "action OK", "keep-alive offline", "keep-alive started", image, first, part, "keep-alive registered",
		image, other, part, "keep-alive started", "keep-alive registered",
		"action.sent", image, other, part, "action.sent", "Agent: action OK",
		image, other, part, "keep-alive offline", "keep-alive started", image, other, part, "keep-alive registered",
	}
	// The call of the manager, and of the Agent, is logged when its answer is there, which may be
	// later than what the phone does then.
	for _, call := range []string{"action OK", "Agent: action OK"} {
		got, want = without(got, call), without(want, call)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the logs have\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), out)
	}
	for text, want := range map[string]int{
		`shows "Hello from the manager"`: 2, "boots:": 5, " action OK": 2, "report OK": 1,
	} {
		if n := strings.Count(out, text); n != want {
			t.Errorf("%q is there %d times, want %d:\n%s", text, n, want, out)
		}
	}
}

// without returns a list without a word, which has to be in it once.
func without(list []string, word string) (rest []string) {
	found := 0
	for _, w := range list {
		if w != word {
			rest = append(rest, w)
			continue
		}
		found++
	}
	if found != 1 {
		rest = append(rest, word+" is not there once")
	}
	return rest
}
