package files

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile/rule"
	"provsim/resync"
)

// known are the parameters that the phones know.
var known = vendors.Default().Parameters

// A file is what one of the target's phones got.
type file struct {
	phone check.Phone
	check.File
	err error // it could not be asked for, or not to the end
}

// String returns the phone's address, by which findings name a file.
func (f *file) String() string { return f.phone.MAC.String() }

// readable reports whether the file has settings to look at.
func (f *file) readable() bool { return f.err == nil && f.Config.Len() > 0 }

// value returns what the file says about a setting of the web page, or the
// setting's default.
func (f *file) value(web string) string {
	p, _ := known.Find(web)
	if value, ok := f.Config.Get(p.Name); ok {
		return value
	}
	return p.Default
}

// setting returns what the file setting about a setting of the web page, if it does.
func (f *file) setting(web string) (value string, ok bool) {
	p, _ := known.Find(web)
	return f.Config.Get(p.Name)
}

// atOnce is how many phones ask at the same time: few enough for any server.
const atOnce = 8

// provisioned returns what all phones got, in their order.
func provisioned(ctx context.Context, p *check.Probe) []*file {
	files := make([]*file, len(p.Target.Phones))
	var asking sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, phone := range p.Target.Phones {
		slots <- struct{}{}
		asking.Go(func() {
			defer func() { <-slots }()
			f := &file{phone: phone}
			f.File, f.err = p.Provision(ctx, phone.MAC)
			files[i] = f
		})
	}
	asking.Wait()
	return files
}

// ownFormat skips a check of settings where a phone's file is one for other
// vendors' phones: what is not understood is not judged.
func ownFormat(run func(context.Context, *check.Probe) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		for _, f := range provisioned(ctx, p) {
			if f.err != nil || len(f.Plain) == 0 {
				continue // files/1
			}
			if c := recognise(f.Plain); !c.own && (c.format != "" || f.readable()) {
				return check.Skip("the file of phone %s is %s, which this check does not read", f, c)
			}
		}
		return run(ctx, p)
	}
}

// fetched returns the files that phones have got, whatever is in them.
func fetched(ctx context.Context, p *check.Probe) (files []*file, err error) {
	for _, f := range provisioned(ctx, p) {
		if f.err != nil {
			return nil, fmt.Errorf("phone %s: %w", f, f.err)
		}
		if f.Reply.Outcome == resync.None {
			files = append(files, f)
		}
	}
	return files, nil
}

// eachFile makes a check's Run of what is wrong with one file.
func eachFile(expected string, faults func(*file) []string) func(context.Context, *check.Probe) check.Finding {
	return eachPhone(expected, func(_ context.Context, _ *check.Probe, f *file) ([]string, error) { return faults(f), nil })
}

// eachPhone is eachFile for faults that show only when more is asked.
func eachPhone(expected string, faults func(context.Context, *check.Probe, *file) ([]string, error)) func(context.Context, *check.Probe) check.Finding {
	return allFiles(expected, func(ctx context.Context, p *check.Probe, files []*file) ([]string, error) {
		var all []string
		for _, f := range files {
			some, err := faults(ctx, p, f)
			if err != nil {
				return nil, fmt.Errorf("phone %s: %w", f, err)
			}
			for _, fault := range some {
				all = append(all, f.String()+": "+fault)
			}
		}
		return all, nil
	})
}

// allFiles makes a check's Run of what is wrong with all readable files
// together. Phones without one are the business of files/1.
func allFiles(expected string, faults func(context.Context, *check.Probe, []*file) ([]string, error)) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		var files []*file
		for _, f := range provisioned(ctx, p) {
			if f.err != nil {
				return check.Errorf("phone %s: %w", f, f.err)
			}
			if f.readable() {
				files = append(files, f)
			}
		}
		if len(files) == 0 {
			return check.Skip("no phone has a file that it can read: see files/1")
		}
		found, err := faults(ctx, p, files)
		switch {
		case err != nil:
			return check.Errorf("%w", err)
		case len(found) > 0:
			return check.Fail(expected, "%s", list(found))
		}
		return check.Pass("%d files", len(files))
	}
}

// list names the first of many faults, and how many more there are.
func list(faults []string) string {
	const most = 6
	text := strings.Join(faults[:min(len(faults), most)], "; ")
	if more := len(faults) - most; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// provisionBy returns what a phone would get if the target were another one.
func provisionBy(ctx context.Context, p *check.Probe, phone check.Phone, change func(*check.Target)) (check.File, error) {
	probe, err := changed(p, phone, change)
	if err != nil {
		return check.File{}, err
	}
	return probe.Provision(ctx, phone.MAC)
}

// changed returns a probe for one phone of a target that is another in
// something.
func changed(p *check.Probe, phone check.Phone, change func(*check.Target)) (*check.Probe, error) {
	target := *p.Target
	target.Phones, target.Rest = []check.Phone{phone}, nil
	change(&target)
	return check.NewProbe(&target, check.Settings{Patience: p.Patience})
}

// ruleFor returns a Profile Rule for another path on the server of a request,
// with the key and the password of the target's own rule.
func ruleFor(t *check.Target, req device.Request, path string) string {
	rule, _ := rule.Parse(t.ProfileRule) // the zero Rule where option 66 leads to the file
	rule.Scheme, rule.Host, rule.Port = req.Scheme, req.Host, fmt.Sprint(req.Port)
	rule.Path = cmp.Or(strings.ReplaceAll(path, "$", "$$"), "/")
	return rule.String()
}
