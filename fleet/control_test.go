package fleet

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"provsim/device"
	"provsim/internal/run"
	"provsim/internal/tally"
)

// good is a server that answers after a millisecond.
type good struct{}

func (good) Start(_ time.Duration, _ *device.Request, d run.Delivery) {
	d.After(time.Millisecond, &device.Reply{Body: []byte("DBID_DBASE_VERSION=1\n"), Bytes: 21})
}

// What others make happen in a run happens as if the scenario had it: power is
// cut and comes back, and the marks say so.
func TestControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scenario{Devices: 10, Duration: 10 * time.Minute}
		s.Population.ProfileRule = "http://192.0.2.1/$MA"
		s.Population.Settings = []SettingsMix{{Set: map[string]string{"Resync Random Delay": "0"}}}
		var control *Control
		seen := make(chan int, 2)
		off := func(p Progress) { seen <- p.Tally.Snapshot(p.Now).States[tally.Off] }
		go func() {
			<-time.After(5 * time.Minute)
			if err := control.Trigger(Event{PowerCut: &PowerCut{For: time.Minute}}); err != nil {
				t.Error(err)
			}
			control.Look(off)
			<-time.After(2 * time.Minute)
			control.Look(off)
		}()
		r, err := Run(t.Context(), s, RunOptions{Network: good{}, Control: func(c *Control) { control = c }})
		if err != nil {
			t.Fatal(err)
		}
		if cut, back := <-seen, <-seen; cut != 10 || back != 0 {
			t.Errorf("%d devices are off in the power cut and %d after it", cut, back)
		}
		var names []string
		for _, w := range r.Tally.Totals().Waves {
			names = append(names, w.Name)
		}
		if got := strings.Join(names, ", "); got != "start, power-cut, power back" {
			t.Errorf("the marks are %s", got)
		}
	})
}

// Only what devices can do can be made to happen, and only in a way that a
// scenario could have.
func TestControlRefuses(t *testing.T) {
	s := &Scenario{Devices: 10, Duration: time.Minute}
	control := &Control{timeline: &timeline{scenario: s.Filled()}}
	var fault *ScenarioError
	for _, e := range []Event{{}, {PowerCut: &PowerCut{}}, {Resync: &Resync{Part: Part{Site: "garden"}}}, {Resync: &Resync{}, Reboot: &Reboot{}}} {
		if err := control.Trigger(e); !errors.As(err, &fault) {
			t.Errorf("%+v gives %v, want a *ScenarioError", e, err)
		}
	}
	if err := control.Trigger(Event{Outage: &Outage{For: time.Minute, Kind: "silent"}}); err == nil || !strings.Contains(err.Error(), "the server is a real one") {
		t.Errorf("an outage gives %v", err)
	}
}
