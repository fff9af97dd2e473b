package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	webphone "provsim/internal/web/phone"
)

// webFlags are the address and the login of a web page.
type webFlags struct {
	address, user, passwordFile string
	hosts                       []string
	tlsCert, tlsKey             string
}

func (f *webFlags) add(fs *pflag.FlagSet) {
	f.addFor(fs, "the phone's web page", `"admin", to be changed where others can reach the page`)
}

// addFor adds the flags of a page. Password describes the one that counts without
// a file.
func (f *webFlags) addFor(fs *pflag.FlagSet, page, password string) {
	fs.StringVar(&f.address, "web", "", "show "+page+" on this `ADDRESS`, such as 127.0.0.1:8000")
	fs.StringVar(&f.user, "web-user", webphone.ShippedUser, "`NAME` for the page's login")
	fs.StringVar(&f.passwordFile, "web-password-file", "", "`FILE` whose first line is the page's password (default "+password+")")
	fs.StringArrayVar(&f.hosts, "web-host", nil, "`NAME` under which browsers may open the page, beside localhost and all addresses; repeatable")
	fs.StringVar(&f.tlsCert, "web-cert", "", "PEM `FILE` of the page's own certificate, which makes it HTTPS")
	fs.StringVar(&f.tlsKey, "web-key", "", "PEM `FILE` of that certificate's key")
}

// webPage is the phone's page. Without --web its Page is nil.
type webPage struct{ *webphone.Page }

// open makes the page of a device, listens, and prints the address.
func (f *webFlags) open(e *env, d *device.Device) (webPage, error) {
	if f.address == "" {
		return webPage{}, nil
	}
	if err := checkListen("web", f.address); err != nil {
		return webPage{}, err
	}
	c := webphone.Config{Address: f.address, User: f.user, Shipped: f.passwordFile == "", Hosts: f.names()}
	var err error
	if c.Password, err = f.password(e, webphone.ShippedPassword); err != nil {
		return webPage{}, err
	}
	if c.TLS, err = f.certificate(e); err != nil {
		return webPage{}, err
	}
	page, err := webphone.New(c, d)
	if err != nil {
		return webPage{}, cannotListen("web", err)
	}
	fmt.Fprintf(e.err, "provsim: the phone's web page is at %s, user %s\n", page.URL(), c.User)
	return webPage{page}, nil
}

// names returns the names under which browsers may open the page.
func (f *webFlags) names() (list []string) {
	for _, host := range f.hosts {
		list = append(list, strings.ToLower(host))
	}
	return list
}

// password returns the password of the file, or the one that counts without one.
func (f *webFlags) password(e *env, without string) (string, error) {
	if f.passwordFile == "" {
		return without, nil
	}
	return firstLine(e, "--web-password-file", f.passwordFile)
}

// firstLine returns the password that is the first line of the file of a flag.
func firstLine(e *env, flag, name string) (string, error) {
	text, err := readFile(e, name, maxSmallFile)
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	password := strings.TrimRight(string(line), "\r")
	if password == "" {
		return "", usage(fmt.Errorf("%s %s: its first line is empty, want a password", flag, name), "")
	}
	return password, nil
}

// certificate returns the TLS configuration of the page; nil: it has none.
func (f *webFlags) certificate(e *env) (*tls.Config, error) {
	switch {
	case f.tlsCert == "" && f.tlsKey == "":
		return nil, nil
	case f.tlsCert == "" || f.tlsKey == "":
		return nil, usage(errors.New("the page's certificate needs both --web-cert and --web-key"), "")
	}
	cert, err := readFile(e, f.tlsCert, maxSmallFile)
	if err != nil {
		return nil, err
	}
	key, err := readFile(e, f.tlsKey, maxSmallFile)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, usage(fmt.Errorf("--web-cert and --web-key: %w", err), "")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

// address returns the URL of the page; it is empty without one.
func (w webPage) address() string {
	if w.Page == nil {
		return ""
	}
	return w.URL()
}

// sinks returns the page, which reads the journal.
func (w webPage) sinks() []journal.Sink {
	if w.Page == nil {
		return nil
	}
	return []journal.Sink{w.Page}
}

// attach gives the page the driver of the phone. It comes before the run.
func (w webPage) attach(d *run.Driver) {
	if w.Page != nil {
		w.Attach(d)
	}
}

func (w webPage) close() {
	if w.Page != nil {
		w.Close()
	}
}
