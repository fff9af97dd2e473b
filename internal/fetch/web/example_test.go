package web_test

import (
	"context"
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/lab"
	"provsim/profile"
)

// A phone fetches its configuration over HTTPS, first without the certificate
// that the server wants.
func ExampleClient_Fetch() {
	mac := device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	server, err := lab.Start(lab.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	server.Files.Put("IP542N.conf", []byte("DBID_DBASE_VERSION=1\n"))
	cert, key, err := server.CA.Issue(lab.Client(mac, "IP542N"))
	if err != nil {
		fmt.Println(err)
		return
	}

	req := device.Request{
		Target: profile.Target{Scheme: "https", Host: "127.0.0.1", Port: server.Addr("https").Port(), Path: "/IP542N.conf"},
		Agent:  "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19", Limit: 1 << 20, Timeout: 10 * time.Second,
		TLS: device.TLSOptions{Certificates: &device.Certificates{CA: server.CA.PEM()}},
	}
	var client web.Client
	fmt.Println(client.Fetch(context.Background(), req).Outcome)

	req.TLS.Certificates.Cert, req.TLS.Certificates.Key = cert, key
	fmt.Printf("%s", client.Fetch(context.Background(), req).Body)
	// Output:
	// tls-client-cert
	// DBID_DBASE_VERSION=1
}
