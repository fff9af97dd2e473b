package ippm

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Nets are the networks that phones may be in (DM-SEC-1).
type Nets []netip.Prefix

// ParseNets reads networks in CIDR notation or addresses, separated by commas.
func ParseNets(text string) (Nets, error) {
	var nets Nets
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		net, err := netip.ParsePrefix(part)
		if addr, single := netip.ParseAddr(part); single == nil {
			net, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("found %q, want networks such as 127.0.0.0/8,fd00::/8", part)
		}
		nets = append(nets, net.Masked())
	}
	return nets, nil
}

// Contain reports whether an address is in one of the networks. An IPv4 address
// in the form of IPv6 counts as what it is.
func (n Nets) Contain(addr netip.Addr) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Address returns the address of a phone whose keep-alive names it so, as an
// address or as a URL with one. Names, zones and other spellings of numbers are
// refused: what is called is what is read here.
func (n Nets) Address(text string) (netip.Addr, error) {
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil {
			return netip.Addr{}, errors.New("the phone's address is no address")
		}
		text = u.Hostname()
	}
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil || addr.Zone() != "":
		return netip.Addr{}, errors.New("the phone's address is no address")
	case addr.Unmap().IsUnspecified() || addr.Unmap().IsMulticast() || !n.Contain(addr):
		return netip.Addr{}, errors.New("the phone's address is not in --device-nets")
	}
	return addr.Unmap(), nil
}

// goodPath reports whether a request's path stays below /rest/v1/, however a server
// reads it.
func goodPath(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Path == text && strings.HasPrefix(text, Root) && path.Clean(text) == text && !strings.ContainsAny(text, "%\\?#")
}

// Dialer returns what opens connections from an address. An address of loopback
// is used for loopback alone.
func Dialer(from netip.Addr) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		if from.IsValid() && !from.IsUnspecified() {
			to, err := netip.ParseAddrPort(address)
			fits := err == nil && to.Addr().Unmap().Is4() == from.Is4()
			switch {
			case !fits || from.IsLoopback() != to.Addr().Unmap().IsLoopback():
			case network == "udp":
				d.LocalAddr = &net.UDPAddr{IP: from.AsSlice()}
			default:
				d.LocalAddr = &net.TCPAddr{IP: from.AsSlice()}
			}
		}
		return d.DialContext(ctx, network, address)
	}
}

// CallerOptions say how phones are called.
type CallerOptions struct {
	Nets    Nets
	Port    uint16 // 0: 80, or 443 by HTTPS
	HTTPS   bool
	From    netip.Addr // the zero address: the system chooses
	Timeout time.Duration
}

// Caller calls phones. It may be used from several goroutines.
type Caller struct {
	options CallerOptions
	client  *http.Client
}

// errTLS is about a connection that was opened and is not TLS, or not good TLS.
type errTLS struct{ error }

func (e errTLS) Unwrap() error { return e.error }

// NewCaller returns a caller. It uses each connection once, follows no redirect
// and no proxy of the environment, and checks no certificate.
func NewCaller(o CallerOptions) *Caller {
	if o.Port == 0 && o.HTTPS {
		o.Port = 443
	} else if o.Port == 0 {
		o.Port = 80
	}
	dial := Dialer(o.From)
	transport := &http.Transport{DisableKeepAlives: true, DialContext: dial, MaxResponseHeaderBytes: 64 << 10}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}) // DM-ACT-3: phones have certificates of their own
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, errTLS{err}
		}
		return secure, nil
	}
	return &Caller{o, &http.Client{
		Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do carries a request out at its phone, once, and returns the result
// (DM-WIRE-5) and, where nothing was sent, why.
func (c *Caller) Do(ctx context.Context, r Request) (result, why string) {
	addr, err := c.options.Nets.Address(r.IP)
	if err != nil {
		return Refused, err.Error()
	}
	if !goodPath(r.Path) || r.Method != "GET" && r.Method != "PUT" && r.Method != "POST" {
		return Refused, "the request is not for " + Root
	}
	to := url.URL{Scheme: "http", Host: netip.AddrPortFrom(addr, c.options.Port).String(), Path: r.Path}
	if c.options.HTTPS {
		to.Scheme = "https"
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Refused, "the request cannot be made"
	}
	req.GetBody = nil // never sent a second time
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return word(err), ""
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, MostBody)) // the status was all that is asked for
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return "HTTP " + strconv.Itoa(resp.StatusCode), ""
	}
	return OK, ""
}

// word returns the outcome of a call that had no answer.
func word(err error) string {
	var slow net.Error
	switch {
	case errors.As(err, &slow) && slow.Timeout():
		return Timeout
	case errors.As(err, new(errTLS)):
		return TLS
	}
	return Refused
}
