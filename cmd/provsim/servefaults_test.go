package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What goes wrong between the systems of the gateway's story ends as smg.md section 9
// says: in the phone's outcome, and in the servers' logs. Each is a switch of a role, or a
// setting of the gateway.
func TestGatewayFailures(t *testing.T) {
	for _, c := range []struct {
		name              string
		tw, ac, gw        []string // further arguments
		product           string   // "": SPIP_450
		outcome           string
		account, tree, at string // what the logs of Teleware, Activator and gateway have
		never             string // what the Activator's log does not have
	}{
		{name: "nothing", outcome: "applied", account: "account .*status 200", tree: "published", at: "event.sent +status 200", never: "late"},
		{name: "an event is lost", gw: []string{"--fault", "event=drop"}, outcome: "no-master", at: "event.sent .*nothing was sent", never: "event"},
		{name: "the HTTP client is off", gw: []string{"--set", "Http Client Enabled = no"}, outcome: "no-master", at: "event.suppressed .*Http Client Enabled is no", never: "event"},
		{name: "the Activator is down", gw: []string{"--set", "Http Client File Server Ip Address = 127.0.0.1:1"}, outcome: "no-master", at: "event.failed .*no connection to the Activator, tries: 4", never: "event"},
		{name: "an event is late", gw: []string{"--fault", "event=delay:2s"}, outcome: "applied", tree: "late .*s after the phone's first request", at: "event.sent"},
		{name: "an event is late for a younger phone", gw: []string{"--fault", "event=delay:5s"}, product: "VVX_500", outcome: "no-master", tree: "late", at: "event.sent"},
		{name: "an event is doubled", gw: []string{"--fault", "event=duplicate"}, outcome: "applied", tree: "published", at: "event.sent", never: "replaced"},
		{name: "the mask does not match", gw: []string{"--set", "Dhcp Server Mac Alert Address 1 = 0004f3"}, outcome: "no-master", at: "DHCP: Leased", never: "event"},
		{name: "Teleware does not know the phone", tw: []string{"--fault", "account=unknown"}, outcome: "no-master", account: "status 404", tree: "unknown-mac", at: "event.sent", never: "published"},
		{name: "Teleware is down", tw: []string{"--fault", "account=down"}, outcome: "no-master", account: "status 503", tree: "teleware-down .*try 1 of 6", at: "event.sent", never: "published"},
		{name: "Teleware is slow", tw: []string{"--fault", "account=delay:2s"}, outcome: "applied", account: "status 200", tree: "late", at: "event.sent"},
		{name: "no gateway may send events", ac: []string{"--allow", "192.0.2.1"}, outcome: "no-master", tree: "event.refused .*from 127.0.0.1: this source is not allowed", at: "event.failed +status 403", never: "published"},
		{name: "the tree expires", ac: []string{"--life", "1s"}, outcome: "no-master", tree: "expired +asked for [0-9]+ s after its tree ended", at: "event.sent"}, // between bootROM and application
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			accounts := filepath.Join(t.TempDir(), "accounts.csv")
			if err := os.WriteFile(accounts, []byte("mac,user,password,server,reseller\n0004f21a2457,2001,s3cret,sip.example.net,Acme\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			twLog, tw := startRole(t, append([]string{"teleware", "--accounts", accounts}, c.tw...)...)
			acLog, ac := startRole(t, append([]string{"activator", "--teleware", tw.await(t, `(http://\S+)`) + "/twautoprovisioning"}, c.ac...)...)
			base := ac.await(t, `Activator listens at (http://\S+)`)
			gwLog, gw := startRole(t, append([]string{
				"gateway", "--set", "Dhcp Server Tftp Server 1 = " + base + "/phoneprovisioning",
				"--set", "Dhcp Server Mac Alert Enabled 1 = yes", "--set", "Dhcp Server Mac Alert Address 1 = 0004f2", "--set", "Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes",
				"--set", "Event Forwarding Discriminator Entry Class 1 = DHCP", "--set", "Event Forwarding Discriminator Entry Target 1 = activator",
				"--set", "Http Client File Server Ip Address = " + strings.TrimPrefix(base, "http://"),
			}, c.gw...)...)
			product := c.product
			if product == "" {
				product = "SPIP_450"
			}
			start, application := "3", "1" // seconds: time enough for the event, where nothing is wrong
			if strings.Contains(c.tree, "late") {
				start, application = "0", "6"
			}
			_, journal, word := provsim(t.Context(), "phone", "--once", "--vendor", "polycom", "--product", product, "--mac", "0004f21a2457", "--boot-time", "1ms",
				"--set", "emulator.start.delay="+start, "--set", "emulator.application.delay="+application, "--dhcp-relay", gw.await(t, `udp://(\S+)`), "--dhcp-listen", "127.0.0.1:0")
			if word = strings.TrimSpace(word); word != c.outcome {
				t.Errorf("the phone says %q, want %s:\n%s", word, c.outcome, journal)
			}
			twLog.await(t, "("+c.account+")")
			acLog.await(t, "("+c.tree+")")
			gwLog.await(t, "("+c.at+")")
			if c.never != "" && regexp.MustCompile(`(?m)  `+regexp.QuoteMeta(c.never)+`\b`).MatchString(acLog.String()) {
				t.Errorf("the Activator's log has %q:\n%s", c.never, acLog)
			}
			for _, log := range []*output{twLog, acLog, gwLog} {
				if strings.Contains(log.String(), "s3cret") {
					t.Errorf("a log has the password:\n%s", log)
				}
			}
		})
	}
}
