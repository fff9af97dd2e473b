//go:build linux

package replay

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/fleet/inventory"
	"provsim/internal/egress"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/journal"
	"provsim/internal/learn"
	"provsim/internal/learn/logs"
	"provsim/internal/run"
	"provsim/internal/testing/peer"
	"provsim/profile"
)

// A server keeps a log, in a directory where its files are in files/.
type server struct {
	fleet  string         // its vendors and products
	set    string         // with a period of 30 s: what follows within 25 s is the same run
	robbed map[string]int // by vendor: how many phones have no file of their own
	tftp   bool
	format string                    // of its log; "": recognised
	find   func(t *testing.T) string // its program, or skips
	start  func(t *testing.T, program, dir, address string) *peer.Program
}

// debian returns what finds a program that is called as its package.
func debian(name string) func(*testing.T) string {
	return func(t *testing.T) string { return peer.Find(t, name, name) }
}

const apacheFormat = `%h %l %u %t \"%r\" %>s %b %D \"%{User-Agent}i\"`

const webVendors = "{vendor: cisco-spa, product: SPA504G}, {vendor: snom, product: D785}, {vendor: yealink, product: T46S}, {vendor: grandstream, product: GXP2170}"

const webSettings = "Resync_Periodic: 30, Resync_Random_Delay: 0, settings_refresh_timer: 30"

const tftpVendors = "{vendor: snom, product: D785}, {vendor: yealink, product: T46S}" // the names of their files say who they are

var oneYealink = map[string]int{"yealink": 1}

