package ciscospa

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/resync"
)

var update = flag.Bool("update", false, "write the conversations as they are now")

// TestConversations plays the files of testdata. Each has commands, a line "----",
// and the whole trace that they lead to. The commands are:
//
//	set NAME=VALUE           a stored setting
//	quirk NAME=VALUE
//	product NAME VERSION
//	option NUMBER=VALUE      of the lease, in place of option 66 10.0.0.5
//	file URL                 the lines below, up to a line ".", are what the server has
//	fails URL OUTCOME
//	boot | wait DURATION | ask | notify | line busy | line idle
func TestConversations(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			commands, want, ok := strings.Cut(string(text), "\n----\n")
			if !ok {
				t.Fatal("no line ----")
			}
			got := play(t, commands)
			if *update {
				if err := os.WriteFile(name, []byte(commands+"\n----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("the trace is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// play carries out commands and returns the trace: requests and events.
func play(t *testing.T, commands string) string {
	var settings, options []string
	quirks := []string{}
	id := shipped
	id.MAC, id.Serial = examplePhone, "CCQ162306EA"
	files := map[string]string{}
	var p *phone
	lines := strings.Split(commands, "\n")
	for i := 0; i < len(lines); i++ {
		verb, rest, _ := strings.Cut(strings.TrimSpace(lines[i]), " ")
		switch verb {
		case "", "#":
			continue
		case "set":
			settings = append(settings, rest)
			continue
		case "quirk":
			quirks = append(quirks, rest)
			continue
		case "product":
			id.Product, id.Software, _ = strings.Cut(rest, " ")
			continue
		case "option":
			number, value, _ := strings.Cut(rest, "=")
			options = append(options, number, value)
			continue
		case "fails":
			url, outcome, _ := strings.Cut(rest, " ")
			files[url] = outcome
			continue
		case "file":
			var body []string
			for i++; i < len(lines) && lines[i] != "."; i++ {
				body = append(body, lines[i])
			}
			files[rest] = strings.Join(body, "\n") + "\n"
			continue
		}
		if p == nil {
			q, err := Personality.ParseQuirks(quirks)
			if err != nil {
				t.Fatal(err)
			}
			p = newPhoneOf(t, id, q, settings...)
			p.files = files
			if options != nil {
				p.offer(options...)
			}
		}
		p.log = append(p.log, "> "+lines[i])
		switch verb {
		case "boot":
			p.tell(device.Input{Kind: device.PowerOn})
		case "wait":
			d, err := time.ParseDuration(rest)
			if err != nil {
				t.Fatal(err)
			}
			p.wait(d)
		case "ask":
			p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
		case "notify":
			p.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify})
		case "line":
			p.tell(device.Input{Kind: device.SetLine, Line: 1, Active: rest == "busy"})
		default:
			t.Fatalf("unknown command %q", lines[i])
		}
	}
	return strings.Join(p.log, "\n") + "\n"
}
