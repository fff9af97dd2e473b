package tunnel

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Parameters are the six of the page group OVOC Tunnel, by their INI names
// (WT-PAR-1).
type Parameters struct {
	Server     string // WSTunServer: an address or a host name, in a lab with a port; empty: no tunnel
	Path       string // WSTunServerPath
	User       string // WSTunUsername
	Password   string // WSTunPassword
	Secured    bool   // WSTunSecured: TLS
	VerifyPeer bool   // WSTunVerifyPeer: the certificate must be of a trusted root
}

// DefaultParameters are the device's own. A server has the same path, user and
// password (WT-PAR-1, WT-PAR-2).
func DefaultParameters() Parameters {
	return Parameters{Path: "tun", User: "VPN", Password: "123456"}
}

// Names are the INI names of the parameters.
var Names = []string{"WSTunServer", "WSTunServerPath", "WSTunUsername", "WSTunPassword", "WSTunSecured", "WSTunVerifyPeer"}

// ErrParameter says that a name is not one of the six.
var ErrParameter = errors.New("want one of " + strings.Join(Names, ", "))

// longestValue is how many bytes a text may have.
const longestValue = 512

// Set sets a parameter by its INI name, in any case. An error has no value in it:
// one of the values is a password.
func (p *Parameters) Set(name, value string) error {
	if len(value) > longestValue {
		return fmt.Errorf("found %d bytes, want at most %d", len(value), longestValue)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("found a control character, want text")
	}
	number := func(to *bool) error {
		if value != "0" && value != "1" {
			return errors.New("want 0 or 1")
		}
		*to = value == "1"
		return nil
	}
	switch strings.ToLower(name) {
	case "wstunserver":
		if _, _, err := splitServer(value); value != "" && err != nil {
			return err
		}
		p.Server = value
	case "wstunserverpath":
		p.Path = value
	case "wstunusername":
		if strings.Contains(value, ":") {
			return errors.New("found a colon, which HTTP does not allow in a user name")
		}
		p.User = value
	case "wstunpassword":
		p.Password = value
	case "wstunsecured":
		return number(&p.Secured)
	case "wstunverifypeer":
		return number(&p.VerifyPeer)
	default:
		return ErrParameter
	}
	return nil
}

// ReadINI sets the parameters that a device's ini file has: lines NAME = 'text' or
// NAME = 1 (WT-PAR-1). All other lines of the file belong to other parameters and
// are passed over. The error names file and line.
func (p *Parameters) ReadINI(file string, text []byte) error {
	for i, line := range strings.Split(string(text), "\n") {
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if !ok || strings.HasPrefix(name, ";") {
			continue
		}
		value = strings.TrimSpace(value)
		if len(value) > 1 && value[0] == '\'' && value[len(value)-1] == '\'' {
			value = value[1 : len(value)-1]
		}
		if err := p.Set(name, value); err != nil && !errors.Is(err, ErrParameter) {
			return fmt.Errorf("%s:%d: %s: %w", file, i+1, name, err)
		}
	}
	return nil
}

// splitServer cuts a server into host and port; without a port it is empty.
func splitServer(server string) (host, port string, err error) {
	bad := errors.New("found no server that it could be, want an address or a host name, with :PORT where it has one")
	if addr, err := netip.ParseAddr(strings.Trim(server, "[]")); err == nil {
		return addr.String(), "", nil
	}
	if at, err := netip.ParseAddrPort(server); err == nil && at.Port() != 0 {
		return at.Addr().String(), strconv.Itoa(int(at.Port())), nil
	}
	host, port, named := strings.Cut(server, ":")
	if n, err := strconv.ParseUint(port, 10, 16); named && (err != nil || n == 0) {
		return "", "", bad
	}
	if host == "" || strings.ContainsAny(host, "/@ ?#%\\:[]") {
		return "", "", bad
	}
	return host, port, nil
}

// URL is where the device connects to. It has no user and password (WT-PAR-3).
func (p *Parameters) URL() (*url.URL, error) {
	if p.Server == "" {
		return nil, errors.New("OVOC WebSocket Tunnel Server Address (WSTunServer) is empty, so the tunnel is off: set the server's address")
	}
	host, port, err := splitServer(p.Server)
	if err != nil {
		return nil, fmt.Errorf("WSTunServer: %w", err)
	}
	u := &url.URL{Scheme: "http", Host: host, Path: p.path()}
	if p.Secured {
		u.Scheme = "https"
	}
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if port != "" {
		u.Host += ":" + port
	}
	return u, nil
}

// path puts a / before the path; "tun" and "/tun" are equal (WT-PAR-3).
func (p *Parameters) path() string { return "/" + strings.TrimPrefix(p.Path, "/") }

// ParseURL returns the parameters that a URL stands for: ws, wss, http or https,
// with user and password or those of the device. The device verifies nothing until
// VerifyPeer is set.
func ParseURL(text string) (Parameters, error) {
	p := DefaultParameters()
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return p, errors.New("want a URL such as wss://ovoc.example.com/tun")
	}
	switch u.Scheme {
	case "ws", "http":
	case "wss", "https":
		p.Secured = true
	default:
		return p, fmt.Errorf("found the scheme %.20q, want ws, wss, http or https", u.Scheme)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if err := errors.Join(p.Set("WSTunUsername", u.User.Username()), p.Set("WSTunPassword", password)); err != nil {
			return p, err
		}
	}
	if u.Path != "" && u.Path != "/" {
		p.Path = u.Path
	}
	return p, p.Set("WSTunServer", u.Host)
}
