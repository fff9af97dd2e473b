package load

import (
	"context"
	"sync"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

var allAtOnce = check.Check{
	ID:          "load/1",
	Title:       "a whole office asks at once",
	Requirement: "A server serves all phones of an office that ask at the same moment.",
	Source:      "Flying Voice auto-provision overview, section 2.1, Resync On Reset; FusionPBX pull request 2806",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Alone:       true,
	Advice: check.Advices{
		check.AnyServer: {Text: "limits of connections by address hit a whole office, because the phones behind one router share its address"},
		check.Nginx: {Text: "a limit by address needs a burst of at least the largest office", In: "http", Config: `limit_req_zone $binary_remote_addr zone=phones:1m rate=20r/s;
server { limit_req zone=phones burst=500 nodelay; }`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if f, ok := ready(ctx, p); !ok {
			return f
		}
		replies := make([]device.Reply, p.Target.FleetSize())
		var phones sync.WaitGroup
		for i := range replies {
			phones.Go(func() { replies[i] = p.Fetch(ctx, p.First()) })
		}
		phones.Wait()
		served := 0
		var other resync.Outcome
		for _, reply := range replies {
			switch {
			case reply.Outcome == resync.None:
				served++
			case reply.Local:
				return check.Errorf("%d phones are too many for this machine: %s", len(replies), reply.Note)
			default:
				other = reply.Outcome
			}
		}
		if served < len(replies) {
			return check.Fail("all phones served", "%d of %d served, others end with %s", served, len(replies), other)
		}
		return check.Pass("%d phones served", served)
	},
}

// ready reports whether the phone gets its file while no other request runs,
// and otherwise why not.
func ready(ctx context.Context, p *check.Probe) (check.Finding, bool) {
	reply := soon(ctx, p, p.First())
	switch {
	case ctx.Err() != nil:
		return check.Errorf("asking as one phone: %w", ctx.Err()), false
	case reply.Outcome != resync.None:
		return check.Skip("one phone alone is not served either: %s", reply.Outcome), false
	}
	return check.Finding{}, true
}

// soon fetches as the phone does, but does not wait as long as that.
func soon(ctx context.Context, p *check.Probe, req device.Request) device.Reply {
	ctx, cancel := context.WithTimeout(ctx, 3*p.Patience)
	defer cancel()
	return p.Fetch(ctx, req)
}
