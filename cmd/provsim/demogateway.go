package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/journal"
	"provsim/internal/role"
	"provsim/internal/role/activator"
	"provsim/internal/role/gateway"
	"provsim/internal/role/teleware"
	"provsim/profile"
	"provsim/resync"
)

// The phone of the gateway's story, and its account.
const (
	storyMAC     = "0004f21a2457"
	storyAccount = "mac,user,password,server,reseller\n" + storyMAC + ",2001,s3cret,sip.example.net,Acme\n"
)

// gatewayStory runs the gateway, the Activator, the account server and a Polycom phone
// on loopback, and tells what they do.
func gatewayStory(e *env) error {
	out := &sharedWriter{w: e.out}
	told := *e
	told.out = out
	s := &systems{out: out}
	defer s.close()
	if err := s.open(); err != nil {
		return cannot(err, "")
	}
	d, err := storyPhone()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `A gateway hides a phone's files. Four programs on loopback:
  the gateway leases addresses at udp://%s
  the Activator has the phones' files at %s
  Teleware knows the phones' accounts at %s
  the phone is a Polycom %s, %s
`, s.dhcp.LocalAddr(), s.files, s.accounts, d.Product().Name, storyMAC)
	story := &demoJournal{e: &told, steps: storySteps(), sink: &phoneLines{out: out}}
	if d, err = story.lease(d, s.dhcp.LocalAddr().String(), demoLimit, nil); err != nil {
		return err
	}
	user, _ := d.Stored().Config.Get("reg.1.auth.userId")
	server, _ := d.Stored().Config.Get("reg.1.server.1.address")
	return s.stranger(e.ctx, user, server)
}

// storySteps are the parts of the story.
func storySteps() []demoStep {
	done := func(kind device.EventKind) func(*journal.Record) bool {
		return func(r *journal.Record) bool { return r.Kind == kind }
	}
	return []demoStep{{
		title: "1. The phone asks for an address, and the gateway tells the Activator of it", prepare: func() {}, ends: done(device.Leased),
		result: "option 66 has a random number; the Activator asks Teleware whose phone this is, and publishes its files below the number",
	}, {
		title: "2. The phone starts as bootROM, and asks for its files below the number", prepare: func() {},
		ends:   func(r *journal.Record) bool { return r.Kind == device.Transferred && r.Method == device.Write },
		result: "its files are there; that some names are not there is normal for these phones",
	}, {
		title: "3. The application starts, and asks once more", prepare: func() {},
		ends: func(r *journal.Record) bool {
			return r.Kind == device.SettingSet && strings.HasPrefix(r.Note, "reg.1.server.")
		},
		result: "the phone has its account",
	}}
}

// storyPhone returns a Polycom phone whose waits are short.
func storyPhone() (*device.Device, error) {
	p, err := vendors.Lookup("polycom")
	if err != nil {
		return nil, err
	}
	mac, err := device.ParseMAC(storyMAC)
	if err != nil {
		return nil, err
	}
	m := device.NewModel(p, defaultCipher())
	m.Epoch, m.Seed = time.Now(), randomSeed()
	var config profile.Config
	for _, name := range []string{"emulator.start.delay", "emulator.application.delay"} {
		if config, err = config.With(name, "1"); err != nil {
			return nil, err
		}
	}
	id := p.Shipped
	id.MAC, id.Serial = mac, p.Serial(mac)
	return device.New(m, id, &device.Stored{Config: config}), nil
}

// systems are the three systems around the phone.
type systems struct {
	out             *sharedWriter
	dhcp            net.PacketConn
	files, accounts string // URLs
	ends            []func() error
}

