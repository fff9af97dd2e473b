package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/fetch/web"
	"provsim/internal/role"
	webrole "provsim/internal/web/role"
)

var serveCommand = command{
	name:  "serve",
	args:  "ROLE",
	short: "run one of the systems that phones meet, until interrupted",
	long: `
Each role runs alone, so that any of them can be replaced by a real system. A role
writes its own log to standard output: what it received, what it did, and why. The
log holds no passwords. The gateway's log has the random numbers, as in its
document.

  provsim serve teleware --accounts accounts.csv --listen 127.0.0.1:8082
  provsim serve activator --teleware http://127.0.0.1:8082/twautoprovisioning --listen 127.0.0.1:8081
  provsim serve gateway --settings gateway.txt --dhcp-relay-port 6767

Roles:`,
	parts: []command{gatewayCommand, activatorCommand, telewareCommand, pnpCommand, managerCommand, agentCommand, ipOfficeCommand, serveTunnelCommand},
}

// serveFlags are those of all roles.
type serveFlags struct {
	length time.Duration
	json   bool
	faults []string
	quirks []string
	web    webFlags
}

func (f *serveFlags) add(fs *pflag.FlagSet, faults []faultName, quirks []string) {
	fs.DurationVar(&f.length, "for", 0, "end after this `TIME` (default: run until interrupted)")
	fs.BoolVar(&f.json, "json", false, "write the log as JSON lines")
	if len(faults) > 0 {
		fs.StringArrayVar(&f.faults, "fault", nil, "what goes wrong, `WHERE=FAULT[:VALUE][@SHARE%]`; 'list' names the faults; repeatable")
	}
	if len(quirks) > 0 {
		fs.StringArrayVar(&f.quirks, "quirk", nil, "switch a quirk on, `NAME[=VALUE]`; repeatable: "+strings.Join(quirks, ", "))
	}
	f.web.addFor(fs, "the role's page", "a new one, which is printed")
}

// context returns the context of a role, which ends at an interrupt and after
// the time of --for.
func (f *serveFlags) context(e *env) (context.Context, context.CancelFunc, error) {
	switch {
	case f.length < 0:
		return nil, nil, usage(errors.New("--for: want a time above 0"), "")
	case f.length > 0:
		ctx, cancel := context.WithTimeout(e.ctx, f.length)
		return ctx, cancel, nil
	}
	return e.ctx, func() {}, nil
}

func (f *serveFlags) log(e *env) *role.Log { return role.NewLog(e.out, f.json, time.Now()) }

// sumUp says what a role has done, at its end.
func sumUp(e *env, l *role.Log) {
	if counts := l.Summary(); counts != "" {
		fmt.Fprintf(e.err, "provsim: since the start: %s\n", counts)
	}
}

// page opens the role's page, if one is asked for, and returns how to close it.
func (f *serveFlags) page(e *env, name string, tables func() []role.Table) (func(), error) {
	if f.web.address == "" {
		return func() {}, nil
	}
	a, err := f.web.access(e, "")
	if err != nil {
		return nil, err
	}
	page, err := webrole.New(webrole.Config{Access: a.Access, Name: name, Tables: tables})
	if err != nil {
		return nil, cannotListen("web", err)
	}
	a.tell(e, "the page", page.URL())
	return page.Close, nil
}

// faultName is a fault that a role knows.
type faultName struct {
	where, name string // name with :VALUE where it has one
	meaning     string
	set         func(value string, share float64) error
}

// apply switches the faults on. It reports true where the list was asked for
// and has been printed.
func (f *serveFlags) apply(e *env, known []faultName) (listed bool, err error) {
	for _, text := range f.faults {
		if text == "list" {
			for _, k := range known {
				fmt.Fprintf(e.out, "%-24s %s\n", k.where+"="+k.name, k.meaning)
			}
			return true, nil
		}
		if err := setRoleFault(text, known); err != nil {
			return false, usage(fmt.Errorf("--fault %s: %w", text, err), "run it with --fault list for the faults")
		}
	}
	return false, nil
}

