//go:build linux

package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"provsim/internal/testing/peer"
)

// A real DHCP client, which broadcasts from 0.0.0.0 on a cable of its own, gets
// an address and a random path from the gateway (SMG-DHCP-1, SMG-SWAP-3).
func TestRealClientLeasesFromGateway(t *testing.T) {
	client := peer.Find(t, "dhclient", "isc-dhcp-client")
	n := newNetwork(t)
	command := buildCommand(t)
	dir := t.TempDir()
	settings := []string{
		"dhcp server pool = 10.66.0.100-10.66.0.110/16", "dhcp server router = " + dhcpHost,
		"Dhcp Server Tftp Server 1 = http://" + dhcpHost + "/phoneprovisioning",
		"Dhcp Server Mac Alert Enabled 1 = yes", "Dhcp Server Mac Alert Mask 1 = 0", "Dhcp Server Mac Alert Address 1 = 0",
		"Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes",
	}
	args := []string{command, "serve", "gateway", "--dhcp", "vsrv"}
	for _, s := range settings {
		args = append(args, "--set", s)
	}
	n.start(t, dir, logHas(filepath.Join(dir, "output.log"), "listens at"), args)
	config, leases := filepath.Join(dir, "dhclient.conf"), filepath.Join(dir, "leases")
	if err := os.WriteFile(config, []byte("request subnet-mask, routers, tftp-server-name;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ip", "netns", "exec", n.phones, client, "-1", "-v", "-sf", "/bin/true",
		"-cf", config, "-lf", leases, "-pf", filepath.Join(dir, "pid"), "vcli")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lease, err := os.ReadFile(leases)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?s)fixed-address 10\.66\.0\.100;.*option tftp-server-name "http://10\.66\.0\.1/phoneprovisioning/[0-9]{18}";`).Match(lease) {
		t.Errorf("the client has\n%s\n%s", lease, out)
	}
	endClient(t, filepath.Join(dir, "pid"))
}

// endClient ends the client, which goes on in the background once it has a lease
// and then writes its process number.
func endClient(t *testing.T, file string) {
	t.Helper()
	var pid int
	peer.Await(t, "the client's process number", func(context.Context) error {
		text, err := os.ReadFile(file)
		if err == nil {
			pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		return err
	})
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// logHas waits for a text in a file.
func logHas(file, text string) func(context.Context) error {
	return func(context.Context) error {
		log, err := os.ReadFile(file)
		if err == nil && !strings.Contains(string(log), text) {
			err = fmt.Errorf("no %q in %s", text, file)
		}
		return err
	}
}

// An Activator that is killed again and again while it publishes has whole trees
// and nothing else (ACT-PUB-1), and nginx serves what it published (SMG-SWAP-2).
func TestKilledActivatorHasWholeTrees(t *testing.T) {
	nginx := peer.Find(t, "nginx", "nginx")
	command := buildCommand(t)
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "user=2001&password=s3cret&server=sip.example.net&reseller=Acme")
	}))
	defer account.Close()
	state := peer.PublicDir(t)
	trees := filepath.Join(state, "web", "phoneprovisioning")
	number := 0
	for round := range 8 {
		dir := t.TempDir()
		log := filepath.Join(dir, "output.log")
		p := peer.Start(t, dir, logHas(log, "listens at"), command, "serve", "activator", "--state", state, "--teleware", account.URL)
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		at := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(string(text))
		for range 20 + 5*round {
			number++
			resp, err := http.PostForm(at+"/activator/eventHandler.asp", url.Values{
				"class": {"DHCP"}, "subclass": {"67"}, "mac": {fmt.Sprintf("0004f2%06x", number)}, "rand": {fmt.Sprint(1000 + number)},
			})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		p.Signal(t, syscall.SIGKILL)
		entries, err := os.ReadDir(trees)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			files, err := os.ReadDir(filepath.Join(trees, e.Name()))
			if strings.HasPrefix(e.Name(), ".") || errors.Is(err, os.ErrNotExist) {
				continue // being made when the program was killed
			}
			if err != nil || len(files) != 6 {
				t.Fatalf("round %d: the tree %s has %d files, %v, want 6", round, e.Name(), len(files), err)
			}
		}
	}
	entries, err := filepath.Glob(filepath.Join(trees, "1*"))
	if err != nil || len(entries) == 0 {
		t.Fatalf("no tree was published: %v", err)
	}
	if err := filepath.WalkDir(state, func(path string, d os.DirEntry, err error) error {
		if err == nil {
			err = os.Chmod(path, 0o755) // for nginx's workers
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	port := peer.FreePorts(t, "tcp", "127.0.0.1", 1)
	address := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	dir := peer.PublicDir(t)
	config := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; events { }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; root %[3]s/web; location ~ ^/phoneprovisioning(/[0-9]*)?/?$ { return 404; } } }
`, dir, address, state)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	peer.Start(t, dir, peer.Listens(address), nginx, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log"))
	live := filepath.Base(entries[0])
	for path, want := range map[string]int{
		"/" + live + "/sip.cfg": 200, "/" + live + "/bootrom.ld": 200, "/" + live: 404, "/" + live + "/": 404, "/999/sip.cfg": 404, "/": 404,
	} {
		resp, err := http.Get("http://" + address + "/phoneprovisioning" + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("nginx answers %s with %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// On a full disk the Activator publishes nothing in part, keeps what it has, and goes on
// when there is room again (ACT-PUB-1).
func TestActivatorOnFullDisk(t *testing.T) {
	state := filepath.Join(peer.PublicDir(t), "state")
	if err := os.Mkdir(state, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", state, "tmpfs", 0, "size=160k"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(state, 0) })
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "user=2001&password=s3cret&server=sip.example.net&reseller=Acme")
	}))
	defer account.Close()
	dir := t.TempDir()
	log := filepath.Join(dir, "output.log")
	peer.Start(t, dir, logHas(log, "listens at"), buildCommand(t), "serve", "activator", "--state", state, "--teleware", account.URL, "--quirk", "answer=after")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(string(text))
	publish := func(n int) int {
		resp, err := http.PostForm(at+"/activator/eventHandler.asp", url.Values{
			"class": {"DHCP"}, "subclass": {"67"}, "mac": {fmt.Sprintf("0004f2%06x", n)}, "rand": {fmt.Sprint(1000 + n)},
		})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	got := func(n int) int {
		resp, err := http.Get(fmt.Sprintf("%s/phoneprovisioning/%d/phone-0004f2%06x.cfg", at, 1000+n, n))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	const phones = 8
	whole := 0
	for n := range phones {
		status := publish(n)
		switch file := got(n); {
		case status == 200 && file == 200:
			whole++
		case status != 502 || file != 404:
			t.Errorf("phone %d: the event gets %d and its file %d, want 200 and 200, or 502 and 404", n, status, file)
		}
	}
	if whole == 0 || whole == phones {
		t.Fatalf("%d of %d trees fit on the disk, want some", whole, phones)
	}
	entries, err := os.ReadDir(filepath.Join(state, "web", "phoneprovisioning"))
	if err != nil || len(entries) != whole {
		t.Errorf("the web root has %v, %v, want %d trees and nothing else", entries, err, whole)
	}
	peer.Await(t, "the reason in the log", logHas(log, "no space left on device"))
	if err := syscall.Mount("tmpfs", state, "tmpfs", syscall.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	if status := publish(phones); status != 200 || got(phones) != 200 {
		t.Errorf("with room again the event gets %d", status)
	}
}
