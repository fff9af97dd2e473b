package tftp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	pin "github.com/pin/tftp/v3"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/profile"
)

// A phone reads its configuration from a server.
func ExampleClient_Fetch() {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := pin.NewServer(func(name string, to io.ReaderFrom) error {
		_, err := to.ReadFrom(strings.NewReader("DBID_DBASE_VERSION=2208\n"))
		return err
	}, nil)
	go server.Serve(conn)
	defer server.Shutdown()

	reply := tftp.Client{}.Fetch(context.Background(), device.Request{
		Target: profile.Target{Scheme: "tftp", Host: "127.0.0.1", Port: conn.LocalAddr().(*net.UDPAddr).AddrPort().Port(), Path: "/IP542N.conf"},
		Limit:  1 << 20, Timeout: time.Minute,
	})
	fmt.Printf("%q %s", reply.Outcome, reply.Body)
	// Output: "" DBID_DBASE_VERSION=2208
}

// The machine alone: a request is repeated after a second, then an empty file comes.
func ExampleTransfer() {
	server := netip.MustParseAddrPort("192.0.2.1:69")
	transfer, err := tftp.NewTransfer(server, device.Request{Target: profile.Target{Path: "/IP542N.conf"}, Limit: 1 << 20}, tftp.Schedule{})
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(datagram []byte) {
		packet, err := tftp.Parse(datagram)
		fmt.Println(packet, err)
	}
	show(transfer.Start(0))
	show(transfer.Tick(transfer.Deadline()))

	from := netip.MustParseAddrPort("192.0.2.1:4000")
	show(transfer.Receive(2*time.Second, from, tftp.Packet{Op: tftp.OpData, Block: 1}.Append(nil)))
	reply, done := transfer.Done()
	fmt.Println(done, reply.Note)
	// Output:
	// RRQ IP542N.conf octet <nil>
	// RRQ IP542N.conf octet <nil>
	// ACK 1 <nil>
	// true packets repeated: 1
}
