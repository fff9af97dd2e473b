package journal_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

func Example() {
	sink := journal.Tee(journal.NewText(os.Stdout), journal.NewJSON(os.Stdout))
	err := sink.Add(&journal.Record{
		T:      12500 * time.Millisecond,
		Device: device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19},
		Seq:    3,
		Event: device.Event{
			Kind: device.ResyncStart, Cause: resync.AtBoot, Due: 12 * time.Second, URL: "tftp://127.0.0.1/IP542N.conf",
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	//     12.500  0021f2011b19  resync.start   boot, tftp://127.0.0.1/IP542N.conf, due since 12.000
	// {"t":12.5,"device":"0021f2011b19","seq":3,"event":"resync.start","due":12,"url":"tftp://127.0.0.1/IP542N.conf","cause":"boot"}
}

func ExampleRead() {
	saved := strings.NewReader(`{"t":12.5,"device":"0021f2011b19","seq":1,"event":"resync.done","took":0.004,"outcome":"applied","bytes":53}
{"t":16.1,"device":"0021f2011b19","se
`)
	for r, err := range journal.Read(saved) {
		if err != nil {
			fmt.Println("skipped:", err)
			continue
		}
		fmt.Println(r.T, r.Device, r.Kind, r.Outcome, r.Bytes)
	}
	// Output:
	// 12.5s 0021f2011b19 resync.done applied 53
	// skipped: line 2: unexpected end of JSON input
}
