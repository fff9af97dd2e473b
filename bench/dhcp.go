package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The cable's ends, and how long each contender offers a rate.
const (
	dhcpServer  = "10.66.0.1"
	dhcpAgent   = "10.66.0.2"
	dhcpSeconds = 4
	dhcpRounds  = 3
)

// dhcpRates are the new clients that are offered a second.
var dhcpRates = []int{2000, 4000, 8000, 12000}

// keaConfig leases out of memory, to measure no disk.
const keaConfig = `{ "Dhcp4": {
  "interfaces-config": { "interfaces": [ "vsrv" ], "dhcp-socket-type": "udp", "re-detect": false },
  "lease-database": { "type": "memfile", "persist": false }, "valid-lifetime": 3600,
  "option-data": [ { "name": "tftp-server-name", "data": "10.66.0.1" } ],
  "subnet4": [ { "subnet": "10.66.0.0/16", "pools": [ { "pool": "10.66.1.0 - 10.66.254.254" } ] } ],
  "loggers": [ { "name": "kea-dhcp4", "severity": "ERROR", "output_options": [ { "output": "%s" } ] } ]
} }`

// exchanges measures DISCOVER, OFFER, REQUEST, ACK through a relay agent
// beside perfdhcp, in network namespaces that it makes, against a Kea that is
// new for each run.
func exchanges(ctx context.Context, to io.Writer, dir string) error {
	t := table{title: "DHCP, leases a second from Kea through a relay agent"}
	t.add("offered/s", "rounds", "provsim", "provsim, lost %", "perfdhcp", "perfdhcp, lost %")
	for _, program := range []string{"ip", "kea-dhcp4", "perfdhcp"} {
		if missing := absent(program); missing != "" {
			t.add("all", "0", program+" is "+missing, "", "", "")
			return t.write(to)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	contenders := []func(rate int) []string{
		func(rate int) []string { return []string{self, "dhcp-load", fmt.Sprint(rate)} },
		func(rate int) []string {
			// As many clients as are offered in all, so that none comes twice.
			return []string{
				"perfdhcp", "-4", "-l", "vcli", "-R", fmt.Sprint(rate * dhcpSeconds), "-r", fmt.Sprint(rate),
				"-p", fmt.Sprint(dhcpSeconds), "-W", "1000000", dhcpServer,
			}
		},
	}
	for _, rate := range dhcpRates {
		var done, lost [2][]float64
		for range dhcpRounds {
			for i, command := range contenders {
				acks, err := oneExchangeRun(ctx, dir, command(rate))
				if err != nil {
					return err
				}
				offered := float64(rate * dhcpSeconds)
				done[i] = append(done[i], acks/dhcpSeconds)
				lost[i] = append(lost[i], max(0, 100*(1-acks/offered)))
			}
		}
		t.add(fmt.Sprint(rate), fmt.Sprint(dhcpRounds), spread(done[0]), spread(lost[0]), spread(done[1]), spread(lost[1]))
	}
	return t.write(to)
}

// oneExchangeRun lays a cable, starts Kea at one end and the contender at the
// other, and returns how many clients got a lease.
func oneExchangeRun(ctx context.Context, dir string, command []string) (acks float64, err error) {
	name := fmt.Sprintf("provsim-bench-%08x", rand.Uint32())
	servers, phones := name+"-s", name+"-p"
	for _, ns := range []string{servers, phones} {
		if err := execute(ctx, "ip", "netns", "add", ns); err != nil {
			return 0, err
		}
		defer exec.Command("ip", "netns", "delete", ns).Run()
	}
	for _, line := range []string{
		"link add vsrv netns " + servers + " type veth peer name vcli netns " + phones,
		"-n " + servers + " address add " + dhcpServer + "/16 dev vsrv",
		"-n " + phones + " address add " + dhcpAgent + "/16 dev vcli",
		"-n " + servers + " link set vsrv up",
		"-n " + phones + " link set vcli up",
	} {
		if err := execute(ctx, "ip", strings.Fields(line)...); err != nil {
			return 0, err
		}
	}
	stop, err := startKea(ctx, dir, servers)
	if err != nil {
		return 0, err
	}
	defer stop()
	// perfdhcp ends with 3 where packets were lost, which is no failure here.
	out, err := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", phones}, command...)...).CombinedOutput()
	acks, ok := countACKs(string(out))
	if !ok {
		return 0, fmt.Errorf("%s: %w: %.300q", command[0], err, out)
	}
	return acks, nil
}

// startKea starts a Kea that has nothing but its configuration, and waits
// until it answers.
func startKea(ctx context.Context, dir, netns string) (stop func(), err error) {
	config := filepath.Join(dir, "kea.json")
	if err := os.WriteFile(config, fmt.Appendf(nil, keaConfig, filepath.Join(dir, "kea.log")), 0o644); err != nil {
		return nil, err
	}
	kea := exec.CommandContext(ctx, "ip", "netns", "exec", netns, "kea-dhcp4", "-c", config)
	kea.Env = append(os.Environ(), "KEA_PIDFILE_DIR="+dir, "KEA_LOCKFILE_DIR=none")
	if err := kea.Start(); err != nil {
		return nil, err
	}
	stop = func() { kea.Process.Kill(); kea.Wait() }
	if err := awaitSocket(ctx, netns); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// awaitSocket waits until somebody listens on port 67 of a namespace.
func awaitSocket(ctx context.Context, netns string) error {
	for range 100 {
		out, err := exec.CommandContext(ctx, "ip", "netns", "exec", netns, "ss", "-Hlun", "sport", "=", ":67").Output()
		if err == nil && len(out) > 0 {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("kea-dhcp4 does not listen on port 67")
}

// In what perfdhcp prints, the ACKs are the received packets of the second exchange.
var perfdhcpACKs = regexp.MustCompile(`(?s)REQUEST-ACK.*?received packets: (\d+)`)

func countACKs(out string) (float64, bool) {
	text, ok := strings.CutPrefix(out, "leases ")
	if m := perfdhcpACKs.FindStringSubmatch(out); m != nil {
		text, ok = m[1], true
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return n, ok && err == nil
}
