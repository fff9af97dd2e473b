package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/icholy/digest"

	"provsim/internal/fetch/web"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// Schemes of --auth (WT-CON-4). The empty one sends Basic first and then answers
// what the server asks for.
const (
	AuthBasic  = "basic"
	AuthDigest = "digest"
	AuthNone   = "none"
)

// Access is how devices reach their server (WT-CON-1 to WT-CON-5).
type Access struct {
	Auth      string
	Cert      *tls.Certificate // of the devices; nil: they have none
	Roots     *x509.CertPool   // for WSTunVerifyPeer; nil: nothing is trusted
	CheckName bool             // the quirk tls-no-hostname is off
	NoHeader  bool             // quirk no-device-header
	Resolver  Resolver         // nil: names are not known
	Agent     string           // User-Agent
	// Open opens TCP connections; nil is a [net.Dialer].
	Open func(ctx context.Context, network, address string) (net.Conn, error)
}

// Resolver looks names up.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// DNS is a resolver that asks one server.
func DNS(server netip.AddrPort) Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.String())
	}}
}

// perAddress is how long one of a server's addresses is tried (WT-CON-1).
const perAddress = 10 * time.Second

// mostRedirects are followed (WT-CON-5).
const mostRedirects = 3

// Connection is an open WebSocket.
type Connection struct {
	WebSocket *websocket.Conn
	Wire      *link.Wire
	Assigned  netip.Addr // by X-Tunnel-Address; not valid without it
	Request   http.Header
	Answer    http.Header
}

// Times are of one attempt.
type Times struct {
	URL                     string // without password and query
	DNS, Connect, Handshake time.Duration
	Secure, Resumed         bool
	Whole                   time.Duration
	Status                  int // of the last answer
}

// Failure is why an attempt failed.
type Failure struct {
	Outcome    tunnel.Outcome
	RetryAfter time.Duration
	Note       string
}

// Error returns the outcome and what is known beyond it.
func (f *Failure) Error() string {
	if f.Note == "" {
		return string(f.Outcome)
	}
	return string(f.Outcome) + ": " + f.Note
}

// attempt is one try to open a tunnel.
type attempt struct {
	*Access
	parameters tunnel.Parameters
	serial     uint64
	sessions   tls.ClientSessionCache
	times      Times
}

// dial opens a tunnel for a device. The link's methods get its pings. Its time is
// that of ctx; a.times says what it took.
func (a *attempt) dial(ctx context.Context, l *link.Link) (*Connection, *Failure) {
	begun := time.Now()
	target, err := a.parameters.URL()
	if err != nil {
		return nil, &Failure{Outcome: tunnel.NoName, Note: err.Error()}
	}
	first := target.Hostname() // which user and password are for
	authorization := ""
	if a.Auth == "" || a.Auth == AuthBasic {
		authorization = a.basic()
	}
	answered, redirects := false, 0
	for {
		c, answer, err := a.upgrade(ctx, l, target, authorization)
		a.times.Whole = time.Since(begun)
		switch {
		case err == nil:
			return c, nil
		case answer == nil:
			return nil, a.explain(ctx, err)
		case answer.StatusCode == http.StatusUnauthorized && !answered && a.Auth != AuthNone:
			answered = true
			if authorization, err = a.answer(answer, target); err != nil {
				return nil, &Failure{Outcome: tunnel.Unauthorized, Note: err.Error()}
			}
		case answer.StatusCode == http.StatusUnauthorized:
			return nil, &Failure{Outcome: tunnel.Unauthorized, Note: "the server refuses user and password"}
		case slices.Contains([]int{301, 302, 307, 308}, answer.StatusCode):
			if redirects++; redirects > mostRedirects {
				return nil, &Failure{Outcome: tunnel.Status, Note: fmt.Sprintf("more than %d redirects", mostRedirects)}
			}
			if target, err = redirect(target, answer.Header.Get("Location")); err != nil {
				return nil, &Failure{Outcome: tunnel.Status, Note: err.Error()}
			}
			if target.Hostname() != first {
				authorization, answered = "", true
			}
		case answer.StatusCode == http.StatusSwitchingProtocols:
			return nil, &Failure{Outcome: tunnel.BadUpgrade, Note: "the 101 lacks Upgrade, Connection or the right Sec-WebSocket-Accept, or has an extension or sub-protocol that was not asked for"}
		default:
			return nil, &Failure{Outcome: tunnel.Status, RetryAfter: retryAfter(answer), Note: "status " + strconv.Itoa(answer.StatusCode)}
		}
	}
}

func redirect(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil || location == "" || to.Host == "" {
		return nil, errors.New("a redirect to no URL")
	}
	switch to.Scheme {
	case "ws":
		to.Scheme = "http"
	case "wss":
		to.Scheme = "https"
	case "http", "https":
	default:
		return nil, errors.New("a redirect to a URL that is neither ws, wss, http nor https")
	}
	to.User, to.Fragment = nil, ""
	return to, nil
}

