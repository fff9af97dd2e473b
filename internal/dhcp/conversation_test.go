package dhcp

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
)

var rewrite = flag.Bool("rewrite", false, "write what the machine says now into testdata/*.txt; read the difference before you keep it")

// TestConversations plays testdata/*.txt. A line at the margin is told to the
// machine, the lines indented by a tab are everything that it answers.
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
	talk := &conversation{share: 0.5}
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

// conversation is one machine and its clock. Its random numbers are always the
// same share of a range, and have low bits that count up, which makes the
// transaction identifiers 1, 2, 3 and so on.
type conversation struct {
	now   time.Duration
	share float64
	count uint32
	m     Machine
}

var phoneMAC = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}

// say tells the machine one line and returns what it answers.
func (c *conversation) say(line string) ([]string, error) {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "random": // random SHARE, from 0 to 1
		var err error
		c.share, err = strconv.ParseFloat(rest, 64)
		return nil, err
	case "wait": // wait D: with a tick at every deadline
		d, err := time.ParseDuration(rest)
		if err != nil {
			return nil, err
		}
		return c.wait(c.now + d), nil
	case "sleep": // sleep D: time passes without a tick
		d, err := time.ParseDuration(rest)
		c.now += d
		return nil, err
	}
	in := Input{}
	switch verb {
	case "start":
		in.Kind, in.MAC = Start, phoneMAC
	case "tick":
		in.Kind = Tick
	case "conflict":
		in.Kind = Conflict
	case "leave":
		in.Kind = Leave
	case "off":
		in.Kind = PowerOff
	default:
		var err error
		in.Kind = Receive
		if in.Reply, err = c.reply(line); err != nil {
			return nil, err
		}
	}
	return append(c.step(in), c.next()), nil
}

// reply reads "TYPE ADDR from SERVER [lease=D] [t1=D] [t2=D] [xid=N] [mac=M]";
// "none" is an address that is missing.
func (c *conversation) reply(line string) (*Reply, error) {
	words := strings.Fields(line)
	if len(words) < 4 {
		return nil, fmt.Errorf("%q is no line of a conversation", line)
	}
	r := &Reply{XID: c.m.xid, MAC: phoneMAC, Server: addrOf(words[3])}
	r.Lease = Lease{Addr: addrOf(words[1]), Server: r.Server, Duration: time.Hour}
	for r.Type = Discover; r.Type.String() != strings.ToUpper(words[0]); r.Type++ {
		if r.Type > Release {
			return nil, fmt.Errorf("%q is no type of reply", words[0])
		}
	}
	for _, pair := range words[4:] {
		name, value, _ := strings.Cut(pair, "=")
		d, _ := time.ParseDuration(value)
		switch name {
		case "lease":
			if r.Lease.Duration = d; value == "forever" {
				r.Lease.Duration = Never
			}
		case "t1":
			r.Lease.T1 = d
		case "t2":
			r.Lease.T2 = d
		case "xid":
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return nil, err
			}
			r.XID = uint32(n)
		case "mac":
			if err := r.MAC.UnmarshalText([]byte(value)); err != nil {
				return nil, err
			}
		case "text":
			r.Text = value
		default:
			return nil, fmt.Errorf("%q is no property of a reply", name)
		}
	}
	return r, nil
}

func addrOf(word string) netip.Addr {
	addr, _ := netip.ParseAddr(word) // "none" is the zero Addr
	return addr
}

// wait moves the clock, with a tick at every deadline on the way.
func (c *conversation) wait(end time.Duration) []string {
	var answers []string
	for c.m.Deadline() <= end {
		c.now = max(c.now, c.m.Deadline())
		answers = append(answers, c.step(Input{Kind: Tick})...)
	}
	c.now = end
	return append(answers, c.next())
}

func (c *conversation) step(in Input) []string {
	c.count++
	in.Now, in.Rand = c.now, uint64(c.share*(1<<63)*2)&^(1<<32-1)|uint64(c.count)
	if c.share == 1 {
		in.Rand = 1<<64 - 1<<32 + uint64(c.count)
	}
	var answers []string
	for _, a := range c.m.Step(in, nil) {
		answers = append(answers, fmt.Sprintf("%v %s", c.now.Round(time.Millisecond), describe(a)))
	}
	return answers
}

// describe returns all that an action says.
func describe(a Action) string {
	switch a.Do {
	case Send:
		m := a.Message
		text := fmt.Sprintf("send %v xid=%d secs=%d", m.Type, m.XID, m.Secs)
		for _, field := range []struct {
			name string
			addr netip.Addr
		}{{"ciaddr", m.Addr}, {"requested", m.Requested}, {"server", m.Server}, {"to", m.To}} {
			if field.addr.IsValid() {
				text += fmt.Sprintf(" %s=%v", field.name, field.addr)
			}
		}
		if m.Broadcast {
			text += " broadcast-flag"
		}
		return text
	case Use:
		return fmt.Sprintf("use %v, asked since %v: %s", a.Reply.Lease.Addr, a.Began, a.Text())
	case Lose:
		return "lose: " + a.Text()
	case Note:
		return "note: " + a.Text()
	}
	return "drop: " + a.Text()
}

func (c *conversation) next() string {
	s := c.m.Status()
	text := fmt.Sprintf("next %v, %v", s.Next.Round(time.Millisecond), s.State)
	if s.Next == Never {
		text = fmt.Sprintf("next never, %v", s.State)
	}
	if s.Addr.IsValid() {
		text += " " + s.Addr.String()
		if s.Expires != Never {
			text += fmt.Sprintf(" until %v", s.Expires)
		}
	}
	return text
}
