package dhcp

import (
	"testing"

	"provsim/internal/dhcp/server"
)

// What one lease of one client costs over loopback, the server included.
func BenchmarkLease(b *testing.B) {
	s := startServer(b, server.Config{Pools: []server.Pool{pool(1, server.Options{Option66: "tftp.example.net"})}})
	relay := openRelay(b, s, nil)
	agent, err := NewAgent(relay, 1, clientsOf(1))
	if err != nil {
		b.Fatal(err)
	}
	replies := make(chan *Reply, 8)
	receive(b, relay, func(r *Reply) { replies <- r })
	b.ReportAllocs()
	for b.Loop() {
		agent.Step(0, Input{Kind: Start}, nil)
		agent.Step(0, Input{Kind: Receive, Reply: <-replies}, nil)
		if acts := agent.Step(0, Input{Kind: Receive, Reply: <-replies}, nil); len(acts) != 1 || acts[0].Do != Use {
			b.Fatalf("the exchange ends with %+v", acts)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	packet := packetText{options: soundly + "4207687474703a2f2f" + "0104ffff0000" + "03040a0000fe" + end}.bytes(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(packet); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		talkative.packet(Message{Type: Discover, XID: 1}).ToBytes()
	}
}
