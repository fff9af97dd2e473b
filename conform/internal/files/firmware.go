package files

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"provsim/conform/check"
	"provsim/device"
	"provsim/profile/rule"
	"provsim/resync"
)

// upgradeRule returns the rule that is in force once the phone has applied its
// file.
func upgradeRule(p *check.Probe, f *file) string {
	if rule, ok := f.setting("Upgrade Rule"); ok {
		return rule
	}
	return p.Target.UpgradeRule
}

var upgradeNotHTTPS = check.Check{
	ID:          "files/21",
	Title:       "firmware is not over https",
	Requirement: "An Upgrade Rule has http or tftp: phones do not upgrade over https.",
	Source:      "FV-UP-3; provisioning guide, section 4.2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "serve the firmware over http or tftp, without a redirect to https, and nothing secret beside it"},
		check.Nginx: {In: "http", Config: `server {
    listen 80;
    location /firmware/ { root /srv/provisioning; }
    location / { return 404; }
}`},
	},
	Run: unlessAllowed(eachPhone("an Upgrade Rule with http or tftp, and no redirect to https", func(ctx context.Context, p *check.Probe, f *file) ([]string, error) {
		if rule, err := rule.ParseUpgrade(upgradeRule(p, f)); err == nil && rule.Scheme == "https" {
			return []string{"the Upgrade Rule has https"}, nil
		}
		for _, image := range images(p, []*file{f}) {
			got, err := image.fetch(ctx, p)
			if err != nil {
				return nil, err
			}
			if got.Outcome == resync.HTTPSUpgrade {
				return []string{image.URL() + " leads on to https"}, nil
			}
		}
		return nil, nil
	})),
}

// unlessAllowed skips a check where the phones are declared to upgrade over https.
func unlessAllowed(run func(context.Context, *check.Probe) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		if slices.Contains(p.Target.Quirks, "https-upgrade") {
			return check.Skip("the phones upgrade over https, by the quirk https-upgrade")
		}
		return run(ctx, p)
	}
}

var firmwareThere = check.Check{
	ID:          "files/22",
	Title:       "firmware can be fetched",
	Requirement: "An Upgrade Rule leads to a file that the phone can fetch.",
	Source:      "FV-UP-1, FV-UP-4, FV-OUT-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "put the file where the rule leads, or take the rule out; $PN, $SWVER and $HWVER in it expand to what the phone is"}},
	Run: allFiles("firmware where the rule leads", func(ctx context.Context, p *check.Probe, files []*file) (faults []string, err error) {
		for _, image := range images(p, files) {
			got, err := image.fetch(ctx, p)
			if err != nil {
				return nil, err
			}
			switch got.Outcome {
			case resync.None, resync.TooLarge, resync.HTTPSUpgrade: // the last is files/21
			default:
				faults = append(faults, image.URL()+": "+got.Outcome.String())
			}
		}
		return faults, nil
	}),
}

// The size of a phone's firmware. Images of the vendor's phones have from some
// MiB to some tens; a bootstrap loader may be small.
const (
	leastFirmware = 64 << 10
	mostFirmware  = 64 << 20 // FV-NET-1
)

var firmwareSize = check.Check{
	ID:          "files/23",
	Title:       "firmware looks like firmware",
	Requirement: "What an Upgrade Rule leads to is no page, and has the size of firmware: phones write it into their flash memory.",
	Source:      "FV-UP-6, FV-NET-1",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "compare the file with the vendor's digest: a download that broke off, or a page of the vendor's site, has the right name too"}},
	Run: allFiles("firmware of 64 KiB to 64 MiB", func(ctx context.Context, p *check.Probe, files []*file) (faults []string, err error) {
		for _, image := range images(p, files) {
			got, err := image.fetch(ctx, p)
			if err != nil {
				return nil, err
			}
			if fault := implausible(got, image.announced(ctx, p)); fault != "" {
				faults = append(faults, image.URL()+": "+fault)
			}
		}
		return faults, nil
	}),
}

// implausible says why a file is no firmware. A file that cannot be fetched is
// the business of files/22.
func implausible(got device.Reply, announced int64) string {
	start := bytes.ToLower(bytes.TrimSpace(got.Body[:min(len(got.Body), 512)]))
	switch {
	case announced > mostFirmware:
		return fmt.Sprintf("%d bytes", announced)
	case got.Outcome != resync.None:
		return ""
	case bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<!doctype")):
		return "a page"
	case len(got.Body) < leastFirmware:
		return fmt.Sprintf("%d bytes", len(got.Body))
	}
	return ""
}

// An image is what a phone asks for at an upgrade.
type image struct{ device.Request }

// enough is how much of a file is fetched: more than the least firmware has,
// and no load for the server.
const enough = 1 << 20

// images returns the requests that the files lead to, each once.
func images(p *check.Probe, files []*file) (all []image) {
	for _, f := range files {
		probe, err := changed(p, f.phone, func(t *check.Target) { t.UpgradeRule = upgradeRule(p, f) })
		if err != nil {
			continue // a rule that does not parse: files/13
		}
		req, err := probe.UpgradeRequest(f.phone.MAC)
		if err != nil || req.Scheme == "https" {
			continue // no rule, or files/21
		}
		req.Limit = enough
		if !slices.ContainsFunc(all, func(i image) bool { return i.URL() == req.URL() }) {
			all = append(all, image{req})
		}
	}
	return all
}

// fetch returns the file, or TooLarge where it has more than enough bytes.
func (i *image) fetch(ctx context.Context, p *check.Probe) (device.Reply, error) {
	got := p.Fetch(ctx, i.Request)
	return got, ctx.Err()
}

// announced returns the size that a web server tells beforehand, or -1.
func (i *image) announced(ctx context.Context, p *check.Probe) int64 {
	if i.Scheme != "http" {
		return -1
	}
	at := check.Origin{Scheme: i.Scheme, Host: i.Host, Port: i.Port}
	got, err := p.Ask(ctx, at, p.Line(at, "HEAD", i.Path))
	if err != nil || got.Status != 200 {
		return -1
	}
	return got.Length
}
