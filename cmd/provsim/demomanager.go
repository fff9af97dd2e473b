package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/journal"
	"provsim/internal/phoneserver"
	"provsim/internal/role/agent"
	"provsim/internal/role/devicemanager"
	"provsim/internal/role/ippm"
	"provsim/internal/run"
	"provsim/resync"
)

// Where the story's systems and phones are.
const (
	managerAt = "127.0.0.2"
	agentAt   = "127.0.1.1"
	officeAt  = "127.0.2.1" // the phone in the manager's network
	branchAt  = "127.0.2.2" // the phone behind the NAT
	branchLAN = "127.0.1.0/24"
)

// managerStory runs a Device Manager, an Agent and two AudioCodes phones on loopback,
// and tells how actions get to the phones.
func managerStory(e *env) error {
	out := &sharedWriter{w: e.out}
	told := *e
	told.out = out
	m := &managed{systems: systems{out: out}}
	defer m.close()
	if err := m.open(); err != nil {
		return cannot(err, "the story needs the addresses "+managerAt+" to "+branchAt+" of loopback")
	}
	fmt.Fprintf(out, `A Device Manager has AudioCodes phones do something. On loopback:
  the manager is at %s
  an office phone, %s, is in the manager's own network
  a branch phone, %s, is behind a NAT: from outside of %s no call gets in
  later the branch has an Agent, %s
`, m.plain, officeAt, branchAt, branchLAN, agentAt)
	if err := m.phone(&told, officeAt, "", m.office()); err != nil {
		return err
	}
	if err := m.phone(&told, branchAt, branchLAN, m.branch()); err != nil {
		return err
	}
	fmt.Fprint(out, "\nThe end. Next: doc/device-manager.md, to run each of the systems by itself.\n")
	return nil
}

// managed is the manager and the Agent around the phones.
type managed struct {
	systems
	vendor        *device.Personality
	manager       *devicemanager.Server
	plain, secure string // the manager's URLs
	pair          tls.Certificate
	port          uint16 // of the phones' own servers
	driver        *run.Driver
	failed        error // of what an administrator has done
}

// open starts the manager.
func (m *managed) open() error {
	var nets ippm.Nets
	var err error
	if nets, err = ippm.ParseNets("127.0.2.0/24"); err != nil {
		return err
	}
	free, err := net.Listen("tcp", net.JoinHostPort(officeAt, "0"))
	if err != nil {
		return err
	}
	m.port = free.Addr().(*net.TCPAddr).AddrPort().Port()
	free.Close()
	dir, err := os.MkdirTemp("", "provsim-demo-")
	if err != nil {
		return err
	}
	m.ends = append(m.ends, func() error { return os.RemoveAll(dir) })
	if m.vendor, err = vendors.Lookup("audiocodes"); err != nil {
		return err
	}
	shipped := m.vendor.Shipped
	images := filepath.Join(dir, "images")
	if err := os.Mkdir(images, 0o700); err != nil {
		return err
	}
	image := m.vendor.Image(shipped.Product, shipped.Software, make([]byte, 100_000))
	if err := os.WriteFile(filepath.Join(images, shipped.Product+".img"), image, 0o600); err != nil {
		return err
	}
	template := "voip/line/0/enabled=1"
	m.manager, err = devicemanager.Open(devicemanager.Options{
		Config: devicemanager.Config{User: "system", Password: "system"}, Dir: dir, Firmware: images, Agents: true, Log: m.log("manager"),
		Templates: map[string]string{devicemanager.DefaultTenant + "/440HD": template, "Branch/440HD": template},
		Caller:    ippm.CallerOptions{Nets: nets, Port: m.port, From: netip.MustParseAddr(managerAt)},
	})
	if err != nil {
		return err
	}
	m.ends = append(m.ends, m.manager.Close)
	if m.pair, err = selfSigned(netip.MustParseAddr(managerAt)); err != nil {
		return err
	}
	if m.plain, err = m.serve(managerAt, nil, m.manager); err != nil {
		return err
	}
	m.secure, err = m.serve(managerAt, &tls.Config{Certificates: []tls.Certificate{m.pair}}, m.manager)
	return err
}

// phone runs a phone at an address through its part of the story. A site is the network
// from which it can be called.
func (m *managed) phone(e *env, address, site string, steps []demoStep) error {
	model := device.NewModel(m.vendor, defaultCipher())
	model.Epoch, model.Seed, model.BootTime = time.Now(), randomSeed(), time.Second
	addr := netip.MustParseAddr(address)
	id := m.vendor.Shipped
	id.MAC = device.MAC{0x00, 0x90, 0x8f, 0x60, 0x2a, addr.As4()[3]}
	pair, err := selfSigned(addr)
	if err != nil {
		return err
	}
	c := phoneserver.Config{Port: m.port, Certificate: pair}
	files := "/firmwarefiles;ipp/dhcpoption160.cfg"
	if site != "" {
		c.Site, files = []netip.Prefix{netip.MustParsePrefix(site)}, "/firmwarefiles;ipp/tenant/Branch"
	}
	own := phoneserver.New(c)
	defer own.Close()
	lease := device.Lease{Addr: addr, Offer: device.TextOffer(160, m.plain+files)}
	story := &demoJournal{e: e, steps: steps, sink: &phoneLines{out: m.out}}
	_, err = story.play(device.New(model, id, nil), run.Config{
		Reach: own.Reach, Lease: func(int, *device.Device) device.Lease { return lease },
	}, demoLimit, func(d *run.Driver) {
		m.driver = d
		own.Attach(d)
	})
	if m.failed != nil {
		return m.failed
	}
	return err
}

