package main

import (
	"slices"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/lab"
)

// labOnly returns a tournament of provsim's client with the lab, which offers
// the files of served.
func labOnly(t *testing.T, served site) (tournament, server) {
	t.Helper()
	l, err := lab.Start(lab.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for name, body := range served {
		l.Files.Put(name, body)
	}
	s := server{name: "provsim lab", addr: l.Addr("tftp")}
	return tournament{files: smallSite(), dir: t.TempDir(), servers: []server{s}, clients: clients()[:1]}, s
}

func TestEveryTransferIsCompared(t *testing.T) {
	l := small("4 at a time", 2*phones, 4)
	l.race = race{least: 2}

	sound, _ := labOnly(t, smallSite())
	var text strings.Builder
	if err := sound.play(t.Context(), &text, "files/s", 1, []load{l}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(text.String(), "| provsim lab | 4 at a time | 2      | ") || strings.Contains(text.String(), "erred") {
		t.Errorf("want a row of 2 rounds with a figure, got\n%s", text.String())
	}

	wrong := smallSite()
	wrong[smallFile(42)] = slices.Concat(wrong[smallFile(42)][:smallSize-1], []byte{0})
	spoilt, s := labOnly(t, wrong)
	if _, err := l.race.run(t.Context(), spoilt.contenders(s, l)); err == nil || !strings.Contains(err.Error(), "result-42") {
		t.Errorf("error %v, want the one wrong file", err)
	}
}

func TestClientsThatCannot(t *testing.T) {
	for _, c := range clients() {
		for _, want := range []struct {
			options device.TFTPOptions
			lack    string // the names of those that lack it
			reason  string
		}{
			{device.TFTPOptions{BlockSize: 1428}, "tftp", "no options"},
			{device.TFTPOptions{BlockSize: 1428, WindowSize: 8}, "tftp", "no options"},
			{device.TFTPOptions{BlockSize: 1428, WindowSize: 8}, "curl", "no windowsize"},
		} {
			if got := c.lacks(want.options); (got == want.reason) != (c.name == want.lack) {
				t.Errorf("%s with %+v: lacks %q, want %q from %s alone", c.name, want.options, got, want.reason, want.lack)
			}
		}
	}
}

func TestServerThatIsNotInstalled(t *testing.T) {
	s := server{program: "provsim-no-such-program"}
	if err := s.start(t.Context(), t.TempDir()); err != nil || s.absent != "not installed" {
		t.Errorf("absent %q, %v, want a row that says so", s.absent, err)
	}
	for _, c := range (tournament{clients: clients()}).contenders(s, small("one at a time", 1, 1)) {
		if c.absent != "not installed" {
			t.Errorf("%s: absent %q", c.name, c.absent)
		}
	}
}
