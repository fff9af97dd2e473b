package run

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/resync"
)

// library is a server with many files: good and bad ones, shared and a device's
// own, sealed and plain, changed every 25 minutes.
type library struct {
	sealed *device.Reply // with the key of device 4
	shared map[int]*device.Reply
}

func (l *library) Start(now time.Duration, req *device.Request, d Delivery) {
	release := int(now / (25 * time.Minute))
	switch (d.Device() + release) % 5 {
	case 0:
		d.After(time.Second, l.ofAll(release))
	case 1:
		d.After(time.Second, file(fmt.Sprintf("DBID_DBASE_VERSION=%d\nDBID_SIP_ACCOUNT=%s\n", release, req.Path)))
	case 2:
		d.After(time.Second, file("<html>no such page</html>"))
	case 3:
		d.After(time.Second, l.sealed)
	default:
		d.After(time.Second, &device.Reply{Outcome: resync.Timeout})
	}
}

// ofAll returns a file that moves phones between rules with a key and without.
func (l *library) ofAll(edition int) *device.Reply {
	if l.shared[edition] == nil {
		rule := "http://h/$MA.conf"
		if edition%2 == 1 {
			rule = "[--key k$(MA:10)] http://h/$MA.conf"
		}
		l.shared[edition] = file(fmt.Sprintf("DBID_DBASE_VERSION=%d\nDBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=%s\nDBID_RESYNC_ON_RESET=7\nbad\n", edition, rule))
	}
	return l.shared[edition]
}

func file(text string) *device.Reply {
	return &device.Reply{Body: []byte(text), Bytes: int64(len(text))}
}

// What devices share of their work does not show: the journal is the same to the
// byte with a Memo and without.
func TestJournalIsTheSameWithoutMemo(t *testing.T) {
	run := func(memo *device.Memo) string {
		var text strings.Builder
		devices := phones(t, 20)
		m := devices[0].Model()
		m.Memo = memo
		sealed, err := m.Cipher.Encrypt(nil, []byte("DBID_DBASE_VERSION=77\n"), "k04", encrypt.Entropy{1})
		if err != nil {
			t.Fatal(err)
		}
		l := &library{sealed: &device.Reply{Body: sealed}, shared: map[int]*device.Reply{}}
		d := New(Config{Clock: &sched.Virtual{}, Network: l, Journal: journal.NewJSON(&text), Lease: lease}, devices)
		for i := range devices {
			d.SwitchOn(i, time.Duration(i)*time.Second)
		}
		d.Do(50*time.Minute, func(now time.Duration) {
			for i := range devices {
				d.Step(i, device.Input{Kind: device.PowerOff})
				d.SwitchOn(i, now+time.Minute)
			}
		})
		if err := d.Run(t.Context(), 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	without, with := run(nil), run(device.NewMemo())
	if diff := cmp.Diff(without, with); diff != "" {
		t.Errorf("without (-) and with (+) a Memo:\n%s", diff)
	}
	for _, word := range []string{
		`"outcome":"applied"`, `"outcome":"unchanged"`, `"outcome":"corrupt"`, `"outcome":"bad-key"`, `"outcome":"timeout"`, `"version":"77"`,
	} {
		if !strings.Contains(with, word) {
			t.Errorf("the run never came to %s", word)
		}
	}
}
