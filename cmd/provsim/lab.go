package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/profile"
	"provsim/resync"
)

var labCommand = command{
	name:  "lab",
	short: "run the embedded servers until interrupted",
	long: `
TFTP, HTTP and HTTPS servers serve the same files: a sample configuration for
the device of the flags, plain and encrypted with the key 123456, and a firmware
image. With --vendor they are what a good server has for that vendor's phones,
and the line "option" is the DHCP option that leads them here, as --option takes
it; phones that do not read option 66 have a line "server" for --server. HTTPS
wants a client certificate; the authority, a certificate and its key are written
into a directory. A DHCP server leases addresses to relay agents.
All addresses and files are printed, then each request. With --web there is also
a phone with its factory settings, which you provision on its web page.

  provsim lab --dir lab
  provsim phone --once --dhcp-relay 127.0.0.1:PORT --dhcp-listen 127.0.0.1:0
  provsim lab --vendor yealink --product T48S`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &labRun{}
		c.identityFlags.add(fs)
		c.identityFlags.addVendor(fs)
		fs.StringVar(&c.config.TFTP, "tftp", "127.0.0.1:0", "`ADDRESS` of the TFTP server")
		fs.StringVar(&c.config.HTTP, "http", "127.0.0.1:0", "`ADDRESS` of the HTTP server")
		fs.StringVar(&c.config.HTTPS, "https", "127.0.0.1:0", "`ADDRESS` of the HTTPS server")
		fs.StringVar(&c.config.DHCP, "dhcp", "127.0.0.1:0", "`ADDRESS` of the DHCP server, which serves relay agents only")
		fs.StringArrayVar(&c.config.Uploads, "uploads", nil, "let clients write files below this `PATH` by TFTP, PUT and POST; repeatable")
		fs.StringVar(&c.config.Option66, "option66", "", "`VALUE` of option 66 in the leases (default: the TFTP server)")
		c.faultFlags.add(fs)
		c.webFlags.add(fs)
		fs.StringVar(&c.dir, "dir", "", "write the PEM files into `DIR` (default: one that is removed at the end)")
		return c.run
	},
}

type labRun struct {
	identityFlags
	faultFlags
	webFlags
	config lab.Config
	dir    string
}

func (c *labRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	for _, server := range [][2]string{{"tftp", c.config.TFTP}, {"http", c.config.HTTP}, {"https", c.config.HTTPS}, {"dhcp", c.config.DHCP}} {
		if err := checkListen(server[0], server[1]); err != nil {
			return err
		}
	}
	vendor, err := c.personality(e)
	if err != nil {
		return err
	}
	if vendor.Tree == nil {
		return usage(fmt.Errorf("there are no sample files for %s phones", vendor.Vendor), "")
	}
	id, err := c.identity(vendor)
	if err != nil {
		return err
	}
	requests := make(chan lab.Served, 64)
	c.config.Served = func(s lab.Served) {
		select {
		case requests <- s:
		case <-e.ctx.Done():
		}
	}
	c.config.URL66 = vendor != vendors.Default() && askedBy(vendor, id, "192.0.2.1") != "tftp"
	l, err := lab.Start(c.config)
	if err != nil {
		return cannotListen("", err)
	}
	defer l.Close()
	if err := c.faultFlags.apply(l); err != nil {
		return err
	}
	s := &samples{lab: l, mac: id.MAC, product: id.Product}
	if vendor == vendors.Default() {
		err = s.publish()
	} else {
		publishTree(l, vendor, id)
	}
	if err != nil {
		return err
	}
	if c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "provsim-lab-"); err != nil {
			return cannot(err, "")
		}
		defer os.RemoveAll(c.dir)
	}
	if err := s.writePEM(c.dir); err != nil {
		return cannot(err, "")
	}
	if err := c.announce(e, l, vendor); err != nil {
		return err
	}
	phone, err := c.startPhone(e, l, vendor, id)
	if err != nil {
		return err
	}
	for {
		select {
		case <-e.ctx.Done():
			if phone != nil {
				<-phone
			}
			return e.ctx.Err()
		case err := <-phone:
			return err
		case r := <-requests:
			fmt.Fprintln(e.out, servedLine(r))
		}
	}
}

// publish puts the sample files.
func (s *samples) publish() error {
	plain := s.file(1)
	body, err := withKey(plain, demoKey)
	if err != nil {
		return err
	}
	for _, name := range []string{s.product, "fv" + s.mac.Upper(), "fv" + s.mac.String()} {
		s.lab.Files.Put(name+".conf", plain)
		s.lab.Files.Put(name+"-enc.conf", body)
	}
	s.lab.Files.Put(s.product+"-v3.4.0.bin", vendors.Default().Image(s.product, "v3.4.0", make([]byte, 100_000)))
	return nil
}

