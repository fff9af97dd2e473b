package gateway

import (
	"fmt"
	"strings"
	"testing"
)

// SMG-C-6, SMG-DHCP-2, SMG-DHCP-3: option 66 out of four entries, and its length.
func TestOption66(t *testing.T) {
	two := "Dhcp Server Tftp Server 2 = http://b/\nDhcp Server Tftp Server 4 = http://d\n"
	for _, c := range []struct {
		settings string
		joined   bool
		want     string
	}{
		{two, false, "http://b/"},
		{two, true, "http://b/,http://d"},
		{two + "Dhcp Server Tftp Server Configured 2 = no\n", false, "http://d"},
		{"", false, ""},
	} {
		b := newBench(t, c.settings, func(x *Config) { x.Quirks.JoinServers = c.joined })
		if got := b.lease(t, 1); got != c.want {
			t.Errorf("%q joined %v: option 66 %q, want %q", c.settings, c.joined, got, c.want)
		}
	}
	long := "Dhcp Server Tftp Server 1 = http://h/" + strings.Repeat("x", 54) + "\nDhcp Server Mac Alert Enabled 1 = yes\nDhcp Server Mac Alert Randomise Tftp Server Name 1 = yes\nrandom number digits 12\n"
	b := newBench(t, long)
	if got := b.lease(t, 1); len(got) != 76 || !strings.Contains(fmt.Sprint(b.told), "option66.long") {
		t.Errorf("a long value: %q, told %q", got, b.told)
	}
	b = newBench(t, long, func(c *Config) { c.Quirks.CutOption66 = true })
	if got := b.lease(t, 1); len(got) != 63 {
		t.Errorf("quirk option66-cut: %d bytes", len(got))
	}
	// Four entries of 63 bytes and a number are more than an option takes: the alert is
	// not applied.
	most := document
	for i := range 4 {
		most += fmt.Sprintf("Dhcp Server Tftp Server %d = %s\n", i+1, strings.Repeat("x", 63))
	}
	b = newBench(t, most, func(c *Config) { c.Quirks.JoinServers = true })
	if got := b.lease(t, 1); len(got) != 4*63+3 || len(b.post) != 0 || !strings.Contains(fmt.Sprint(b.told), "alert.skipped") {
		t.Errorf("255 bytes and a number: option 66 has %d bytes, events %q, told %q", len(got), b.post, b.told)
	}
}

// The forms of a line (SMG-CFG-3), texts of option 66 (SMG-C-7) and the names of
// severities, which are those of syslog with their numbers (SMG-EVT-1).
func TestLines(t *testing.T) {
	for _, line := range []string{
		"Set DHCP server TFTP server 1,192.0.2.1", "dhcp server tftp server 1 192.0.2.1", "Dhcp Server Tftp Server 1 = 192.0.2.1", "  SET dhcp  server tftp server 1, 192.0.2.1 ",
	} {
		var s Settings
		if err := s.Set(line); err != nil || s.Servers[0].Text != "192.0.2.1" {
			t.Errorf("%q: %v, entry 1 is %q", line, err, s.Servers[0].Text)
		}
	}
	for _, text := range []string{"", "http://a/b", "tftp.example.net", strings.Repeat("x", 63)} {
		s := Settings{}
		if err := s.Set("Set DHCP server TFTP server 4," + text); err != nil || s.Servers[3].Text != text {
			t.Errorf("option 66 %q: %v, entry 4 is %q", text, err, s.Servers[3].Text)
		}
	}
	for number, name := range []string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"} {
		for _, value := range []string{name, fmt.Sprint(number)} {
			var s Settings
			if err := s.Set("Set Event Forwarding Default Severity " + value); err != nil || s.LogSeverity != number {
				t.Errorf("severity %s: %v, is %d, want %d", value, err, s.LogSeverity, number)
			}
		}
	}
	b := newBench(t, document)
	if b.lease(t, 1); !strings.Contains(b.post[0], "&class=DHCP&subclass=67&severity=6&") {
		t.Errorf("the event is %q", b.post[0])
	}
}

// SMG-CFG-1, -3, -4: what a line may be, and what an error says.
func TestSettingsRefuse(t *testing.T) {
	for line, want := range map[string]string{
		"Dhcp Server Tftp Server 5,x":                          "want an index of 1 to 4",
		"Dhcp Server Tftp Server x":                            "want an index of 1 to 4",
		"Dhcp Server Tftp Server 1," + strings.Repeat("x", 64): "want a text of 0 to 63 bytes",
		"Dhcp Server Mac Alert Mask 1 = xyz":                   `(dhcp server -> mac alert -> MAC Address Mask): found "xyz"`,
		"Dhcp Server Mac Alert Adress 1 = 0004f2":              `did you mean "dhcp server mac alert address"`,
		"Event Forwarding Discriminator Entry Target 1 = mars": "want activator, log",
		"Event Forwarding Discriminator Entry Severity 1 = 8":  "want one of emergency",
		"Http Client Events Path = activator":                  "want a path that begins with /",
		"Http Client File Server Ip Address = user@host":       "want an address or a name",
		"Http Client Inactivity Timeout = 0":                   "want 1 to 3600",
		"dhcp server pool = 192.168.1.1-192.168.2.1/24":        "want two addresses of one network",
		"serial number = 00":                                   "want 12 hex digits",
		"Event Forwarding Enabled":                             "want yes or no",
		"":                                                     "unknown setting",
	} {
		s := Defaults()
		if err := s.Set(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", line, err, want)
		}
	}
	s := Defaults()
	if err := s.Read(strings.NewReader("# x\n\nEvent Log Size = x\n")); err == nil || !strings.HasPrefix(err.Error(), "line 3: event log size (events -> event system -> Log Size)") {
		t.Errorf("error %v, want line and place", err)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add(document)
	f.Fuzz(func(t *testing.T, text string) {
		s := Defaults()
		if s.Read(strings.NewReader(text)) == nil && (s.Last.Less(s.First) || s.Digits < 1 || s.Timeout <= 0) {
			t.Errorf("%q gives %+v", text, s)
		}
	})
}
