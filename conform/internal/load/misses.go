package load

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

// A normal day at a site: phones that are plugged in before they are entered,
// and phones that ask for files that nobody has made.
const (
	misses    = 60
	missingAt = 4 // at once
)

var noBan = check.Check{
	ID:          "load/2",
	Title:       "misses of a normal day bring no ban",
	Requirement: "A site whose phones ask for files that are not there is not banned: the others behind the same address get theirs. Where it is banned, so is this machine.",
	Source:      "FusionPBX installer pull request 191: phones whose MAC was not entered yet were banned for good, and all others behind their router with them",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.Heavy},
	Alone:       true,
	Advice: map[check.Server]string{
		check.AnyServer: "fail2ban: ignoreip for the sites, no filter that counts 404 of the phones' folder, and 401 only from the third on",
		check.Nginx:     "limit_req with a burst of a whole office; no rule that counts 404",
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if f, ok := ready(ctx, p); !ok {
			return f
		}
		if err := miss(ctx, p); err != nil {
			return check.Errorf("asking for files that are not there: %w", err)
		}
		// Who bans reads the server's log, now and then.
		if err := pause(ctx, p.Patience); err != nil {
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

// miss asks for the files of phones that nobody has entered. It stops early where
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

// pause waits; the end of the context ends it.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
