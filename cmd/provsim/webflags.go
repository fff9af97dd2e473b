package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"strings"

	webphone "provsim/internal/web/phone"

	"github.com/spf13/pflag"

	"provsim/internal/web/app"
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

// access is where a page is and who may use it.
type access struct {
	app.Access
	made bool // the password is new, and printed
}

// access reads what the flags name. Without a file the password is the shipped one;
// where that is empty, a new one.
func (f *webFlags) access(e *env, shipped string) (a access, err error) {
	if err := checkListen("web", f.address); err != nil {
		return access{}, err
	}
	a.Address, a.User, a.Hosts = f.address, f.user, f.names()
	switch {
	case f.passwordFile != "":
		a.Password, err = firstLine(e, "--web-password-file", f.passwordFile)
	case shipped != "":
		a.Password, a.Shipped = shipped, true
	default:
		a.Password, a.made = strings.ToLower(rand.Text()), true
	}
	if err != nil {
		return access{}, err
	}
	a.TLS, err = f.certificate(e)
	return a, err
}

// tell prints where a page is and who gets in.
func (a access) tell(e *env, page, url string) {
	fmt.Fprintf(e.err, "provsim: %s is at %s, user %s", page, url, a.User)
	if a.made {
		fmt.Fprintf(e.err, ", password %s", a.Password)
	}
	fmt.Fprintln(e.err)
}

// names returns the names under which browsers may open the page.
func (f *webFlags) names() (list []string) {
	for _, host := range f.hosts {
		list = append(list, strings.ToLower(host))
	}
	return list
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
	if f.tlsCert == "" && f.tlsKey == "" {
		return nil, nil
	}
	pair, err := readPair(e, "the page's certificate", "web-cert", f.tlsCert, "web-key", f.tlsKey)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

// readPair reads a certificate and its key from the files of two flags.
func readPair(e *env, what, certFlag, certFile, keyFlag, keyFile string) (tls.Certificate, error) {
	if certFile == "" || keyFile == "" {
		return tls.Certificate{}, usage(fmt.Errorf("%s needs both --%s and --%s", what, certFlag, keyFlag), "")
	}
	cert, err := readFile(e, certFile, maxSmallFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile(e, keyFile, maxSmallFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, usage(fmt.Errorf("--%s and --%s: %w", certFlag, keyFlag, err), "")
	}
	return pair, nil
}
