package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/role/agent"
	webagent "provsim/internal/web/agent"
)

var agentCommand = command{
	name:  "serve agent",
	short: "the Device Agent: fetches actions for phones behind a NAT, and passes their traffic on",
	long: `
It asks a Device Manager for the actions of its tenants, each --period, and carries
them out at the phones, one by one on each. Phones reach the manager through it, by
HTTP and HTTPS. --web shows its page, which sets what the flags set too.

  provsim serve agent --manager 127.0.0.2:8443 --ca ca.pem --service-key-file key.txt \
    --tenant Branch --listen 127.0.1.1:8080

Manager and Agent speak a form of provsim's own, "ours-1": the genuine one is not
public. Only the configuration of --state survives a restart of the Agent. It calls
phones only by literal addresses of --device-nets.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &agentRun{}
		c.listen.add(fs)
		fs.StringVar(&c.manager, "manager", "", "`HOST[:PORT]` of the manager, by HTTPS (default port 443)")
		fs.StringVar(&c.keyFile, "service-key-file", "", "`FILE` whose first line is the manager's service key")
		fs.StringArrayVar(&c.tenants, "tenant", nil, "`NAME` of a tenant; repeatable")
		fs.StringVar(&c.period, "period", "", "`SECONDS` between two polls, 1 to 59 (default 5)")
		fs.StringVar(&c.state, "state", "", "keep the configuration in `FILE`; flags win over it")
		fs.StringVar(&c.host, "host", "", "`NAME` of this machine in the Agent's name (default: its own)")
		fs.StringVar(&c.ca, "ca", "", "PEM `FILE` of the authorities that the manager must be certified by (default: the system's)")
		c.calls.add(fs)
		c.add(fs, c.known(nil), agentQuirks)
		return c.run
	},
}

var agentQuirks = []string{"backoff", "tls-no-verify"}

type agentRun struct {
	serveFlags
	listen                                    listenFlags
	calls                                     callFlags
	manager, keyFile, period, state, host, ca string
	tenants                                   []string
}

func (c *agentRun) known(f *agent.Fault) []faultName {
	return []faultName{
		{"action", "lose", "the action is fetched and not carried out", func(_ string, share float64) error { f.LoseActions = share; return nil }},
		{"report", "lose", "the manager does not get the result of the action", func(_ string, share float64) error { f.LoseReports = share; return nil }},
		{"proxy", "down", "phones get 502", func(string, float64) error { f.ProxyDown = true; return nil }},
	}
}

func (c *agentRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	o := agent.Options{Save: c.state, Host: c.host, Cores: runtime.NumCPU(), Log: c.log(e)}
	if listed, err := c.apply(e, c.known(&o.Fault)); listed || err != nil {
		return err
	}
	if err := c.configure(e, &o); err != nil {
		return err
	}
	if err := c.connect(e, &o); err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	a := agent.Start(o)
	defer a.Close()
	end, err := c.page(e, a, o)
	if err != nil {
		return err
	}
	defer end()
	return c.listen.serve(ctx, e, "Agent", a)
}

// configure reads the configuration: the file's, and what the flags say.
func (c *agentRun) configure(e *env, o *agent.Options) (err error) {
	o.Config = agent.Config{Period: agent.UsualPeriod}
	if c.state != "" {
		if o.Config, err = agent.Load(c.state); err != nil {
			return cannot(err, "")
		}
	}
	if c.manager != "" {
		o.Manager = c.manager
	}
	if len(c.tenants) > 0 {
		o.Tenants = c.tenants
	}
	if c.keyFile != "" {
		if o.Key, err = firstLine(e, "--service-key-file", c.keyFile); err != nil {
			return err
		}
	}
	if c.period != "" {
		if o.Period, err = agent.ParsePeriod(c.period); err != nil {
			return usage(fmt.Errorf("--period %s: %w", c.period, err), "")
		}
	}
	for _, check := range []struct {
		flag string
		err  error
	}{{"--manager", agent.CheckManager(o.Manager)}, {"--service-key-file", agent.CheckKey(o.Key)}, {"--tenant", agent.CheckTenants(o.Tenants)}} {
		if check.err != nil {
			return usage(fmt.Errorf("%s: %w", check.flag, check.err), "")
		}
	}
	if o.Host == "" {
		if o.Host, err = os.Hostname(); err != nil {
			return cannot(err, "give a name by --host")
		}
	}
	return nil
}

// connect says how the manager and phones are reached, and makes the certificate
// for phones where https is listened on without one.
func (c *agentRun) connect(e *env, o *agent.Options) error {
	quirks, err := c.chosen(agentQuirks)
	if err != nil {
		return err
	}
	o.Backoff = quirks["backoff"]
	o.TLS = &tls.Config{}
	if o.TLS.RootCAs, err = authorities(e, "ca", c.ca); err != nil {
		return err
	}
	o.TLS.InsecureSkipVerify = quirks["tls-no-verify"]
	from, _ := c.listen.own()
	o.From = from
	if o.Caller, err = c.calls.options(from); err != nil {
		return err
	}
	secure := slices.ContainsFunc(c.listen.addresses, func(a string) bool { return strings.HasPrefix(a, "https://") })
	if secure && c.listen.cert == "" && c.listen.key == "" {
		pair, err := selfSigned(from)
		if err != nil {
			return cannot(err, "")
		}
		c.listen.made = &pair
	}
	return nil
}

// selfSigned makes a certificate for an address, for ten years.
func selfSigned(addr netip.Addr) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Device Manager Agent"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if addr.IsValid() {
		template.IPAddresses = append(template.IPAddresses, addr.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// page opens the Agent's page, if it is asked for.
func (c *agentRun) page(e *env, a *agent.Agent, o agent.Options) (func(), error) {
	if c.web.address == "" {
		if !o.Ready() {
			return nil, usage(errors.New("want --manager, --service-key-file and --tenant, or --web for the page that sets them"), "")
		}
		return func() {}, nil
	}
	access, err := c.web.access(e, "")
	if err != nil {
		return nil, err
	}
	page, err := webagent.New(webagent.Config{Access: access.Access, Log: o.Log}, a)
	if err != nil {
		return nil, cannotListen("web", err)
	}
	access.tell(e, "the page", page.URL())
	return page.Close, nil
}
