package check

import (
	"maps"
	"slices"
	"strings"
)

// A Server is a program that advice is for.
type Server string

// The servers that advice knows.
const (
	AnyServer Server = "any server"
	Nginx     Server = "nginx"
	Apache    Server = "Apache"
	Lighttpd  Server = "lighttpd"
	TFTPDHPA  Server = "tftpd-hpa"
	ATFTPD    Server = "atftpd"
	Dnsmasq   Server = "dnsmasq"
	Kea       Server = "Kea"
	ISCDHCP   Server = "ISC dhcpd"
	RouterOS  Server = "RouterOS"
)

// Advice is what an administrator can do with one server.
type Advice struct {
	Text string // what to do, in words
	// Config are lines for the server's configuration, which parse as they stand;
	// of RouterOS they are commands.
	Config string
	// In is the block of the configuration in which the lines stand, such as
	// "server" of nginx; empty: at the top.
	In string
}

// Advices are those of a check, by server.
type Advices map[Server]Advice

// Servers returns the servers that there is advice for, in the order of their
// names. Where some of them are known to be in use, it is those and AnyServer.
func (a Advices) Servers(inUse []Server) []Server {
	all := slices.Sorted(maps.Keys(a))
	used := func(s Server) bool { return slices.Contains(inUse, s) }
	if !slices.ContainsFunc(all, used) {
		return all
	}
	return slices.DeleteFunc(all, func(s Server) bool { return s != AnyServer && !used(s) })
}

// String returns the advice in one line.
func (a Advice) String() string {
	config := strings.Join(strings.Fields(a.Config), " ")
	switch {
	case config == "":
		return a.Text
	case a.Text == "" && a.In == "":
		return config
	case a.Text == "":
		return "in " + a.In + ": " + config
	case a.In == "":
		return config + " (" + a.Text + ")"
	}
	return "in " + a.In + ": " + config + " (" + a.Text + ")"
}

// serverNames are those by which web servers call themselves in the field Server.
var serverNames = map[string]Server{"nginx": Nginx, "apache": Apache, "lighttpd": Lighttpd}

// recognise notes the server that an answer's field Server names, if advice
// knows it.
func (p *Probe) recognise(field string) {
	name := strings.ToLower(field)
	if end := strings.IndexAny(name, "/ "); end >= 0 {
		name = name[:end]
	}
	server, known := serverNames[name]
	if !known {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.inUse, server) {
		p.inUse = append(p.inUse, server)
		slices.Sort(p.inUse)
	}
}

// Servers returns the servers that have named themselves so far, in the order of
// their names.
func (p *Probe) Servers() []Server {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.inUse)
}