// retryAfter reads the seconds that a 429 or 503 asks to wait (WT-LIFE-3).
func retryAfter(answer *http.Response) time.Duration {
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	n, err := strconv.ParseUint(answer.Header.Get("Retry-After"), 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, tunnel.MaxRetryAfter)
}

func (a *attempt) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.parameters.User+":"+a.parameters.Password))
}

// answer answers the strongest challenge: Digest with SHA-256, with MD5, then
// Basic (WT-CON-4).
func (a *attempt) answer(resp *http.Response, target *url.URL) (string, error) {
	best, rank := (*digest.Challenge)(nil), 0
	basic := false
	for _, text := range web.Challenges(resp.Header) {
		scheme, _, _ := strings.Cut(text, " ")
		if strings.EqualFold(scheme, "Basic") {
			basic = true
			continue
		}
		challenge, err := digest.ParseChallenge(text)
		if err != nil || len(challenge.QOP) > 0 && !challenge.SupportsQOP("auth") {
			continue
		}
		r := map[string]int{"": 1, "MD5": 1, "SHA-256": 2}[challenge.Algorithm]
		if r > rank {
			best, rank = challenge, r
		}
	}
	switch {
	case best != nil && a.Auth != AuthBasic:
		return Digest(best, a.parameters.User, a.parameters.Password, target.RequestURI(), "")
	case basic && a.Auth != AuthDigest:
		return a.basic(), nil
	}
	return "", errors.New("the server offers no scheme that the device knows and may use")
}

// Digest returns the credentials of a GET. Cnonce is a random one where it is
// empty.
func Digest(c *digest.Challenge, user, password, uri, cnonce string) (string, error) {
	credentials, err := digest.Digest(c, digest.Options{
		Method: http.MethodGet, URI: uri, Count: 1, Username: user, Password: password, Cnonce: cnonce,
		GetBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
	})
	if err != nil {
		return "", err
	}
	return credentials.String(), nil
}

// upgrade sends one request. The answer is nil where none came.
func (a *attempt) upgrade(ctx context.Context, l *link.Link, target *url.URL, authorization string) (*Connection, *http.Response, error) {
	a.times.URL, _, _ = strings.Cut(target.Redacted(), "?") // a redirect's query may hold a token
	a.times.Secure = target.Scheme == "https"
	header := http.Header{"User-Agent": {a.Agent}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	if !a.NoHeader {
		header.Set("X-Tunnel-Device", strconv.FormatUint(a.serial, 10))
	}
	below, err := a.connect(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	wire := &link.Wire{Conn: below}
	give := func(context.Context, string, string) (net.Conn, error) { return wire, nil }
	conn, answer, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport: &http.Transport{
				DialContext: give, DialTLSContext: give, DisableCompression: true, DisableKeepAlives: true, MaxResponseHeaderBytes: 32 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPHeader: header, OnPingReceived: l.OnPing, OnPongReceived: l.OnPong,
	})
	if answer != nil {
		a.times.Status = answer.StatusCode
	}
	if err != nil {
		wire.Close()
		return nil, answer, err
	}
	c := &Connection{WebSocket: conn, Wire: wire, Request: header, Answer: answer.Header}
	if assigned, err := netip.ParseAddr(answer.Header.Get("X-Tunnel-Address")); err == nil {
		c.Assigned = assigned
	}
	return c, answer, nil
}

// connect opens the TCP connection, address after address, and does the handshake
// of TLS on it.
func (a *attempt) connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	addrs, err := a.lookup(ctx, target.Hostname())
	if err != nil {
		return nil, err
	}
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	open := a.Open
	if open == nil {
		open = (&net.Dialer{KeepAlive: -1}).DialContext
	}
	begun := time.Now()
	var c net.Conn
	for _, addr := range addrs {
		each, cancel := context.WithTimeout(ctx, perAddress)
		c, err = open(each, "tcp", net.JoinHostPort(addr.String(), port))
		cancel()
		if err == nil {
			break
		}
	}
	a.times.Connect = time.Since(begun)
	if err != nil || target.Scheme == "http" {
		return c, err
	}
	return a.handshake(ctx, c, target.Hostname())
}

var errNoResolver = errors.New("the server is a host name, and the device has no DNS server")

func (a *attempt) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	if a.Resolver == nil {
		return nil, errNoResolver
	}
	begun := time.Now()
	addrs, err := a.Resolver.LookupNetIP(ctx, "ip", host)
	a.times.DNS = time.Since(begun)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	return addrs, err
}

var (
	errUntrusted = errors.New("the chain does not end in a trusted root, or is out of its dates")
	errName      = errors.New("the certificate is for another name")
)
