package resync

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write what the machine says now into testdata/*.txt; read the difference before you keep it")

// TestConversations plays testdata/*.txt. A line at the margin is told to the
// machine, the lines indented by a tab are everything that it answers. The
// settings are those of FV-SET-1 unless a conversation sets others.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { playFile(t, file) })
	}
}

func playFile(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	talk := newConversation()
	var got strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(string(want), "\n"), "\n") {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		fmt.Fprintln(&got, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		answers, err := talk.say(line)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, i+1, err)
		}
		for _, a := range answers {
			fmt.Fprintf(&got, "\t%s\n", a)
		}
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		t.Errorf("the machine says:\n%s\nwant:\n%s", got.String(), want)
	}
}

// conversation is one machine, its settings and its clock.
type conversation struct {
	now time.Duration
	set options
	m   Machine
}

func newConversation() *conversation {
	return &conversation{set: defaults()}
}

// defaults are the settings of FV-SET-1.
func defaults() options {
	return options{
		Provision: true, OnReset: true, RandomDelay: 40 * time.Second, Periodic: Every(time.Hour),
		ErrorRetry: Every(time.Hour), Forced: 4 * time.Hour, AfterUpgrade: true, Upgrade: true,
		UpgradeRetry: Every(time.Hour),
	}
}

// say tells the machine one line and returns what it answers.
func (c *conversation) say(line string) ([]string, error) {
	words := strings.Fields(line)
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	in := Input{Now: c.now}
	switch words[0] {
	case "set":
		return nil, c.change(words[1:])
	case "wait":
		d, err := time.ParseDuration(arg)
		if err != nil {
			return nil, err
		}
		return c.wait(d), nil
	case "boot":
		in.Kind, in.Settings = Boot, c.set.settings()
		if err := in.Cause.UnmarshalText([]byte(arg)); err != nil {
			return nil, err
		}
	case "online": // online [FRACTION of the random range] [upgrade]
		in.Kind = Online
		in.Wanted[1] = words[len(words)-1] == "upgrade"
		if share, err := strconv.ParseFloat(arg, 64); err == nil {
			in.Rand = uint64(share * (1 << 63) * 2)
		}
	case "offline":
		in.Kind = Offline
	case "line":
		in.Kind = map[string]Kind{"busy": LineBusy, "idle": LinesIdle}[arg]
	case "ask":
		in.Kind, in.Job, in.Cause = Trigger, Resync, Person
	case "notify":
		in.Kind, in.Job, in.Cause = Trigger, Resync, Notify
	case "done": // done JOB OUTCOME
		in.Kind = Done
		if err := in.Job.UnmarshalText([]byte(arg)); err != nil {
			return nil, err
		}
		if err := in.Outcome.UnmarshalText([]byte(words[len(words)-1])); err != nil {
			return nil, err
		}
		in.Final = in.Outcome == HTTPSUpgrade
	case "off":
		in.Kind = PowerOff
	case "tick":
		in.Kind = Tick
	default:
		return nil, fmt.Errorf("%q is no line of a conversation", line)
	}
	return append(c.step(in), c.next()), nil
}

// wait moves the clock, with a tick at every deadline on the way.
func (c *conversation) wait(d time.Duration) []string {
	end := c.now + d
	var answers []string
	for c.m.Deadline() <= end {
		c.now = max(c.now, c.m.Deadline())
		answers = append(answers, c.step(Input{Now: c.now})...)
	}
	c.now = end
	return append(answers, c.next())
}

func (c *conversation) step(in Input) []string {
	var answers []string
	for _, a := range c.m.Step(&in, nil) {
		what := [...]string{Due: "due", Hold: "hold", Start: "start", Commit: "commit", Restart: "restart"}[a.Do]
		answers = append(answers, fmt.Sprintf("%v %s %v %v", c.now, what, a.Job, a.Cause))
	}
	return answers
}

func (c *conversation) next() string {
	if at := c.m.Deadline(); at != Never {
		return fmt.Sprintf("next %v", at)
	}
	return "next never"
}

// change reads NAME=VALUE pairs; delays take the lists of quirk delay-lists.
func (c *conversation) change(pairs []string) error {
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		delays, err := ParseDelays(value, true)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		on, seconds := value != "0", delays[0].Base
		switch name {
		case "provision":
			c.set.Provision = on
		case "on-reset":
			c.set.OnReset = on
		case "random":
			c.set.RandomDelay = seconds
		case "periodic":
			c.set.Periodic = delays
		case "retry":
			c.set.ErrorRetry = delays
		case "forced":
			c.set.Forced = seconds
		case "forced-is-deadline":
			c.set.ForcedIsDeadline = on
		case "after-upgrade":
			c.set.AfterUpgrade = on
		case "upgrade":
			c.set.Upgrade = on
		case "upgrade-retry":
			c.set.UpgradeRetry = delays
		default:
			return fmt.Errorf("%q is no setting", name)
		}
	}
	return nil
}