// publishTree puts what a good server has for a vendor's phone: its own file has the
// sample of the tree. A file that takes its name from a rule is named after the address.
func publishTree(l *lab.Lab, p *device.Personality, id device.Identity) {
	for i := range p.Tree.Files {
		f := &p.Tree.Files[i]
		if f.Missing || f.Class != device.ConfigClass {
			continue
		}
		name := p.TreeName(f, id)
		if name == "" {
			name = id.MAC.String() + ".cfg"
		}
		own := []device.Setting(nil)
		if f.Own {
			own = p.Own(p.Tree.Sample, p.Vars(id, device.Lease{}))
		}
		l.Files.Put(name, p.Tree.File(f, "1", profile.Config{}, own))
	}
}

// The names of the guide's section 4.2, which an administrator knows.
const caFile, certFile, keyFile = "cacert.pem", "sslclientcert.pem", "sslclientkey.pem"

// writePEM writes what an administrator uploads to the device.
func (s *samples) writePEM(dir string) error {
	cert, key, err := s.lab.CA.Issue(lab.Client(s.mac, s.product))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, body := range map[string][]byte{caFile: s.lab.CA.PEM(), certFile: cert, keyFile: key} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// askedBy returns the scheme of the first request of a phone whose lease has that option
// 66; "" where it makes none. Some vendors' phones take a bare address for an FTP or a web
// server.
func askedBy(p *device.Personality, id device.Identity, option66 string) string {
	m := device.NewModel(p, defaultCipher())
	lease := device.Lease{Addr: netip.MustParseAddr(anyAddr), Offer: device.TextOffer(66, option66)}
	if first := device.Rehearsal(m, id, nil, lease).FirstMove(resync.Resync); first.Request != nil {
		return first.Request.Scheme
	}
	return ""
}

// announce prints where everything is.
func (c *labRun) announce(e *env, l *lab.Lab, vendor *device.Personality) error {
	var b strings.Builder
	for _, scheme := range []string{"tftp", "http", "https", "dhcp"} {
		fmt.Fprintf(&b, "%-7s %s\n", scheme, l.Addr(scheme))
	}
	if slices.Contains(vendor.Servers, 66) {
		fmt.Fprintf(&b, "%-7s 66=%s\n", "option", l.Option66())
	} else {
		fmt.Fprintf(&b, "%-7s http://%s/\n", "server", l.Addr("http"))
	}
	for _, file := range [][2]string{{"ca", caFile}, {"cert", certFile}, {"key", keyFile}} {
		fmt.Fprintf(&b, "%-7s %s\n", file[0], filepath.Join(c.dir, file[1]))
	}
	for _, name := range l.Files.Names() {
		fmt.Fprintf(&b, "%-7s %s\n", "file", name)
	}
	_, err := fmt.Fprint(e.out, b.String())
	return err
}

// servedLine describes one request.
func servedLine(s lab.Served) string {
	if s.Server == "dhcp" {
		return dhcpLine(s)
	}
	words := []string{s.Server, s.Client.String(), s.Method, fmt.Sprintf("%q", s.Path)}
	if s.Name != "" {
		words = append(words, fmt.Sprintf("certificate %q", s.Name))
	}
	if s.Status != 0 {
		words = append(words, fmt.Sprint(s.Status))
	}
	words = append(words, fmt.Sprintf("%d bytes", s.Bytes))
	if s.Err != nil {
		words = append(words, fmt.Sprintf("error %q", s.Err.Error()))
	}
	return strings.Join(words, " ")
}

func dhcpLine(s lab.Served) string {
	answer := s.Path
	if answer == "" {
		answer = "no answer"
	}
	line := fmt.Sprintf("dhcp %s %s %s", s.Name, s.Method, answer)
	if s.Err != nil {
		line += fmt.Sprintf(" (%v)", s.Err)
	}
	return line
}

// labBootTime is how long the lab's phone reboots: a person waits for it at a
// browser.
const labBootTime = 5 * time.Second

// startPhone switches on the lab's phone if --web is given. The lab's DHCP server
// gives it a lease. The channel brings the error with which the run ends, the
// context's included; without a phone it is nil.
func (c *labRun) startPhone(e *env, l *lab.Lab, vendor *device.Personality, id device.Identity) (<-chan error, error) {
	if c.address == "" {
		return nil, nil
	}
	m := device.NewModel(vendor, defaultCipher())
	m.Epoch, m.BootTime, m.Seed = time.Now(), labBootTime, randomSeed()
	d := device.New(m, id, nil)
	page, err := c.webFlags.open(e, d)
	if err != nil {
		return nil, err
	}
	lease := leaseFlags{relay: l.Addr("dhcp").String(), listen: "127.0.0.1:0"}
	clients, err := lease.open(m.Seed, always(m.Personality), id)
	if err != nil {
		page.close()
		return nil, err
	}
	driver := run.New(run.Config{
		Clock: sched.NewReal(m.Epoch), Network: wire(), Journal: journal.Tee(page.sinks()...), Epoch: m.Epoch, DHCP: clients.agent,
	}, []device.Device{*d})
	clients.listen(driver)
	page.attach(driver)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	ended := make(chan error, 1)
	go func() {
		err := driver.Run(e.ctx, sched.Never)
		page.close()
		clients.close()
		ended <- err
	}()
	return ended, nil
}
