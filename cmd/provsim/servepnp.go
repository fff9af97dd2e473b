package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/sip"
)

var pnpCommand = command{
	name:  "serve pnp",
	short: "the server that tells phones by SIP PnP where their configuration is",
	long: `
A phone sends SUBSCRIBE with the event ua-profile, to 224.0.1.75:5060 or to this
server. It gets 200 and a NOTIFY whose body is its URL, in which {mac} stands for
the phone's address. A phone without a URL gets 404.

  provsim serve pnp --url 'http://127.0.0.1:8080/{mac}/' --listen 127.0.0.1:5060
  provsim phone --vendor yealink --pnp 127.0.0.1:5060 --once`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &pnpRun{}
		fs.StringVar(&c.url, "url", "", "`URL` for all phones that --urls does not name")
		fs.StringVar(&c.urls, "urls", "", "CSV `FILE` with the header line mac,url or vendor,url")
		fs.StringVar(&c.listen, "listen", "127.0.0.1:5060", "`ADDRESS:PORT` to listen on; the group 224.0.1.75:5060 takes an --interface")
		fs.StringVar(&c.device, "interface", "", "network `INTERFACE` of a group")
		c.add(fs, nil, nil)
		return c.run
	},
}

type pnpRun struct {
	serveFlags
	url, urls, listen, device string
}

func (c *pnpRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	if c.url == "" && c.urls == "" {
		return usage(errors.New("want --url URL or --urls FILE"), "")
	}
	known, err := c.list(e)
	if err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	log := c.log(e)
	end, err := c.page(e, "PnP server", func() []role.Table { return []role.Table{log.Table()} })
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintf(e.err, "provsim: the PnP server listens at udp://%s\n", conn.LocalAddr())
	err = sip.ServePnP(ctx, conn, func(a sip.Asked) (string, bool) { return c.urlOf(known, a) }, func(a sip.Asked) {
		r := role.Record{Wall: time.Now(), Event: "subscribe", Outcome: "sent", Device: macOf(a.User), Note: strings.TrimSpace(a.Vendor + " " + a.Model)}
		switch {
		case a.Taken:
			r.Event, r.Outcome = "notify", "taken"
		case a.URL == "":
			r.Outcome = "unknown"
		}
		log.Add(r)
	})
	if err != nil {
		return cannot(err, "")
	}
	return e.ctx.Err()
}

// open opens the socket: of an address, or of a multicast group.
func (c *pnpRun) open() (net.PacketConn, error) {
	addr, err := net.ResolveUDPAddr("udp4", c.listen)
	if err != nil {
		return nil, usage(fmt.Errorf("--listen %s: want ADDRESS:PORT", c.listen), "")
	}
	if !addr.IP.IsMulticast() {
		conn, err := net.ListenUDP("udp4", addr)
		if err != nil {
			return nil, cannot(err, "another program may use that port")
		}
		return conn, nil
	}
	var device *net.Interface
	if c.device != "" {
		if device, err = net.InterfaceByName(c.device); err != nil {
			return nil, cannot(fmt.Errorf("--interface %s: %w", c.device, err), "")
		}
	}
	conn, err := net.ListenMulticastUDP("udp4", device, addr)
	if err != nil {
		return nil, cannot(err, "")
	}
	return conn, nil
}

// list reads the file of URLs by address and by vendor.
func (c *pnpRun) list(e *env) (map[string]string, error) {
	known := map[string]string{}
	if c.urls != "" {
		body, err := readFile(e, c.urls, maxSmallFile)
		if err != nil {
			return nil, err
		}
		rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
		if err != nil || len(rows) == 0 || len(rows[0]) != 2 || rows[0][1] != "url" || rows[0][0] != "mac" && rows[0][0] != "vendor" {
			return nil, cannot(fmt.Errorf("%s: line 1: want the header mac,url or vendor,url, and two columns", c.urls), "")
		}
		for i, row := range rows[1:] {
			key := strings.ToLower(row[0])
			if rows[0][0] == "mac" {
				mac, err := device.ParseMAC(row[0])
				if err != nil {
					return nil, cannot(fmt.Errorf("%s: line %d: %w", c.urls, i+2, err), "")
				}
				key = mac.String()
			}
			known[key] = row[1]
		}
	}
	for _, text := range append([]string{c.url}, values(known)...) {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "") {
			return nil, usage(fmt.Errorf("found the URL %q, want one such as http://192.0.2.1/{mac}/", text), "")
		}
	}
	return known, nil
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// urlOf returns the URL of a phone.
func (c *pnpRun) urlOf(known map[string]string, a sip.Asked) (string, bool) {
	mac := macOf(a.User).String()
	text, ok := known[mac]
	if !ok {
		if text, ok = known[strings.ToLower(a.Vendor)]; !ok {
			text = c.url
		}
	}
	return strings.ReplaceAll(text, "{mac}", mac), text != ""
}

// macOf returns the address in the user part of a URI, MAC%3a00156574b150.
func macOf(user string) device.MAC {
	mac, _ := device.ParseMAC(user[max(len(user)-12, 0):])
	return mac
}
