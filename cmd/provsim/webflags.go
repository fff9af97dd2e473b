package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	webphone "provsim/internal/web/phone"
)

// webFlags say where a web page is, and for whom.
type webFlags struct {
	address, user, passwordFile string
	hosts                       []string
	tlsCert, tlsKey             string
}

func (f *webFlags) add(fs *pflag.FlagSet) {
	f.addFor(fs, "the phone's web page", `"admin", to be changed where others can reach the page`)
}

// addFor adds the flags of a page, which has some password without a file.
func (f *webFlags) addFor(fs *pflag.FlagSet, page, password string) {
	fs.StringVar(&f.address, "web", "", "show "+page+" on this `ADDRESS`, such as 127.0.0.1:8000")
	fs.StringVar(&f.user, "web-user", webphone.ShippedUser, "`NAME` for the page's login")
	fs.StringVar(&f.passwordFile, "web-password-file", "", "`FILE` whose first line is the page's password (default "+password+")")
	fs.StringArrayVar(&f.hosts, "web-host", nil, "`NAME` by which the page may be called, beside localhost and all addresses; repeatable")
	fs.StringVar(&f.tlsCert, "web-cert", "", "PEM `FILE` of the page's own certificate, which makes it HTTPS")
	fs.StringVar(&f.tlsKey, "web-key", "", "PEM `FILE` of that certificate's key")
}

// webPage is the page that the flags ask for, or none.
type webPage struct{ *webphone.Page }

// open makes the page of a device, listens, and says where.
func (f *webFlags) open(e *env, d *device.Device) (webPage, error) {
	if f.address == "" {
		return webPage{}, nil
	}
	c := webphone.Config{Address: f.address, User: f.user, Shipped: f.passwordFile == "", Hosts: f.names()}
	var err error
	if c.Password, err = f.password(webphone.ShippedPassword); err != nil {
		return webPage{}, err
	}
	if c.TLS, err = f.certificate(); err != nil {
		return webPage{}, err
	}
	page, err := webphone.New(c, d)
	if err != nil {
		return webPage{}, cannot(fmt.Errorf("--web: %w", err), "another program may use that address")
	}
	fmt.Fprintf(e.err, "provsim: the phone's web page is at %s, user %s\n", page.URL(), c.User)
	return webPage{page}, nil
}

// names returns the names by which the page may be called.
func (f *webFlags) names() (list []string) {
	for _, host := range f.hosts {
		list = append(list, strings.ToLower(host))
	}
	return list
}

// password returns the password of the file, or the one that counts without one.
func (f *webFlags) password(without string) (string, error) {
	if f.user == "" {
		return "", usage(errors.New("--web-user is empty, want a name"), "")
	}
	if f.passwordFile == "" {
		return without, nil
	}
	text, err := os.ReadFile(f.passwordFile)
	if err != nil {
		return "", cannot(err, "")
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	password := strings.TrimRight(string(line), "\r")
	if password == "" {
		return "", usage(fmt.Errorf("--web-password-file %s: its first line is empty, want a password", f.passwordFile), "")
	}
	return password, nil
}

// certificate returns how the page is reached by HTTPS; nil: it is not.
func (f *webFlags) certificate() (*tls.Config, error) {
	switch {
	case f.tlsCert == "" && f.tlsKey == "":
		return nil, nil
	case f.tlsCert == "" || f.tlsKey == "":
		return nil, usage(errors.New("the page's certificate needs both --web-cert and --web-key"), "")
	}
	pair, err := tls.LoadX509KeyPair(f.tlsCert, f.tlsKey)
	if err != nil {
		return nil, cannot(fmt.Errorf("--web-cert: %w", err), "")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

// sinks returns the page as a reader of the journal.
func (w webPage) sinks() []journal.Sink {
	if w.Page == nil {
		return nil
	}
	return []journal.Sink{w.Page}
}

// attach says who runs the phone. It comes before the run.
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