var servers = map[string]server{
	"nginx": {fleet: webVendors, set: webSettings, robbed: oneYealink, find: debian("nginx"), start: func(t *testing.T, program, dir, address string) *peer.Program {
		config := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log;
events {}
http {
	log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time';
	access_log %[1]s/log timed;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server { listen %[2]s; root %[1]s/files; include %[1]s/den[y]; }
}
`, dir, address)
		peer.Publish(t, dir, map[string][]byte{"config": []byte(config)})
		return peer.Start(t, dir, peer.Listens(address), program, "-c", filepath.Join(dir, "config"), "-p", dir)
	}},
	"apache": {fleet: webVendors, set: webSettings, format: apacheFormat, robbed: oneYealink, find: debian("apache2"), start: func(t *testing.T, program, dir, address string) *peer.Program {
		config := fmt.Sprintf(`ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
User www-data
Group www-data
ServerName 127.0.0.1
DefaultRuntimeDir %[1]s
PidFile %[1]s/pid
Mutex file:%[1]s default
ErrorLog %[1]s/error.log
LogFormat "%[3]s" timed
CustomLog %[1]s/log timed
Listen %[2]s
DocumentRoot %[1]s/files
<Directory %[1]s/files>
    Require all granted
</Directory>
`, dir, address, apacheFormat)
		peer.Publish(t, dir, map[string][]byte{"config": []byte(config)})
		return peer.Start(t, dir, peer.Listens(address), program, "-f", filepath.Join(dir, "config"), "-DFOREGROUND")
	}},
	"dnsmasq": {fleet: tftpVendors, set: "settings_refresh_timer: 30", tftp: true, robbed: oneYealink, find: debian("dnsmasq"), start: func(t *testing.T, program, dir, address string) *peer.Program {
		host, _, _ := net.SplitHostPort(address)
		return peer.Start(t, dir, peer.AnswersTFTP(address), program, "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility="+filepath.Join(dir, "log"),
			"--user=nobody", "--port=0", "--bind-interfaces", "--listen-address="+host, "--enable-tftp", "--tftp-root="+filepath.Join(dir, "files"))
	}},
	"tftpd-hpa": {fleet: tftpVendors, set: "settings_refresh_timer: 30", tftp: true, robbed: oneYealink, find: func(t *testing.T) string { return peer.FindHPA(t) }, start: func(t *testing.T, program, dir, address string) *peer.Program {
		logOf(t, filepath.Join(dir, "dev", "log"), filepath.Join(dir, "log"))
		// The socket is /dev/log for this server alone.
		return peer.Start(t, dir, peer.AnswersTFTP(address), peer.Find(t, "unshare", "util-linux"), "--mount", "sh", "-c", `mount --bind "$0" /dev && exec "$@"`, filepath.Join(dir, "dev"),
			program, "-L", "-4", "-vv", "-a", address, "-u", "nobody", "--secure", filepath.Join(dir, "files"))
	}},
}

// logOf writes what programs send to a socket of syslog into a file, unchanged. A
// second call, of a server that starts again, does nothing.
func logOf(t *testing.T, socket, path string) {
	if _, err := os.Stat(socket); err == nil {
		return
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	in, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		line := make([]byte, 4096)
		for {
			n, err := in.Read(line)
			if err != nil {
				return
			}
			out.Write(append(bytes.TrimRight(line[:n], "\n\x00"), '\n'))
		}
	}()
	t.Cleanup(func() { in.Close(); <-done; out.Close() })
}

// Fleets ask real servers on the wall clock, and what these log themselves is learnt from:
// who the phones are, their period, how many polls there were, what is missing and who
// has no file.
func TestLogsOfServers(t *testing.T) {
	t.Parallel()
	asked := map[string]*asking{}
	for name, s := range servers {
		program := ""
		t.Run(name+" is here", func(t *testing.T) {
			if s.tftp {
				peer.NeedRoot(t, "phones ask port 69")
			}
			program = s.find(t)
		})
		if program != "" {
			asked[name] = s.prepare(t, program, day{phones: 40, lasts: 38 * time.Second})
		}
	}
	var all sync.WaitGroup
	for _, a := range asked {
		all.Go(func() {
			_, a.err = fleet.Run(t.Context(), a.scenario, fleet.RunOptions{Network: a.network, Options: fleet.Options{Journal: journal.Tee(a.sink, a.causes)}})
		})
	}
	all.Wait()
	for name, a := range asked {
		t.Run(name, a.check)
	}
}

// asking is a fleet that asks a server.
type asking struct {
	*server
	dir      string
	start    func() *peer.Program
	program  *peer.Program
	scenario *fleet.Scenario
	devices  *inventory.Inventory
	network  network
	truth    map[device.MAC]string // vendor and product
	sink     *Sink
	answered int64
	causes   causes
	err      error
}

// day is what happens to a fleet: a part of a scenario.
type day struct {
	phones int
	lasts  time.Duration
	more   string
}

// prepare starts a server with the files of a fleet's phones.
func (s *server) prepare(t *testing.T, program string, d day) *asking {
	t.Helper()
	dir, host := peer.PublicDir(t), peer.Loopback()
	address, target := host+":69", host
	if !s.tftp {
		address = fmt.Sprintf("%s:%d", host, peer.FreePorts(t, "tcp", host, 1))
		target = "http://" + address + "/"
	}
	scenario, err := fleet.ParseScenario("test.yaml", fmt.Appendf(nil, `
seed: 3
devices: %d
duration: %v
population:
  option66: %s
  version: "1"
  products: [%s]
  settings: [{set: {%s}}]
%s
`, d.phones, d.lasts, target, s.fleet, s.set, d.more))
	if err != nil {
		t.Fatal(err)
	}
	devices, err := fleet.NewInventory(scenario, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	a := &asking{server: s, dir: dir, scenario: scenario, devices: devices, network: open(t), truth: map[device.MAC]string{}, causes: causes{}}
	a.sink = &Sink{Devices: devices.ByTurn(), Begin: begin, Take: func(*logs.Entry) { a.answered++ }}
	files := map[string][]byte{}
	robbed := maps.Clone(s.robbed)
	for i := range devices.Len() {
		id, p := devices.Identity(i), devices.ModelOf(i).Personality
		a.truth[id.MAC] = p.Name
		if !s.tftp {
			a.truth[id.MAC] += " " + id.Product
		}
		for k := range p.Tree.Files {
			f := &p.Tree.Files[k]
			name, own := p.TreeName(f, id), []device.Setting(nil)
			switch {
			case f.Missing || f.Class != device.ConfigClass:
				continue
			case f.Own && robbed[p.Name] > 0:
				robbed[p.Name]--
				continue
			case f.Name == "": // the rule names it
				if name = id.MAC.String() + ".cfg"; p.Name == "flyingvoice" {
					name, own = id.Product+".conf", []device.Setting{{Name: "DBID_DBASE_VERSION", Value: "1"}}
				}
			}
			files["files/"+name] = p.Tree.File(f, "1", profile.Config{}, own)
		}
	}
	peer.Publish(t, dir, files)
	a.start = func() *peer.Program { return s.start(t, program, dir, address) }
	a.program = a.start()
	return a
}

// check learns from the server's log.
func (a *asking) check(t *testing.T) {
	if a.err != nil {
		t.Fatal(a.err)
	}
	f := learntFrom(t, filepath.Join(a.dir, "log"), a.format)
	a.recognised(t, f)
	a.periods(t, f, 30, "cisco-spa", "snom") // the others' shortest period is a minute
	polls, boots := 0, 0
	if f.NoFile != 1 {
		t.Errorf("%d phones have no file, want 1", f.NoFile)
	}
	if few(a.answered-f.Counts.Requests, a.answered) > 0.02 || !a.tftp && f.Counts.Timed != f.Counts.Requests {
		t.Errorf("%+v are in the log, and %d requests were answered", f.Counts, a.answered)
	}
	for _, n := range f.Names {
		if missing := filepath.Ext(n.Name) == ".boot"; n.Vendor == "yealink" && missing != (n.Kind == learn.Expected) {
			t.Errorf("%+v", n)
		}
	}
	for _, v := range f.Vendors {
		polls, boots = polls+v.Polls, boots+v.Boots
	}
	if want := a.causes[false]; few(polls-want, want) > 0.1 || few(boots, want) > 0.1 {
		t.Errorf("found %d polls and %d boots, want %d polls, and the first boots are not seen to be ones", polls, boots, want)
	}
}

// recognised holds the phones that were found against those that there are.
func (a *asking) recognised(t *testing.T, f *learn.Findings) {
	right := 0
	for _, p := range f.List {
		found := p.Vendor.Name
		if !a.tftp { // where User-Agents say it
			found += " " + p.Product
		}
		if a.truth[p.MAC] == found {
			right++
		}
	}
	if right != a.devices.Len() || f.Phones != right {
		t.Errorf("%d of %d phones are recognised, and %d others: %+v", right, a.devices.Len(), f.Phones-right, f.List)
	}
}

// periods holds the periods of vendors' phones against those of the scenario, in seconds.
func (a *asking) periods(t *testing.T, f *learn.Findings, want float64, vendors ...string) {
	const seconds = 1 // of the log's times
	for _, v := range f.Vendors {
		if slices.Contains(vendors, v.Name) && (len(v.Periods) == 0 || math.Abs(float64(v.Periods[0].Period)-want) > 0.02*want+seconds || few(v.NoPeriod, v.Phones) > 0.1) {
			t.Errorf("%s: periods %v, %d of %d phones without, want %v s", v.Name, v.Periods, v.NoPeriod, v.Phones, want)
		}
	}
}

// network is that of this machine, with an address for each phone.
type network struct {
	run.Wire
	pool *egress.Pool
}

func open(t *testing.T) network {
	pool, err := egress.ParsePool("127.90.0.0/24")
	if err != nil {
		t.Fatal(err)
	}
	sockets := &egress.Dialer{Pool: pool}
	return network{run.Wire{"tftp": tftp.Client{Listen: sockets.Listen}, "http": &web.Client{DialContext: sockets.DialContext}}, pool}
}

func (n network) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	ctx, asked := egress.WithDevice(d.Context(), d.Device()), *req
	d.Go(func() { d.Now(n.Fetch(ctx, asked)) })
}

func learntFrom(t *testing.T, path, format string) *learn.Findings {
	t.Helper()
	set, err := logs.Open([]string{path}, nil, logs.Options{Format: format, Zone: time.Local, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	l := learn.New()
	for {
		e, err := set.Next()
		if err != nil {
			return l.Findings()
		}
		l.Add(e)
	}
}
