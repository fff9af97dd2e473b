package load

import (
	"context"
	"encoding/binary"
	"sync"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

// A normal day at a site: phones that are plugged in before they are entered,
// and phones that ask for files that do not exist.
const (
	misses    = 60
	missingAt = 4 // at once
)

var noBan = check.Check{
	ID:          "load/2",
	Title:       "missing files bring no ban",
	Requirement: "A site whose phones ask for missing files is not banned: the other phones behind the same address get their files. A ban hits this machine too.",
	Source:      "FusionPBX installer pull request 191: phones whose MAC was not entered yet were banned for good, and all others behind their router with them",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.Heavy},
	Alone:       true,
	Advice: check.Advices{
		check.AnyServer: {Text: "fail2ban: name the sites in ignoreip, and let no filter count a 404 of the phones' folder, or a 401 before the third"},
		check.Nginx:     {Text: "give limit_req a burst of at least the largest office, and count no 404"},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if f, ok := ready(ctx, p); !ok {
			return f
		}
		if err := miss(ctx, p); err != nil {
			return check.Errorf("asking for files that are not there: %w", err)
		}
		// Programs that ban read the server's log from time to time.
		if err := check.Pause(ctx, p.Patience); err != nil {
			return check.Errorf("waiting for a ban: %w", err)
		}
		after := soon(ctx, p, p.First())
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking after %d misses: %w", misses, ctx.Err())
		case after.Outcome != resync.None:
			return check.Fail("the phone's file, as before", "%s after requests for files that are not there", after.Outcome)
		}
		return check.Pass("the phone's file after %d misses", misses)
	},
}

// miss asks for the files of unknown phones. It stops early where
// the server falls silent: the ban is there.
func miss(ctx context.Context, p *check.Probe) error {
	var phones sync.WaitGroup
	var failed error
	var once sync.Once
	missing, silent := context.WithCancel(ctx)
	defer silent()
	for first := range missingAt {
		phones.Go(func() {
			for n := first; n < misses && missing.Err() == nil; n += missingAt {
				req, err := p.Request(unknown(n))
				if err != nil {
					once.Do(func() { failed = err })
					return
				}
				if soon(missing, p, req).Outcome == resync.Timeout {
					silent()
				}
			}
		})
	}
	phones.Wait()
	if failed != nil {
		return failed
	}
	return ctx.Err()
}

// unknown returns a made up address, locally administered.
func unknown(n int) device.MAC {
	mac := device.MAC{0x02, 0x70, 0x72, 0x6f}
	binary.BigEndian.PutUint16(mac[4:], uint16(n))
	return mac
}