func setRoleFault(text string, known []faultName) error {
	where, rest, _ := strings.Cut(text, "=")
	part := 1.0
	if before, percent, ok := strings.Cut(rest, "@"); ok {
		n, err := strconv.ParseFloat(strings.TrimSuffix(percent, "%"), 64)
		if err != nil || !strings.HasSuffix(percent, "%") || !(n > 0 && n <= 100) {
			return fmt.Errorf("found %q after @, want a share above 0%% and up to 100%%", percent)
		}
		part, rest = n/100, before
	}
	name, value, _ := strings.Cut(rest, ":")
	for _, k := range known {
		own, _, takes := strings.Cut(k.name, ":")
		switch {
		case k.where != where || own != name:
		case takes && value == "":
			return fmt.Errorf("want %s=%s", k.where, k.name)
		case !takes && value != "":
			return fmt.Errorf("found the value %q, want none", value)
		default:
			return k.set(value, part)
		}
	}
	return errors.New("no such fault")
}

// addQuirks checks the quirks against those that are known and returns them.
func (f *serveFlags) chosen(known []string) (map[string]bool, error) {
	on := map[string]bool{}
	for _, q := range f.quirks {
		if !slices.Contains(known, q) {
			return nil, usage(fmt.Errorf("--quirk: %w", unknown("quirk", q, known)), "the quirks are "+strings.Join(known, ", "))
		}
		on[q] = true
	}
	return on, nil
}

// listenFlags say where a role's HTTP server is. One address or more may be
// given; https://ADDRESS makes one TLS.
type listenFlags struct {
	addresses []string
	cert, key string
	made      *tls.Certificate                                // for a role that needs no --cert
	perClient func(*tls.ClientHelloInfo) (*tls.Config, error) // nil: all get the same
	opened    func(url string)                                // is told each address
}

func (f *listenFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.addresses, "listen", []string{"127.0.0.1:0"}, "`ADDRESS:PORT` to listen on; https:// before it makes it TLS; repeatable")
	fs.StringVar(&f.cert, "cert", "", "PEM `FILE` of the server's certificate, for https")
	fs.StringVar(&f.key, "key", "", "PEM `FILE` of that certificate's key")
}

// limits of a role's HTTP server: a slow client may not hold a connection for
// ever.
const (
	headerTime = 10 * time.Second
	bodyTime   = 2 * time.Minute
	quietTime  = 75 * time.Second
)

// serve answers on all addresses until the context ends.
func (f *listenFlags) serve(ctx context.Context, e *env, name string, handler http.Handler) error {
	var config *tls.Config
	servers := make([]*http.Server, 0, len(f.addresses))
	failed := make(chan error, len(f.addresses))
	defer func() {
		for _, s := range servers {
			s.Close()
		}
	}()
	for _, address := range f.addresses {
		bare, secure := strings.CutPrefix(address, "https://")
		bare = strings.TrimPrefix(bare, "http://")
		if _, _, err := net.SplitHostPort(bare); err != nil {
			return usage(fmt.Errorf("--listen %s: want ADDRESS:PORT", address), "")
		}
		if secure && config == nil {
			pair, err := f.pair(e)
			if err != nil {
				return err
			}
			config = &tls.Config{Certificates: []tls.Certificate{pair}, GetConfigForClient: f.perClient}
		}
		listener, err := net.Listen("tcp", bare)
		if err != nil {
			return cannot(fmt.Errorf("--listen %s: %w", address, err), "")
		}
		scheme := "http"
		if secure {
			scheme, listener = "https", tls.NewListener(listener, config)
		}
		s := &http.Server{
			Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime, IdleTimeout: quietTime,
			MaxHeaderBytes: 32 << 10, ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is in the role's own log
		}
		servers = append(servers, s)
		go func() { failed <- s.Serve(listener) }()
		fmt.Fprintf(e.err, "provsim: the %s listens at %s://%s\n", name, scheme, listener.Addr())
		if f.opened != nil {
			f.opened(scheme + "://" + listener.Addr().String())
		}
	}
	select {
	case <-ctx.Done():
		return e.ctx.Err()
	case err := <-failed:
		return cannot(err, "")
	}
}

func (f *listenFlags) pair(e *env) (tls.Certificate, error) {
	if f.made != nil {
		return *f.made, nil
	}
	return readPair(e, "an address with https://", "cert", f.cert, "key", f.key)
}

// authorities reads the authorities that a server must be certified by, from the file
// that a flag names. They are nil where it names none.
func authorities(e *env, flag, name string) (*x509.CertPool, error) {
	if name == "" {
		return nil, nil
	}
	file, err := readFile(e, name, maxSmallFile)
	if err != nil {
		return nil, err
	}
	chain, err := web.ParseChain(file)
	if err != nil {
		return nil, usage(fmt.Errorf("--%s %s: %w", flag, name, err), "")
	}
	pool := x509.NewCertPool()
	for _, cert := range chain {
		pool.AddCert(cert)
	}
	return pool, nil
}