// act gives an action for a phone to the manager.
func (m *managed) act(name, value, phone string) {
	mac := device.MAC{0x00, 0x90, 0x8f, 0x60, 0x2a, netip.MustParseAddr(phone).As4()[3]}
	if err := m.manager.Act(devicemanager.Order{Name: name, Value: value, Devices: []device.MAC{mac}}); err != nil {
		m.failed = err
	}
}

// tenant changes the branch's tenant.
func (m *managed) tenant(change func(*devicemanager.Tenant)) {
	err := m.manager.Change(func(machine *devicemanager.Machine) error {
		t, _ := machine.Tenant("Branch")
		change(&t)
		return machine.SetTenant(t)
	})
	if err != nil {
		m.failed = err
	}
}

// office is the part of the phone in the manager's network.
func (m *managed) office() []demoStep {
	return []demoStep{{
		title: "1. Option 160 leads a phone to the manager", prepare: func() {}, ends: registered(2),
		result: "a general file sends it to a file of its own; the manager knows it by its keep-alives",
	}, {
		title: "2. The manager resets the phone", prepare: func() { m.act("IPPhoneReset", "", officeAt) }, ends: registered(1),
		result: "in its own network the manager calls the phone at once",
	}}
}

// branch is the part of the phone behind the NAT.
func (m *managed) branch() []demoStep {
	const text = "Hello from the manager"
	check := func() { m.driver.Tell(0, device.Input{Kind: device.AskResync, Cause: resync.Person}) }
	shown := func(r *journal.Record) bool { return r.Kind == device.MessageShown }
	return []demoStep{{
		title: "3. A phone behind a NAT finds the manager", ends: registered(1),
		prepare: func() {
			m.tenant(func(t *devicemanager.Tenant) { t.NAT, t.Text = true, "ems_server/provisioning/url "+m.plain })
		},
		result: "the phone reaches the manager, and the manager does not reach the phone",
	}, {
		title: "4. The manager sends it a message, and the phone checks its file",
		prepare: func() {
			m.act("IPPhoneSendMessage", text, branchAt)
			check()
		},
		ends: shown, result: "the action was in the file, and will be in no other; else it waits for the check of the next day",
	}, {
		title: "5. The branch gets an Agent",
		prepare: func() {
			proxy := m.startAgent()
			m.tenant(func(t *devicemanager.Tenant) { t.Agent, t.Text = true, devicemanager.AgentLines(proxy) })
			m.act("IPPhoneSendMessage", text, branchAt)
		},
		ends: shown, result: "the Agent asks the manager each second, and calls the phone from inside the NAT",
	}, {
		title: "6. The phone checks its file, which now leads through the Agent", prepare: check, ends: registered(0),
		result: "the phone's keep-alives pass through the Agent; the manager needs no way to the phone",
	}}
}

// startAgent starts the Agent of the branch, and returns where its proxy listens.
func (m *managed) startAgent() (proxy string) {
	cert, err := x509.ParseCertificate(m.pair.Certificate[0])
	if err != nil {
		m.failed = err
		return ""
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	o := agent.Options{Host: "BRANCH", From: netip.MustParseAddr(agentAt), TLS: &tls.Config{RootCAs: roots}, Cores: 1, Log: m.log("Agent")}
	o.Manager, o.Tenants, o.Period = strings.TrimPrefix(m.secure, "https://"), []string{"Branch"}, time.Second
	m.manager.Read(func(_ time.Time, machine *devicemanager.Machine) { _, o.Key = machine.Agents() })
	o.Caller = ippm.CallerOptions{Nets: ippm.Nets{netip.MustParsePrefix("127.0.2.0/24")}, Port: m.port}
	a := agent.Start(o)
	m.ends = append(m.ends, func() error { a.Close(); return nil })
	if proxy, err = m.serve(agentAt, nil, a); err != nil {
		m.failed = err
	}
	return strings.TrimPrefix(proxy, "http://")
}

// registered reports the keep-alive that follows a check after the given number of boots.
func registered(boots int) func(*journal.Record) bool {
	checked := false
	return func(r *journal.Record) bool {
		switch r.Kind {
		case device.Booted:
			boots, checked = boots-1, false
		case device.ResyncDone:
			checked = r.Outcome.Success()
		}
		return r.Kind == device.KeepAliveDone && checked && boots <= 0
	}
}
