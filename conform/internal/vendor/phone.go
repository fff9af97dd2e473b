package vendor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

// phone are the checks for phones of any vendor.
var phone = []check.Check{provisioned, otherCase, noBan, changes}

var provisioned = check.Check{
	ID:          "phone/1",
	Title:       "the phone finds its configuration",
	Requirement: "What the phone asks for, in its order, ends with a configuration that it takes.",
	Source:      "the plan of the phone's vendor: provsim vendors NAME lists the files, doc/vendors.md says where they are documented",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "serve one of the files that the phone asks for, under exactly that name"}},
	Each:        true,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if p.Target.List != "" {
			return everyPhone(ctx, p)
		}
		var asked []string
		f := onFiles("a configuration", func(_ context.Context, _ *check.Probe, f *check.File) ([]string, error) {
			list := story(f.Transfers)
			asked = append(asked, list)
			if f.Ending.Outcome.Success() {
				return nil, nil
			}
			return []string{fmt.Sprintf("%s after %s", f.Ending.Outcome, list)}, nil
		})(ctx, p)
		if f.Verdict == check.Passed && len(asked) > 0 {
			return f.With("asks for %s", asked[0])
		}
		return f
	},
}

// story lists the files of a resync with the outcome of each.
func story(all []check.Transfer) string {
	parts := make([]string, len(all))
	for i := range all {
		switch t := &all[i]; {
		case t.Expected:
			parts[i] = t.Name() + " missing, as it may be"
		case t.Fault != resync.None:
			parts[i] = t.Name() + " " + t.Note
		case t.Reply.Outcome == resync.None:
			parts[i] = fmt.Sprintf("%s %d bytes", t.Name(), t.Reply.Bytes)
		default:
			parts[i] = t.Name() + " " + t.Reply.Outcome.String()
		}
	}
	return strings.Join(parts, ", ")
}

var otherCase = check.Check{
	ID:          "phone/2",
	Title:       "no file waits under a name in another case",
	Requirement: "The case of a name is the phone's: Snom writes its address in upper case, most others in lower case, and SPA phones ask for spa504G.cfg.",
	Source:      "YL-PLAN-6, FIP-PLAN-1, GS-PLAN-2, SN-PLAN-1, FA-PLAN-3, SPA-SRC-1, PC-ID-1, FV-MAC-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "rename the file to the name that the phone asks for, or link that name to it"}},
	Run: onFiles("each file under the phone's own name", func(ctx context.Context, p *check.Probe, f *check.File) (faults []string, err error) {
		for i := range f.Transfers {
			t := &f.Transfers[i]
			if !t.Missing() || t.Request.Method != device.Read {
				continue
			}
			for _, name := range otherCases(t) {
				if req := at(t.Request, name); p.Fetch(ctx, req).Outcome == resync.None {
					faults = append(faults, fmt.Sprintf("the phone asks for %s, and the server has %s", t.Name(), name))
				}
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		return faults, nil
	}),
}

// otherCases returns the names that people write for that of a file that is missing.
func otherCases(t *check.Transfer) (names []string) {
	mac, name := t.Request.From.MAC, t.Name()
	folded := strings.ToLower(name)
	upper, lower := name, name
	if i := strings.Index(folded, mac.String()); i >= 0 {
		end := i + len(mac.String())
		upper, lower = name[:i]+mac.Upper()+name[end:], name[:i]+mac.String()+name[end:]
	}
	for _, other := range []string{folded, upper, lower} {
		if other != name && !slices.Contains(names, other) {
			names = append(names, other)
		}
	}
	return names
}

// at returns a request for another file of the same directory.
func at(req device.Request, name string) device.Request {
	req.Path = path.Join(path.Dir(req.Path), name)
	return req
}

// The misses that a check makes at once, and at most.
const (
	missesAtOnce = 4
	mostMisses   = 400
)

var noBan = check.Check{
	ID:          "phone/3",
	Title:       "the misses of healthy phones bring no ban",
	Requirement: "A site whose phones ask for files that they rightly do not find is not banned: two misses are a healthy boot of a Yealink phone, up to four of a Grandstream, eight of a Polycom. A ban hits this machine too.",
	Source:      "YL-PLAN-1, GS-PLAN-2, PC-FILE-11; FusionPBX installer pull request 191",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile, check.Heavy},
	Alone:       true,
	Advice: check.Advices{check.AnyServer: {
		Text: "let what bans for a 404 leave out the names that phones rightly miss, or allow an office as many as its phones make at one boot",
	}},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		const expected = "the phone's file, as before"
		f, err := p.Provision(ctx, p.Target.Phones[0].MAC)
		if err != nil {
			return check.Errorf("as the phone: %w", err)
		}
		var missed []device.Request
		for i := range f.Transfers {
			if t := &f.Transfers[i]; t.Expected && t.Missing() {
				missed = append(missed, t.Request)
			}
		}
		switch {
		case !f.Ending.Outcome.Success():
			return check.Skip("one phone alone is not served either: %s", f.Ending.Outcome)
		case len(missed) == 0:
			return check.Pass("a healthy boot has no misses")
		}
		fleet := p.Target.FleetSize()
		n := min(fleet*len(missed), mostMisses)
		var phones sync.WaitGroup
		for first := range missesAtOnce {
			phones.Go(func() {
				for i := first; i < n && ctx.Err() == nil; i += missesAtOnce {
					if r := p.Fetch(ctx, missed[i%len(missed)]); r.Outcome == resync.Timeout || r.Local {
						return // the ban is there, or this machine can no more
					}
				}
			})
		}
		phones.Wait()
		// Programs that ban read the server's log from time to time.
		if err := errors.Join(ctx.Err(), check.Pause(ctx, p.Patience)); err != nil {
			return check.Errorf("waiting for a ban: %w", err)
		}
		switch after := p.Fetch(ctx, p.First()); {
		case ctx.Err() != nil:
			return check.Errorf("asking after %d misses: %w", n, ctx.Err())
		case after.Local:
			return check.Errorf("%d misses are too many for this machine: %s", n, after.Note)
		case after.Outcome != resync.None:
			return check.Fail(expected, "%s after %d misses, of %d phones with %d each", after.Outcome, n, n/len(missed), len(missed))
		}
		return check.Pass("the phone's file after %d misses", n)
	},
}
