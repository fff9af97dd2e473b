package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"provsim/fleet"
	"provsim/resync"
)

// Two thousand phones get their power back at once. Their random delay spreads
// them over 40 seconds, in front of a server that keeps up.
func ExamplePlan() {
	s, err := fleet.ParseScenario("example.yaml", []byte(`
devices: 2000
duration: 10m
population: {option66: 192.0.2.1, version: "1"}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := fleet.Plan(context.Background(), s, fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	totals := r.Tally.Totals()
	peak := totals.Peak(10 * time.Second)
	fmt.Println(totals.Outcomes[resync.Resync][resync.Unchanged], "phones found nothing new")
	fmt.Println("peak of", peak.Count, "resyncs in 10 seconds")
	// Output:
	// 2000 phones found nothing new
	// peak of 576 resyncs in 10 seconds
}

// The answer comes with its evidence: the values that were tried.
func ExampleFind() {
	s, err := fleet.ParseScenario("example.yaml", []byte(`
devices: 500
duration: 10m
server: {tftp: {accept: 10ms}}
thresholds: [max(fetch) > 1s]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := fleet.Find(context.Background(), s, fleet.RandomDelay, fleet.FindOptions{High: 60})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range found.Trials {
		fmt.Printf("%2d s: %v\n", p.Value, p.Kept)
	}
	fmt.Println("smallest delay:", found.Value, "s")
	// Output:
	//  2 s: false
	//  3 s: false
	//  4 s: false
	//  5 s: true
	// 10 s: true
	// 20 s: true
	// 40 s: true
	// smallest delay: 5 s
}

// A phone boots against a server of the test. The run ends as soon as the server
// has sent the configuration.
func ExampleRun() {
	served := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("GET", r.URL.Path)
		fmt.Fprintln(w, "DBID_DBASE_VERSION=7")
		close(served)
	}))
	defer server.Close()
	s, err := fleet.ParseScenario("example.yaml", fmt.Appendf(nil, `
devices: 1
duration: 1m
population: {profile-rule: %s/$MA.conf, settings: [{set: {Resync Random Delay: 0}}]}
`, server.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := fleet.Run(context.Background(), s, fleet.RunOptions{Drain: served})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Tally.Totals().Outcomes[resync.Resync][resync.Applied], "phone has applied its configuration")
	// Output:
	// GET /0021f2000000.conf
	// 1 phone has applied its configuration
}

func ExampleParseScenario() {
	_, err := fleet.ParseScenario("day.yaml", []byte("devices: 100\nevents:\n  - {at: 1h, power-cutt: {for: 5m}}\n"))
	fmt.Println(err)
	// Output: day.yaml:3:14: event 1, power-cutt: is unknown, did you mean "power-cut"?
}
