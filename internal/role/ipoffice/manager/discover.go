package manager

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"provsim/internal/fetch/tftp"
)

const (
	bufferSize = 1 << 20 // of the socket: a default one loses half of 500 answers (MGR-10)
	atOnce     = 64      // connections (MGR-1)
	echoes     = 3
	echoWait   = time.Second
)

// Discover lists units (MGR-1, MGR-3, MGR-6). An address of the search list where no
// unit was found is a row too, and so is a Target that is one unit.
func Discover(ctx context.Context, o Options) ([]Unit, error) {
	o.Networks()
	found := &list{byMAC: map[string]int{}}
	var work sync.WaitGroup
	var failed error
	switch {
	case o.Target.IsValid() && !o.isBroadcast(o.Target):
		work.Go(func() { found.add(o.one(ctx, o.Target)) })
	case o.UDP:
		work.Go(func() { failed = o.broadcast(ctx, found) })
	}
	if o.TCP {
		slots := make(chan struct{}, atOnce)
		for _, addr := range o.Search {
			work.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				if o.PingAll && !o.echo(ctx, addr) {
					found.add(Unit{Addr: addr, Outcome: NoEcho})
					return
				}
				found.add(o.tcp(ctx, addr))
			})
		}
	}
	work.Wait()
	return found.sorted(), failed
}

// list gathers units. One that is found twice is one row.
type list struct {
	mu    sync.Mutex
	units []Unit
	byMAC map[string]int
}

func (l *list) add(u Unit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.byMAC[u.MAC]; ok && u.MAC != "" {
		for _, way := range u.FoundBy {
			if known := &l.units[i].FoundBy; !slices.Contains(*known, way) {
				*known = append(*known, way)
			}
		}
		return
	}
	if u.MAC != "" {
		l.byMAC[u.MAC] = len(l.units)
	}
	l.units = append(l.units, u)
}

func (l *list) sorted() []Unit {
	for _, u := range l.units {
		slices.Sort(u.FoundBy)
	}
	slices.SortFunc(l.units, func(a, b Unit) int { return a.Addr.Compare(b.Addr) })
	return l.units
}

// Find asks the unit at one address who it is, as for a Target that is one unit.
func Find(ctx context.Context, o Options, addr netip.Addr) Unit {
	o.Networks()
	return o.one(ctx, addr)
}

// one asks one unit (MGR-3): an echo first, where it is on another network, then TCP,
// then, where that is refused, UDP once.
func (o *Options) one(ctx context.Context, addr netip.Addr) Unit {
	if !o.near(addr) && !o.echo(ctx, addr) {
		return Unit{Addr: addr, Outcome: NoEcho}
	}
	u := o.tcp(ctx, addr)
	if u.Outcome != "refused" {
		return u
	}
	conn, err := o.listen()
	if err != nil {
		return Unit{Addr: addr, Outcome: failure(err).Word}
	}
	defer conn.Close()
	answers := &list{byMAC: map[string]int{}}
	if err := o.ask(ctx, conn, addr, func(u Unit) bool { answers.add(u); return true }); err != nil || len(answers.units) == 0 {
		return u
	}
	return answers.units[0]
}

// tcp asks an address by TCP (IPO-LNK-2).
func (o *Options) tcp(ctx context.Context, addr netip.Addr) Unit {
	row := Unit{Addr: addr}
	l, err := Connect(ctx, *o, addr, DiscoveryPort)
	if err != nil {
		row.Outcome = failure(err).Word
		return row
	}
	defer l.Close()
	defer context.AfterFunc(ctx, l.Close)()
	row.Outcome = Unknown
	body, err := l.Read(WhoIs)
	if err != nil {
		return row
	}
	u, ok := ParseWhoIs(body)
	if !ok {
		return row
	}
	u.FoundBy = []string{"tcp"}
	return u
}

// listen opens the Manager's UDP socket.
func (o *Options) listen() (*net.UDPConn, error) {
	var from *net.UDPAddr
	if o.From.IsValid() {
		from = net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.From.Addr(), 0))
	}
	conn, err := net.ListenUDP("udp4", from)
	if err == nil {
		conn.SetReadBuffer(bufferSize) // a smaller one loses answers, which come again
	}
	return conn, err
}

// broadcast lists all that answer a broadcast.
func (o *Options) broadcast(ctx context.Context, found *list) error {
	conn, err := o.listen()
	if err != nil {
		return err
	}
	defer conn.Close()
	return o.ask(ctx, conn, o.Target, func(u Unit) bool { found.add(u); return false })
}

// ask sends one request and acknowledges each answer, until the timeout or until done
// reports true.
func (o *Options) ask(ctx context.Context, conn *net.UDPConn, to netip.Addr, done func(Unit) bool) error {
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := conn.SetReadDeadline(time.Now().Add(o.Timeout)); err != nil {
		return err
	}
	request := tftp.Packet{Op: tftp.OpRead, File: WhoIs}.Append(nil)
	if _, err := conn.WriteToUDPAddrPort(request, netip.AddrPortFrom(to, uint16(TFTPPort+o.Shift))); err != nil {
		return err
	}
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		var wait net.Error
		switch {
		case errors.As(err, &wait) && wait.Timeout(), errors.Is(err, net.ErrClosed):
			return ctx.Err()
		case err != nil:
			continue // such as a port that is closed
		}
		answer, err := tftp.Parse(buf[:n])
		if err != nil || answer.Op != tftp.OpData || answer.Block != 1 {
			continue
		}
		conn.WriteToUDPAddrPort(tftp.Packet{Op: tftp.OpAck, Block: 1}.Append(nil), from)
		if u, ok := ParseWhoIs(answer.Data); ok {
			if u.FoundBy = []string{"udp"}; done(u) {
				return nil
			}
		}
	}
}

// Words returns how a unit was found, or why it was not.
func (u Unit) Words() string {
	if u.Outcome != "" {
		return u.Outcome
	}
	return strings.Join(u.FoundBy, ", ")
}
