package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/internal/testing/peer"
)

// The addresses of the link's ends, and how long each tool offers a rate.
const (
	dhcpServer  = "10.66.0.1"
	dhcpAgent   = "10.66.0.2"
	dhcpSeconds = 4
)

// In what perfdhcp prints, the ACKs are the received packets of the second exchange.
var perfdhcpACKs = regexp.MustCompile(`(?s)REQUEST-ACK.*?received packets: (\d+)`)

// BenchmarkDHCP compares whole exchanges (DISCOVER, OFFER, REQUEST, ACK) through a
// relay agent with perfdhcp's. New clients come at a fixed rate to a Kea that is
// new for each turn, in network namespaces.
func BenchmarkDHCP(b *testing.B) {
	for _, rate := range []int{2000, 4000, 8000, 12000} {
		offered := rate * dhcpSeconds
		leases := func(b *testing.B, leases float64) {
			report(b, figure{leases / dhcpSeconds, "leases/s"}, figure{max(0, 100*(1-leases/float64(offered))), "lost-%"})
		}
		b.Run(fmt.Sprintf("offered=%d/tool=provsim", rate), func(b *testing.B) {
			dir := b.TempDir()
			scenario := config(b, dir, "leases.yaml", "@PHONES@", fmt.Sprint(offered),
				"@LENGTH@", fmt.Sprintf("%ds", dhcpSeconds+1), "@OVER@", fmt.Sprintf("%ds", dhcpSeconds))
			out, err := besideKea(b, provsim(b), "fleet", "--scenario", scenario, "--out", filepath.Join(dir, "results"), "--events",
				"--dhcp-relay", dhcpServer, "--dhcp-listen", dhcpAgent)
			var ended *exec.ExitError
			if err != nil && !errors.As(err, &ended) {
				b.Fatalf("%v: %.300q", err, out)
			}
			leases(b, countLeases(b, filepath.Join(dir, "results", "events.ndjson")))
		})
		b.Run(fmt.Sprintf("offered=%d/tool=perfdhcp", rate), func(b *testing.B) {
			// As many clients as are offered in all, so that none comes twice.
			out, err := besideKea(b, peer.Find(b, "perfdhcp", "kea-admin"), "-4", "-l", "vcli", "-R", fmt.Sprint(offered),
				"-r", fmt.Sprint(rate), "-p", fmt.Sprint(dhcpSeconds), "-W", "1000000", dhcpServer)
			found := perfdhcpACKs.FindStringSubmatch(out) // lost packets end it with 3
			if found == nil {
				b.Fatalf("%v: %.300q", err, out)
			}
			acks, err := strconv.ParseFloat(found[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			leases(b, acks)
		})
	}
}

// countLeases counts the devices that got a lease, and fails where two of them
// have the same address.
func countLeases(b *testing.B, journal string) float64 {
	text, err := os.ReadFile(journal)
	if err != nil {
		b.Fatal(err)
	}
	owners := map[string]string{}
	for line := range bytes.Lines(text) {
		var record struct{ Event, MAC, Note string }
		if err := json.Unmarshal(line, &record); err != nil {
			b.Fatal(err)
		}
		if record.Event != "lease" {
			continue
		}
		address, _, _ := strings.Cut(record.Note, " ")
		if owner := owners[address]; owner != "" && owner != record.MAC {
			b.Fatalf("%s and %s have the same address %s", owner, record.MAC, address)
		}
		owners[address] = record.MAC
	}
	return float64(len(owners))
}

// besideKea joins two network namespaces, starts Kea in one, and runs a program in
// the other.
func besideKea(b *testing.B, command ...string) (string, error) {
	peer.NeedRoot(b, "it makes network namespaces")
	ip, kea := peer.Find(b, "ip", "iproute2"), peer.Find(b, "kea-dhcp4", "kea-dhcp4-server")
	name := fmt.Sprintf("provsim-bench-%08x", rand.Uint32())
	servers, phones := name+"-s", name+"-p"
	defer exec.Command(ip, "netns", "delete", servers).Run()
	defer exec.Command(ip, "netns", "delete", phones).Run()
	for _, line := range []string{
		"netns add " + servers,
		"netns add " + phones,
		"link add vsrv netns " + servers + " type veth peer name vcli netns " + phones,
		"-n " + servers + " address add " + dhcpServer + "/16 dev vsrv",
		"-n " + phones + " address add " + dhcpAgent + "/16 dev vcli",
		"-n " + servers + " link set vsrv up",
		"-n " + phones + " link set vcli up",
		"-n " + phones + " link set lo up",
	} {
		if err := execute(b.Context(), ip, strings.Fields(line)...); err != nil {
			b.Fatal(err)
		}
	}
	listens := func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, ip, "netns", "exec", servers, "ss", "-Hlun", "sport", "=", ":67").Output()
		if err == nil && len(out) == 0 {
			err = errors.New("no socket on port 67")
		}
		return err
	}
	dir := b.TempDir()
	server := peer.Start(b, dir, listens, ip, "netns", "exec", servers, "env", "KEA_PIDFILE_DIR="+dir, "KEA_LOCKFILE_DIR=none",
		kea, "-c", config(b, dir, "kea.json"))
	defer server.Stop(b)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, ip, append([]string{"netns", "exec", phones}, command...)...).CombinedOutput()
	return string(out), err
}
