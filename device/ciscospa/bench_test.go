package ciscospa

import (
	"testing"
	"time"

	"provsim/device"
)

// BenchmarkResync is a resync of four transfers that changes nothing, as in a plan of
// a large fleet: devices share their files and what they have worked out.
func BenchmarkResync(b *testing.B) {
	p := newPhone(b, "Profile_Rule_B=http://10.0.0.5/$MA.xml", "Profile_Rule_C=http://10.0.0.5/c.xml", "Profile_Rule_D=http://10.0.0.5/$PN.xml")
	p.Model().Memo = device.NewMemo()
	p.Init(p.Model(), p.Product(), p.MAC(), p.saved)
	reply := device.Reply{Body: []byte(flat("GPP_A=", "Strange=1"))}
	var fx []device.Effect
	step := func(in device.Input) {
		fx = p.Step(&in, fx[:0])
	}
	step(device.Input{Kind: device.PowerOn})
	step(device.Input{Kind: device.GotLease, Lease: p.lease})
	now := time.Duration(0)
	run := func() {
		for transfers := 0; ; {
			var fetch *device.Effect
			for i := range fx {
				if fx[i].Do == device.Fetch {
					fetch = &fx[i]
				}
			}
			if fetch == nil {
				if transfers > 0 {
					return
				}
				now = p.Deadline()
				step(device.Input{Kind: device.Tick, Now: now})
				continue
			}
			transfers++
			step(device.Input{Kind: device.GotReply, Now: now, Transfer: fetch.Transfer, Reply: &reply})
		}
	}
	run()
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4, "ns/transfer")
}
