package vendor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

var yealink = []check.Check{bootPage, bootEmpty, commonNumber, steady, firmwareFirst}

// flyingvoiceFIP are the traps that the younger Flying Voice phones share with Yealink's.
var flyingvoiceFIP = []check.Check{
	like(bootPage, "flyingvoice-fip/1", "FIP-PLAN-1, FIP-FMT-1"),
	like(bootEmpty, "flyingvoice-fip/2", "FIP-PLAN-3, FIP-FMT-2"),
	like(steady, "flyingvoice-fip/3", "FIP-CHG-1: servers are known that write the time of the request into line 2"),
	like(firmwareFirst, "flyingvoice-fip/4", "FIP-PLAN-4, FIP-UP-1"),
}

var bootPage = check.Check{
	ID:          "yealink/1",
	Title:       "what answers for a boot file is a boot file",
	Requirement: "A boot file that the server does not have is answered with 404: a page in its place hides the file for all phones of the model.",
	Source:      "YL-PLAN-1, YL-PLAN-2, YL-FMT-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "answer names that end in .boot, and that you do not serve, with 404 and no page of an application"},
		check.Nginx:     {In: "server", Config: `location ~ \.(boot|cfg)$ { try_files $uri =404; }`},
		check.Apache:    {In: "Directory", Config: "FallbackResource disabled"},
	},
	Run: onTransfers("a boot file, or none", func(t *check.Transfer) string {
		if isBoot(t) && t.Reply.Outcome == resync.None && t.Fault != resync.None {
			return t.Note
		}
		return ""
	}),
}

func isBoot(t *check.Transfer) bool { return strings.HasSuffix(t.Name(), ".boot") }

var bootEmpty = check.Check{
	ID:          "yealink/2",
	Title:       "a boot file names a file for the phone",
	Requirement: "A boot file that is there takes the place of all other files, so it includes what the phone needs.",
	Source:      "YL-PLAN-2, YL-FMT-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: `add lines such as include:config "805ec0d57d72.cfg" without a list of models, or with this phone's among them; or take the boot file away`}},
	Run: onFiles("an include that counts for the phone", func(_ context.Context, _ *check.Probe, f *check.File) ([]string, error) {
		boot := ""
		for i := range f.Transfers {
			switch t := &f.Transfers[i]; {
			case isBoot(t) && t.Found():
				boot = t.Name()
			case !isBoot(t) && !strings.HasSuffix(t.Name(), "-local.cfg"):
				return nil, nil
			}
		}
		if boot == "" {
			return nil, nil
		}
		return []string{fmt.Sprintf("%s includes nothing for a %s", boot, f.Request.From.Product)}, nil
	}),
}

var commonNumber = check.Check{
	ID:          "yealink/3",
	Title:       "the common file has the model's number",
	Requirement: "The number of the common file is the model's, which is often another one than the first number of the firmware: 065 for a T48S with firmware 66.",
	Source:      "YL-ID-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "rename the common file to the name that phones of the model ask for, which the finding says"}},
	Run: onFiles("the common file under the model's number, or none", func(ctx context.Context, p *check.Probe, f *check.File) ([]string, error) {
		for i := range f.Transfers {
			t := &f.Transfers[i]
			number, _, _ := strings.Cut(t.Request.From.Software, ".")
			other := fmt.Sprintf("y%012s.cfg", number)
			if !strings.HasPrefix(t.Name(), "y0000") || isBoot(t) || !t.Missing() || other == t.Name() {
				continue
			}
			if p.Fetch(ctx, at(t.Request, other)).Outcome == resync.None {
				return []string{fmt.Sprintf("%s is missing, and the server has %s", t.Name(), other)}, nil
			}
		}
		return nil, ctx.Err()
	}),
}

var steady = check.Check{
	ID:          "yealink/4",
	Title:       "a file is the same from one request to the next",
	Requirement: "The bytes of a file stay the same as long as its configuration does: phones compare a digest, so a time in a comment makes them apply the file at each resync.",
	Source:      "YL-CHG-1: servers are known that write the time of the request into line 2",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Patient:     true,
	Advice:      check.Advices{check.AnyServer: {Text: "write the time of the latest change into the file, not that of the request"}},
	Run: onFiles("equal bytes in two transfers", func(ctx context.Context, p *check.Probe, f *check.File) (faults []string, err error) {
		if err := check.Pause(ctx, max(p.Patience, time.Second)); err != nil { // times have whole seconds
			return nil, err
		}
		for i := range f.Transfers {
			t := &f.Transfers[i]
			if !t.Found() {
				continue
			}
			again := p.Fetch(ctx, t.Request)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if again.Outcome == resync.None && string(again.Body) != string(t.Reply.Body) {
				how := "other settings"
				if check.SameText(again.Body, t.Reply.Body) {
					how = "the same settings, and other comments"
				}
				faults = append(faults, t.Name()+": "+how)
			}
		}
		return faults, nil
	}),
}

var firmwareFirst = check.Check{
	ID:          "yealink/5",
	Title:       "firmware does not keep the phone from its own file",
	Requirement: "A file that comes before the phone's own names no firmware that is missing, or another than the phone runs: as long as the upgrade fails, the phone does not ask for its own file.",
	Source:      "YL-PLAN-7, YL-PLAN-8, YL-UP-1; a public server log of two bases",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "name the firmware in the phone's own file, or keep the image of the version that the common file names where all phones reach it"}},
	Run: onFiles("the phone's own file", func(_ context.Context, _ *check.Probe, f *check.File) ([]string, error) {
		image, fault := "", false
		for i := range f.Transfers {
			t := &f.Transfers[i]
			switch {
			case t.Request.Class == device.ImageClass:
				image, fault = t.Name(), t.Reply.Outcome != resync.None
			case !isBoot(t) && isOwn(t):
				if image == "" || !fault {
					return nil, nil
				}
				return []string{image + " is named before the phone's own file, and the server does not have it"}, nil
			}
		}
		if image == "" {
			return nil, nil
		}
		return []string{image + " is loaded before the phone's own file, which waits until the upgrade has succeeded"}, nil
	}),
}

// isOwn reports whether a file is one of the phone's own.
func isOwn(t *check.Transfer) bool {
	by := t.Request.By
	if by.Tree == nil {
		return false
	}
	n := by.TreeFile(t.Request.From, t.Request.Class, t.Name())
	return n >= 0 && by.Tree.Files[n].Own
}
