package sip_test

import (
	"context"
	"fmt"
	"net"
	"strings"

	"provsim/internal/sip"
)

func ExampleServe() {
	phone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	asked := make(chan sip.Request, 1)
	ended := make(chan error)
	go func() { ended <- sip.Serve(ctx, phone, sip.Handlers{Act: func(r sip.Request) { asked <- r }}) }()

	exchange, err := net.Dial("udp", phone.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer exchange.Close()
	fmt.Fprintf(exchange, strings.ReplaceAll(`NOTIFY sip:100@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP %s;branch=z9hG4bK7d1
From: <sip:pbx@127.0.0.1>;tag=5c
To: <sip:100@127.0.0.1>
Call-ID: 81f2@127.0.0.1
CSeq: 1 NOTIFY
Event: check-sync;reboot=true

`, "\n", "\r\n"), exchange.LocalAddr())
	answer := make([]byte, 1500)
	n, err := exchange.Read(answer)
	if err != nil {
		fmt.Println(err)
		return
	}
	status, _, _ := strings.Cut(string(answer[:n]), "\r\n")
	fmt.Println(status)
	fmt.Println("reboot:", <-asked == sip.Reboot)

	cancel()
	<-ended
	// Output:
	// SIP/2.0 200 OK
	// reboot: true
}