// open starts them on free ports of loopback.
func (s *systems) open() error {
	list, err := teleware.ReadAccounts(strings.NewReader(storyAccount))
	if err != nil {
		return err
	}
	if s.accounts, err = s.serve(localhost, nil, &teleware.Server{Accounts: list, Log: s.log("Teleware")}); err != nil {
		return err
	}
	root, err := os.MkdirTemp("", "provsim-demo-")
	if err != nil {
		return err
	}
	s.ends = append(s.ends, func() error { return os.RemoveAll(root) })
	ask, err := url.Parse(s.accounts + "/twautoprovisioning")
	if err != nil {
		return err
	}
	a, err := activator.Open(activator.Options{Root: root, WebRoot: filepath.Join(root, "web"), Templates: activator.Sample(), Teleware: ask, Log: s.log("Activator")})
	if err != nil {
		return err
	}
	s.ends = append(s.ends, a.Close)
	if s.files, err = s.serve(localhost, nil, a); err != nil {
		return err
	}
	o := gateway.Options{Log: s.log("gateway")}
	o.Settings, o.Random = gateway.Defaults(), gateway.Crypto
	for _, line := range []string{
		"Dhcp Server Tftp Server 1 = " + s.files + "/phoneprovisioning",
		"Dhcp Server Mac Alert Enabled 1 = yes", "Dhcp Server Mac Alert Name 1 = PhoneProvisioning", "Dhcp Server Mac Alert Address 1 = 0004f2",
		"Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes",
		"Event Forwarding Discriminator Entry Class 1 = DHCP", "Event Forwarding Discriminator Entry Target 1 = activator",
		"Http Client File Server Ip Address = " + strings.TrimPrefix(s.files, "http://"),
	} {
		if err := o.Set(line); err != nil {
			return err
		}
	}
	if s.dhcp, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		return err
	}
	o.Conn = s.dhcp
	s.ends = append(s.ends, gateway.Start(o).Close)
	return nil
}

func (s *systems) log(name string) *role.Log {
	return role.NewLog(&namedWriter{out: s.out, begin: fmt.Sprintf("  %-10s", name)}, false, time.Now())
}

const localhost = "127.0.0.1"

// serve serves a handler on a free port of an address and returns its URL. With a TLS
// configuration it speaks HTTPS.
func (s *systems) serve(address string, secure *tls.Config, h http.Handler) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: demoLimit}
	s.ends = append(s.ends, server.Close)
	at := l.Addr().String()
	if secure != nil {
		go server.Serve(tls.NewListener(l, secure))
		return "https://" + at, nil
	}
	go server.Serve(l)
	return "http://" + at, nil
}

// close ends the systems, the latest first. An answer under way may outlast its
// server, and says nothing after the story.
func (s *systems) close() {
	for i := len(s.ends) - 1; i >= 0; i-- {
		_ = s.ends[i]() // the story has been told
	}
	s.out.end()
}

// stranger asks for the folder and for another number. The story ends with it.
func (s *systems) stranger(ctx context.Context, user, server string) error {
	fmt.Fprint(s.out, "\n4. A stranger guesses a number\n-----------------------------\n")
	guess := s.files + "/phoneprovisioning/123456789012345678/sip.cfg"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, guess, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return cannot(err, "")
	}
	resp.Body.Close()
	fmt.Fprintf(s.out, "  stranger  GET %s: %s\n=> every path below a wrong number gets this one answer\n", guess, resp.Status)
	fmt.Fprintf(s.out, "\nThe end: the phone has user %s of %s. Next: doc/gateway.md, to run each of the systems by itself.\n", user, server)
	return nil
}

// phoneLines is a sink that shows the phone's records in short lines.
type phoneLines struct{ out io.Writer }

// Add shows one record.
func (p *phoneLines) Add(r *journal.Record) error {
	var text string
	switch r.Kind {
	case device.Leased:
		text = "has a lease: " + r.Note
	case device.Transferred:
		method := map[device.Method]string{device.Read: "GET", device.Write: "PUT", device.Head: "HEAD", device.Post: "POST"}[r.Method]
		text = method + " " + path.Base(r.URL)
		switch {
		case r.Expected:
			text += ": not there, as expected"
		case r.Outcome != resync.None && r.Outcome != resync.Sent:
			text += ": " + r.Outcome.String()
		}
	case device.ResyncDone:
		text = "ends its boot: " + r.Outcome.String()
	case device.SettingSet:
		if text = r.Note; !strings.HasPrefix(text, "reg.") {
			return nil
		}
	case device.MessageShown:
		text = "shows " + r.Note
	case device.Booted:
		text = "boots: " + r.Note
	default:
		return nil
	}
	_, err := fmt.Fprintf(p.out, "  %-10s%s\n", "phone", text)
	return err
}

// namedWriter writes the log of a system, with its name before each line.
type namedWriter struct {
	out   io.Writer
	begin string
}

// Write takes one line of a log. The time is left out, and so are requests for
// files: the phone's own lines show them.
func (l *namedWriter) Write(b []byte) (int, error) {
	words := strings.Fields(string(b))
	if len(words) < 2 || words[1] == "request" {
		return len(b), nil
	}
	if words = words[1:]; words[0] == "log" {
		words = words[1:]
	}
	_, err := io.WriteString(l.out, l.begin+strings.Join(words, " ")+"\n")
	return len(b), err
}

// sharedWriter is a writer for several goroutines.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

// end drops what is written from now on.
func (s *sharedWriter) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = io.Discard
}
