package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/testing/peer"
)

// stand is a gateway with sockets, and a relay agent's socket in front of it.
type stand struct {
	*Server
	conn net.Conn
	log  *strings.Builder // read it after close
	once sync.Once
}

// newStand starts a gateway whose events go to a handler.
func newStand(t *testing.T, fault Fault, activator http.HandlerFunc) *stand {
	t.Helper()
	events := httptest.NewServer(activator)
	t.Cleanup(events.Close)
	o := Options{Fault: fault}
	o.Settings, o.Random = Defaults(), Crypto
	if err := o.Read(strings.NewReader(document + "Http Client Events Path = " + events.URL + "/e\n")); err != nil { // SMG-C-7: a URL
		t.Fatal(err)
	}
	var err error
	if o.Conn, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s := &stand{log: &strings.Builder{}}
	o.Log = role.NewLog(s.log, false, time.Now())
	s.Server = Start(o)
	if s.conn, err = net.Dial("udp4", o.Conn.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func (s *stand) close() { s.once.Do(func() { s.conn.Close(); s.Server.Close() }) }

// ask sends a message as a relay agent does, and returns the answer.
func (s *stand) ask(t *testing.T, mac device.MAC, kind dhcpv4.MessageType, options ...dhcpv4.Option) *dhcpv4.DHCPv4 {
	t.Helper()
	p, err := dhcpv4.New(dhcpv4.WithMessageType(kind), dhcpv4.WithHwAddr(mac[:]), dhcpv4.WithGatewayIP(net.IPv4(127, 0, 0, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range options {
		p.Options.Update(o)
	}
	if _, err := s.conn.Write(p.ToBytes()); err != nil {
		t.Fatal(err)
	}
	s.conn.SetReadDeadline(time.Now().Add(time.Minute))
	var room [1500]byte
	n, err := s.conn.Read(room[:])
	if err != nil {
		t.Fatal(err)
	}
	answer, err := dhcpv4.FromBytes(room[:n])
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// lease has a phone get an address, and returns its option 66.
func (s *stand) lease(t *testing.T, n byte) string {
	t.Helper()
	mac := device.MAC{0, 4, 0xf2, 0, 0, n}
	offer := s.ask(t, mac, dhcpv4.MessageTypeDiscover)
	ack := s.ask(t, mac, dhcpv4.MessageTypeRequest, dhcpv4.OptRequestedIPAddress(offer.YourIPAddr), to("192.168.100.1"))
	if ack.MessageType() != dhcpv4.MessageTypeAck {
		t.Fatalf("the answer to the REQUEST is %v", ack.MessageType())
	}
	return dhcpv4.GetString(dhcpv4.OptionTFTPServerName, ack.Options)
}

// The faults of events as switches (SMG-EVT-5): lost, doubled and late, for all and for a
// share of them.
func TestFaultsOfEvents(t *testing.T) {
	const phones = 4
	for _, c := range []struct {
		fault Fault
		want  string // the numbers of events that arrive, in order
	}{
		{Fault{}, "1 2 3 4"},
		{Fault{Drop: true, Share: 1}, ""},
		{Fault{Drop: true, Share: 0.5}, "1 3"},
		{Fault{Duplicate: true, Share: 1}, "1 1 2 2 3 3 4 4"},
		{Fault{Delay: 20 * time.Millisecond, Share: 1}, "1 2 3 4"},
	} {
		var mu sync.Mutex
		var got []string
		s := newStand(t, c.fault, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			mu.Lock()
			got = append(got, form.Get("seq"))
			mu.Unlock()
		})
		began := time.Now()
		for n := range byte(phones) {
			s.lease(t, n)
		}
		peer.Await(t, "the last event", func(context.Context) error {
			if n := s.queued(); n > 0 {
				return fmt.Errorf("%d wait", n)
			}
			return nil
		})
		took := time.Since(began)
		s.close()
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: the events %v arrived, want %s", c.fault, got, c.want)
		}
		if took < phones*c.fault.Delay {
			t.Errorf("%+v: %d events took %v", c.fault, phones, took)
		}
		if n := strings.Count(s.log.String(), "event.sent"); n != phones { // the gateway takes a lost one for sent
			t.Errorf("%+v: %d events are sent by the log, want %d:\n%s", c.fault, n, phones, s.log)
		}
	}
}

func (s *stand) queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Queued()
}

// An Activator that does not answer delays no lease, and each lease has a number of its
// own (SMG-ORD-1, SMG-MAC-3). Datagrams that are no requests change nothing.
func TestNoEventDelaysALease(t *testing.T) {
	release := make(chan struct{})
	s := newStand(t, Fault{}, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	numbers := map[string]bool{}
	for n := range byte(90) { // more than wait in the queue
		if _, err := s.conn.Write([]byte(strings.Repeat("\xff", int(n)*16))); err != nil {
			t.Fatal(err)
		}
		numbers[s.lease(t, n)] = true
	}
	if len(numbers) != 90 || s.queued() != queueLength {
		t.Errorf("%d numbers for 90 phones, %d events wait; want 90 and %d", len(numbers), s.queued(), queueLength)
	}
	if page := fmt.Sprint(s.Tables()); !strings.Contains(page, "00:04:f2:00:00:59") || strings.Contains(page, "/"+s.lease(t, 89)) {
		t.Errorf("the page has no lease of the last phone, or shows a whole number: %s", page)
	}
}
