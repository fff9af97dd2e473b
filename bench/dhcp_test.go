package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
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

// The addresses of the link's ends, and how long each tool offers a rate. A client
// sends again after 3 s at the soonest, which is when the count ends: what is lost
// stays lost with both tools.
const (
	dhcpServer  = "10.66.0.1"
	dhcpAgent   = "10.66.0.2"
	dhcpSeconds = 2
)

// In what perfdhcp prints, the ACKs are the received packets of the second exchange.
var perfdhcpACKs = regexp.MustCompile(`(?s)REQUEST-ACK.*?received packets: (\d+)`)

// BenchmarkDHCP compares whole exchanges (DISCOVER, OFFER, REQUEST, ACK) through a
// relay agent with perfdhcp's. New clients come at a fixed rate to a Kea that is
// new for each turn, in network namespaces. With both tools a client is lost if Kea
// has assigned it no address one second after the last client came; unheard are
// clients that have one, of which their tool does not know.
func BenchmarkDHCP(b *testing.B) {
	for _, rate := range []int{2000, 4000, 8000, 12000} {
		offered := rate * dhcpSeconds
		count := func(b *testing.B, ran leasing, heard float64) {
			report(b, figure{ran.assigned / dhcpSeconds, "leases/s"}, figure{100 * (1 - ran.assigned/float64(offered)), "lost-%"},
				figure{100 * (ran.assigned - heard) / float64(offered), "unheard-%"}, figure{cpu(ran.used) / float64(offered), "cpu-sec/client"})
		}
		b.Run(fmt.Sprintf("offered=%d/tool=provsim", rate), func(b *testing.B) {
			dir := b.TempDir()
			scenario := config(b, dir, "leases.yaml", "@PHONES@", fmt.Sprint(offered),
				"@LENGTH@", fmt.Sprintf("%ds", dhcpSeconds+1), "@OVER@", fmt.Sprintf("%ds", dhcpSeconds))
			ran := besideKea(b, provsim(b), "fleet", "--scenario", scenario, "--out", filepath.Join(dir, "results"), "--events",
				"--max-at-once", "1", "--dhcp-relay", dhcpServer, "--dhcp-listen", dhcpAgent)
			var ended *exec.ExitError
			if ran.err != nil && !errors.As(ran.err, &ended) {
				b.Fatalf("%v: %.300q", ran.err, ran.out)
			}
			count(b, ran, countLeases(b, filepath.Join(dir, "results", "events.ndjson")))
		})
		b.Run(fmt.Sprintf("offered=%d/tool=perfdhcp", rate), func(b *testing.B) {
			// As many clients as are offered in all, so that none comes twice.
			command := []string{peer.Find(b, "perfdhcp", "kea-admin"), "-4", "-l", "vcli", "-R", fmt.Sprint(offered), "-r", fmt.Sprint(rate), "-p", fmt.Sprint(dhcpSeconds), "-W", "1000000"}
			// Those of an AudioCodes phone. Its list of options is the program's own.
			for _, code := range []string{"60", "77"} {
				command = append(command, "-o", code+","+hex.EncodeToString([]byte("440HD")))
			}
			ran := besideKea(b, append(command, dhcpServer)...)
			found := perfdhcpACKs.FindStringSubmatch(ran.out) // lost packets end it with 3
			if found == nil {
				b.Fatalf("%v: %.300q", ran.err, ran.out)
			}
			acks, err := strconv.ParseFloat(found[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			count(b, ran, acks)
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

// A leasing is the result of a program that asks for leases.
type leasing struct {
	out      string // what it has printed
	err      error
	used     *os.ProcessState
	assigned float64 // addresses, by Kea
}

// besideKea joins two network namespaces, starts Kea in one, and runs a program in
// the other.
func besideKea(b *testing.B, command ...string) leasing {
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
	cmd := exec.CommandContext(ctx, ip, append([]string{"netns", "exec", phones}, command...)...)
	out, err := cmd.CombinedOutput()
	return leasing{string(out), err, cmd.ProcessState, keaAssigned(b, filepath.Join(dir, "kea.socket"))}
}

// keaAssigned asks Kea how many addresses it has assigned since its start.
func keaAssigned(b *testing.B, socket string) float64 {
	const name = "subnet[1].cumulative-assigned-addresses"
	conn, err := net.Dial("unix", socket)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, `{"command": "statistic-get", "arguments": {"name": %q}}`, name); err != nil {
		b.Fatal(err)
	}
	var answer struct {
		Arguments map[string][][]any
		Text      string
	}
	if err := json.NewDecoder(conn).Decode(&answer); err != nil {
		b.Fatal(err)
	}
	if values := answer.Arguments[name]; len(values) > 0 {
		if n, ok := values[0][0].(float64); ok {
			return n
		}
	}
	b.Fatalf("Kea does not say how many addresses it has assigned: %s", answer.Text)
	return 0
}
