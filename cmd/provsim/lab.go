package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device/flyingvoice"
	"provsim/internal/lab"
)

var labCommand = command{
	name:  "lab",
	short: "run the embedded servers until interrupted",
	long: `
TFTP, HTTP and HTTPS servers serve the same files: a sample configuration for
the device of the flags, plain and encrypted with the key 123456, and a firmware
image. HTTPS wants a client certificate; the authority, a certificate and its key
are written into a directory. A DHCP server leases addresses to relay agents.
All addresses and files are printed, then each request. With --web a phone as it
comes out of its box is beside the servers, to be provisioned on its web page.

  provsim lab --dir lab
  provsim phone --once --dhcp-relay 127.0.0.1:PORT --dhcp-listen 127.0.0.1:0`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &labRun{}
		c.identityFlags.add(fs)
		fs.StringVar(&c.config.TFTP, "tftp", "127.0.0.1:0", "`ADDRESS` of the TFTP server")
		fs.StringVar(&c.config.HTTP, "http", "127.0.0.1:0", "`ADDRESS` of the HTTP server")
		fs.StringVar(&c.config.HTTPS, "https", "127.0.0.1:0", "`ADDRESS` of the HTTPS server")
		fs.StringVar(&c.config.DHCP, "dhcp", "127.0.0.1:0", "`ADDRESS` of the DHCP server, which serves relay agents only")
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
	id, err := c.identity()
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
	l, err := lab.Start(c.config)
	if err != nil {
		return cannot(err, "another program may use that address, --tftp, --http and --https choose others")
	}
	defer l.Close()
	if err := c.faultFlags.apply(l); err != nil {
		return err
	}
	s := &stage{lab: l, mac: id.MAC, product: id.Product}
	if err := s.publish(); err != nil {
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
	if err := c.announce(e, l); err != nil {
		return err
	}
	phone, err := c.startPhone(e, l, id)
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
func (s *stage) publish() error {
	plain := s.file(1)
	sealed, err := seal(plain, demoKey)
	if err != nil {
		return err
	}
	for _, name := range []string{s.product, "fv" + s.mac.Upper(), "fv" + s.mac.String()} {
		s.lab.Files.Put(name+".conf", plain)
		s.lab.Files.Put(name+"-enc.conf", sealed)
	}
	image := flyingvoice.Image{Product: s.product, Version: "v3.4.0"}
	s.lab.Files.Put(s.product+"-v3.4.0.bin", flyingvoice.SealImage(image, make([]byte, 100_000)))
	return nil
}

// The names of the guide's section 4.2, which an administrator knows.
const caFile, certFile, keyFile = "cacert.pem", "sslclientcert.pem", "sslclientkey.pem"

// writePEM writes what an administrator uploads to the device.
func (s *stage) writePEM(dir string) error {
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

// announce prints where everything is.
func (c *labRun) announce(e *env, l *lab.Lab) error {
	var b strings.Builder
	for _, scheme := range []string{"tftp", "http", "https", "dhcp"} {
		fmt.Fprintf(&b, "%-7s %s\n", scheme, l.Addr(scheme))
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

// servedLine tells one request.
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
