package lab

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// A Config says how to run a lab. The zero value works: on loopback, free ports,
// client certificates required, no passwords.
type Config struct {
	// TFTP, HTTP, HTTPS and DHCP are the addresses to listen on, such as
	// "192.0.2.1:69"; an empty one is "127.0.0.1:0", a free port on loopback.
	// [Lab.URL] is right where they are not those of all interfaces.
	TFTP, HTTP, HTTPS, DHCP string
	// Option66 goes into the leases; empty is the address of the TFTP server, or its
	// URL with URL66.
	Option66 string
	URL66    bool
	// Names are names and addresses of the server's certificate, beside
	// localhost, 127.0.0.1 and ::1.
	Names []string
	// Algorithm is that of all keys.
	Algorithm Algorithm
	// ClientOptional lets HTTPS clients in that show no certificate.
	ClientOptional bool
	// Realms are the paths of HTTP and HTTPS that need a password.
	Realms []Realm
	// Uploads are the beginnings of paths under which clients may write files, by a
	// TFTP write request, PUT or POST; none: files are only read.
	Uploads []string
	// Served is called after each request that has ended, from several
	// goroutines at once.
	Served func(Served)
}

// A Served is one request and its answer.
type Served struct {
	Server string         // "tftp", "http", "https" or "dhcp"
	Client netip.AddrPort // invalid where a TLS handshake went wrong, and of DHCP
	Method string         // "RRQ", "GET", "DISCOVER" and others
	Path   string         // of DHCP the answer, "OFFER" and others
	Agent  string         // the User-Agent header
	Name   string         // the common name of the client's certificate, of DHCP its hardware address
	Status int            // of HTTP
	Bytes  int64          // of the body that were sent; of an upload by TFTP, that came
	Err    error          // why it went wrong, where a status does not say it
}

// A Lab is four running servers and what they serve.
type Lab struct {
	Files  Files
	Faults Faults
	CA     *Authority // of the server's certificate and of the clients'

	config  Config
	uploads uploads
	addrs   map[string]netip.AddrPort // by scheme
	tls     atomic.Pointer[handshake]
	ends    []func()       // each ends one server
	work    sync.WaitGroup // all goroutines
	done    chan struct{}  // closed when the lab ends
	once    sync.Once      // for that
}

// Start makes an authority and starts the servers. An error says which address
// cannot be had.
func Start(config Config) (*Lab, error) {
	ca, err := NewAuthority("provsim lab CA", config.Algorithm)
	if err != nil {
		return nil, err
	}
	l := &Lab{CA: ca, config: config, addrs: make(map[string]netip.AddrPort), done: make(chan struct{})}
	if err := l.BreakTLS(Sound); err != nil {
		return nil, err
	}
	for _, start := range []func() error{l.startTFTP, l.startHTTP, l.startHTTPS, l.startDHCP} {
		if err := start(); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

// Close ends the servers and all that they have under way, and returns when
// nothing of it is left. Its error is always nil.
func (l *Lab) Close() error {
	l.once.Do(func() {
		close(l.done)
		for _, end := range l.ends {
			end()
		}
	})
	l.work.Wait()
	return nil
}

// Addr returns where the server of a scheme listens: "tftp", "http",
// "https" or "dhcp".
func (l *Lab) Addr(scheme string) netip.AddrPort { return l.addrs[scheme] }

// Option66 returns the option that the leases have.
func (l *Lab) Option66() string {
	switch {
	case l.config.Option66 != "":
		return l.config.Option66
	case l.config.URL66:
		return l.URL("tftp", "")
	}
	return l.addrs["tftp"].String()
}

// URL returns where a file is, such as "http://127.0.0.1:41234/IP542N.conf".
func (l *Lab) URL(scheme, name string) string {
	return fmt.Sprintf("%s://%s%s", scheme, l.addrs[scheme], rooted(name))
}

// served tells the owner of the lab about a request.
func (l *Lab) served(s Served) {
	if l.config.Served != nil {
		l.config.Served(s)
	}
}

// orLoopback returns the address to listen on.
func orLoopback(address string) string {
	if address == "" {
		return "127.0.0.1:0"
	}
	return address
}

// addrPort returns the address of a listener or a packet in the one form that
// netip compares.
func addrPort(addr net.Addr) netip.AddrPort {
	var at netip.AddrPort
	switch addr := addr.(type) {
	case *net.TCPAddr:
		at = addr.AddrPort()
	case *net.UDPAddr:
		at = addr.AddrPort()
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
