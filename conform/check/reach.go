package check

import (
	"context"
	"errors"
	"fmt"

	"provsim/internal/fetch/tftp"
)

// schemes returns the schemes of the servers that a check asks.
func (p *Probe) schemes(c Check) (all []string) {
	for _, n := range c.Needs {
		switch n {
		case AFile:
			all = append(all, p.First().Scheme)
		case TFTPServer:
			all = append(all, "tftp")
		case HTTPServer:
			all = append(all, "http")
		case HTTPSServer:
			all = append(all, "https")
		case WebServer:
			all = append(all, p.Web().Scheme)
		}
	}
	return all
}

// Unreached returns the URL of a server that a check has to ask and that cannot be
// reached, or "". Each server is tried once for all checks.
func (p *Probe) Unreached(ctx context.Context, c Check) string {
	for _, scheme := range p.schemes(c) {
		p.mu.Lock()
		once := p.tried[scheme]
		if once == nil {
			once = &reachability{}
			p.tried[scheme] = once
		}
		p.mu.Unlock()
		once.Do(func() { once.err = p.reach(ctx, scheme) })
		if once.err != nil {
			return p.Server(scheme).String()
		}
	}
	return ""
}

// reach tries whether a server is there. Only one that certainly is not gives an
// error: the end of the context says nothing about it.
func (p *Probe) reach(ctx context.Context, scheme string) error {
	if scheme == "tftp" {
		return p.reachTFTP(ctx)
	}
	conn, err := p.connect(ctx, p.Server(scheme))
	if err == nil {
		conn.Close()
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// reachTFTP asks for the phone's file and for one that is missing, because some
// servers answer one of the two questions only.
func (p *Probe) reachTFTP(ctx context.Context) error {
	conn, err := p.OpenTFTP(ctx)
	if err != nil {
		return nil // of this machine, or of DNS, which the checks find too
	}
	defer conn.Close()
	names := []string{"provsim-no-such-file.conf"}
	if req := p.First(); req.Scheme == "tftp" {
		names = append(names, req.Path[1:])
	}
	for range 2 {
		for _, name := range names {
			if err := conn.SendTo(conn.Server(), tftp.Packet{Op: tftp.OpRead, File: name}.Append(nil)); err != nil {
				return nil
			}
		}
		d, err := conn.Receive(p.Patience)
		if !errors.Is(err, ErrSilence) {
			if err == nil && d.Packet.Op != tftp.OpError {
				conn.SendTo(d.From, tftp.Packet{Op: tftp.OpError, Message: "enough"}.Append(nil))
			}
			return nil
		}
	}
	return fmt.Errorf("%s: %w", p.Server("tftp"), ErrSilence)
}
