package server

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// kill ends a part of the tunnels, from 0 to 1, with close 1001 or by a TCP reset.
func (s *Server) kill(part float64, reset bool) int {
	list := s.all()
	list = list[:int(part*float64(len(list))+0.5)]
	for _, t := range list {
		t.end(reset)
	}
	return len(list)
}

func (t *session) end(reset bool) {
	if reset {
		t.link.Reset()
		return
	}
	t.server.work.Go(func() { t.link.Close(link.Restart, "restart") })
}

// find returns the tunnel of a device by its serial number or its address.
func (s *Server) find(name string) (*session, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		if i, ok := tunnel.Number(a); ok {
			if t := s.routes[i].Load(); t != nil {
				return t, nil
			}
		}
	}
	var latest *session
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.tunnels {
		if name != "" && t.device == name && (latest == nil || t.draw > latest.draw) {
			latest = t
		}
	}
	if latest != nil {
		return latest, nil
	}
	return nil, errors.New("no tunnel of a device with this serial number or address")
}

// Command carries out a line that a person typed: list, kill DEVICE|N%|all [reset],
// get DEVICE, poll DEVICE (WT-SRV-1). It returns what to show.
func (s *Server) Command(ctx context.Context, line string) (string, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", nil
	}
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	switch {
	case words[0] == "list" && len(words) == 1:
		return s.list(), nil
	case words[0] == "kill" && (len(words) == 2 || len(words) == 3 && words[2] == "reset"):
		return s.killBy(arg, len(words) == 3)
	case (words[0] == "get" || words[0] == "poll") && len(words) == 2:
		t, err := s.find(arg)
		if err != nil {
			return "", err
		}
		i := t.number.Load()
		if i < 0 {
			return "", errors.New("the device's address is not known yet")
		}
		if words[0] == "get" {
			return s.behind.get(ctx, tunnel.Address(int(i)))
		}
		return s.behind.poll(ctx, tunnel.Address(int(i)))
	}
	return "", errors.New("want list, kill DEVICE|N%|all [reset], get DEVICE or poll DEVICE")
}

func (s *Server) killBy(arg string, reset bool) (string, error) {
	part := 1.0
	if number, ok := strings.CutSuffix(arg, "%"); ok {
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || !(n > 0 && n <= 100) {
			return "", errors.New("want a share above 0% and up to 100%")
		}
		part = n / 100
	} else if arg != "all" {
		t, err := s.find(arg)
		if err != nil {
			return "", err
		}
		t.end(reset)
		return "1 tunnel is ended\n", nil
	}
	return fmt.Sprintf("%d tunnels are ended\n", s.kill(part, reset)), nil
}

func (s *Server) list() string {
	var b strings.Builder
	table := s.tunnelTable(1000)
	fmt.Fprintln(&b, strings.Join(table.Columns, "\t"))
	for _, row := range table.Rows {
		fmt.Fprintln(&b, strings.Join(row, "\t"))
	}
	fmt.Fprintln(&b, table.Note)
	return b.String()
}
