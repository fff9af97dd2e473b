package result

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet/scenario"
	"provsim/internal/fetch/model"
	"provsim/internal/learn"
	"provsim/internal/report"
)

// cutAt is when the power cut of a learnt scenario begins.
const cutAt = 2 * time.Hour

// Scenario writes the scenario: the phones as they were found, the day that they are
// asked about, and a model of their server. A comment says of each figure where it is
// from, and what is a default.
func Scenario(f *learn.Findings) []byte {
	w := &yamlWriter{}
	w.head(f)
	w.population(f)
	w.configuration(f)
	w.sites(f)
	w.events(f)
	w.server(f)
	w.thresholds(f)
	return w.Bytes()
}

type yamlWriter struct{ bytes.Buffer }

func (w *yamlWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

func (w *yamlWriter) head(f *learn.Findings) {
	phones := len(planned(f))
	w.line("# Learnt from a server's logs of %s until %s: %s, %s.", clock(f.From), clock(f.Until), report.Plural(phones, "phone"), report.Plural(int(f.Counts.Requests), "request"))
	w.line("# What is marked as a default does not show in the logs: put in what you know.")
	w.line("#")
	w.line("#\tprovsim plan --scenario %s", ScenarioFile)
	w.line("name: learnt")
	w.line("description: the phones of a server's logs, and a power cut")
	w.line("seed: 1")
	w.line("devices: %d # those of the list", max(1, phones))
	w.line("duration: 24h")
	w.line("")
}

// population writes who the phones are.
func (w *yamlWriter) population(f *learn.Findings) {
	w.line("population:")
	server, web := "192.0.2.1", overHTTP(f)
	if 2*web >= len(f.List) {
		server = "http://192.0.2.1/"
	}
	w.line("  phones: %s", PhonesFile)
	w.line("  option66: %s # %d of %d phones ask over HTTP; the address is no server's", server, web, len(f.List))
	w.line("  version: \"1\" # they have their configuration already")
	for _, v := range f.Vendors {
		if p, err := vendors.Lookup(v.Name); err != nil || p.Tree == nil {
			w.line("  # %s of %s are left out: a plan does not know their server's files.", report.Plural(v.Phones, "phone"), v.Name)
		}
	}
	mixes := mixesOf(f)
	if len(mixes) == 0 {
		return
	}
	w.line("  settings: # the periods that were seen; each phone takes the settings that its vendor knows")
	for _, m := range mixes {
		w.line("    - weight: %.2f # of 100 phones", 100*m.weight)
		w.line("      set:")
		for _, s := range m.set {
			w.line("        %s: %q # %s", quoted(s.Name), s.Value, s.why)
		}
	}
	w.line("")
}

// overHTTP returns how many phones ask over HTTP; the others do over TFTP. A plan has what
// most of them have.
func overHTTP(f *learn.Findings) (n int) {
	for _, p := range f.List {
		if p.Web {
			n++
		}
	}
	return n
}

// quoted writes a key of YAML.
func quoted(name string) string {
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_.") == "" {
		return name
	}
	return strconv.Quote(name)
}

// mix is settings and the part of the phones that have them.
type mix struct {
	weight float64
	set    []reasoned
}

// reasoned is a setting with the reason for its value.
type reasoned struct {
	device.Setting
	why string
}

func (r reasoned) equal(other reasoned) bool { return r.Name == other.Name && r.Value == other.Value }

// mixesOf returns the settings that give each vendor's phones their periods in the parts
// that were seen. A scenario draws a mix for a phone whatever its vendor, so the parts
// of all vendors are laid side by side and cut where any of them ends.
func mixesOf(f *learn.Findings) []mix {
	type choice struct {
		until float64
		set   []reasoned
	}
	var choices [][]choice
	edges := []float64{1}
	for _, v := range f.Vendors {
		p, err := vendors.Lookup(v.Name)
		if err != nil || p.Period == nil {
			continue
		}
		var list []choice
		sum := 0.0
		for _, period := range v.Periods {
			sum += float64(period.Phones) / float64(v.Phones)
			why := fmt.Sprintf("%s: %s come every %s", v.Name, report.Plural(period.Phones, "phone"), report.Lasting(period.Period.Duration()))
			list = append(list, choice{sum, settingsOf(p, v, period.Period.Duration(), why)})
			edges = append(edges, sum)
		}
		if sum < 1 {
			why := fmt.Sprintf("%s: no period is known of %s", v.Name, report.Plural(v.NoPeriod, "phone"))
			off := settingsOf(p, v, 0, why)
			if len(list) > 0 && sum > 0.9 { // phones that the log shows too little of
				off = list[0].set
			}
			list = append(list, choice{1, off})
		}
		choices = append(choices, list)
	}
	slices.Sort(edges)
	var mixes []mix
	before := 0.0
	for _, edge := range edges {
		edge = min(edge, 1)
		if edge-before < 1e-4 {
			continue
		}
		m := mix{weight: edge - before}
		taken := map[string]bool{}
		for _, list := range choices {
			at := slices.IndexFunc(list, func(c choice) bool { return (before+edge)/2 <= c.until })
			if at < 0 {
				continue
			}
			for _, s := range list[at].set {
				if !taken[s.Name] { // the larger vendor's, where two have a name for it
					taken[s.Name] = true
					m.set = append(m.set, s)
				}
			}
		}
		before = edge
		same := slices.IndexFunc(mixes, func(other mix) bool { return slices.EqualFunc(other.set, m.set, reasoned.equal) })
		switch {
		case same >= 0:
			mixes[same].weight += m.weight
		case len(m.set) > 0:
			mixes = append(mixes, m)
		}
	}
	return mixes
}

// settingsOf returns the settings that give a vendor's phones a period, by the names of
// files, and their random delay. A period of 0 means that the phone does not poll. One
// that the firmware does not take is left out: a scenario with it would be refused.
func settingsOf(p *device.Personality, v learn.Vendor, period time.Duration, why string) (list []reasoned) {
	add := func(s device.Setting, why string) {
		if known, ok := p.Parameters.Find(s.Name); ok {
			s.Name = known.Name
		}
		list = append(list, reasoned{s, why})
	}
	switch every := p.Every(period); {
	case period > 0 && !slices.ContainsFunc(every, func(s device.Setting) bool { return !takes(p, s) }):
		for _, s := range every {
			add(s, why)
		}
	case period == 0 && len(every) == 1:
		add(every[0], why)
	}
	if p.RandomDelay != "" && v.Delay >= 0 {
		units := math.Round(v.Delay.Duration().Seconds() / p.RandomDelayUnit.Seconds())
		add(device.Setting{Name: p.RandomDelay, Value: strconv.Itoa(int(units))}, fmt.Sprintf("%s: they spread themselves over %s in the largest wave", v.Name, report.Lasting(v.Delay.Duration())))
	}
	return list
}

// takes reports whether a vendor's phones take a setting.
func takes(p *device.Personality, s device.Setting) bool {
	parameter, ok := p.Parameters.Find(s.Name)
	return ok && p.Check(nil, parameter, s.Value) == nil
}

// configuration writes how many phones have no file.
func (w *yamlWriter) configuration(f *learn.Findings) {
	w.line("configuration:")
	w.line("  missing: %.2f%% # %s got no configuration of its own", 100*float64(f.NoFile)/float64(max(1, f.Phones)), report.Plural(f.NoFile, "phone"))
	w.line("")
}

// sites writes how many phones share an address.
func (w *yamlWriter) sites(f *learn.Findings) {
	if len(f.Sites) == 0 || f.Sites[len(f.Sites)-1].Devices < 2 {
		return
	}
	w.line("sites: # phones that share an address with others, by how many there are")
	all := 0
	for _, s := range f.Sites {
		all += s.Devices * s.Addresses
	}
	for begin := 0; begin < len(f.Sites); {
		end, phones, addresses := begin, 0, 0
		for end < len(f.Sites) && f.Sites[end].Devices < 2*f.Sites[begin].Devices {
			phones, addresses = phones+f.Sites[end].Devices*f.Sites[end].Addresses, addresses+f.Sites[end].Addresses
			end++
		}
		w.line("  - {devices: %d, weight: %.2f} # %s at %d addresses", int(math.Round(float64(phones)/float64(addresses))),
			100*float64(phones)/float64(all), report.Plural(phones, "phone"), addresses)
		begin = end
	}
	w.line("")
}

// events writes the power cut that the plan is about: the largest one of the logs, or one
// of all phones.
func (w *yamlWriter) events(f *learn.Findings) {
	w.line("phases: [{over: 1h}] # spread, as phones are that have run for a while")
	w.line("events:")
	wave := Largest(f)
	if wave == nil {
		w.line("  # The logs have no power cut: this one is a default.")
		w.line("  - {at: %s, power-cut: {for: 10m}}", scenario.Length(cutAt))
	} else {
		w.line("  # As on %s, when %s came back.", clock(wave.At), report.Plural(wave.Phones, "phone"))
		w.line("  - at: %s", scenario.Length(cutAt))
		w.line("    power-cut: {devices: %.2f%%, for: %s%s}", math.Ceil(1e4*min(wave.Share, 1))/100, scenario.Length(cutFor(wave)), over(wave))
	}
	w.line("")
}

// Largest returns the power cut with the most phones; nil: no power cut was found.
func Largest(f *learn.Findings) (largest *learn.Wave) {
	for i := range f.Waves {
		if w := &f.Waves[i]; w.Kind == learn.PowerCut && (largest == nil || w.Phones > largest.Phones) {
			largest = w
		}
	}
	return largest
}

// cutFor is how long the power was away before a wave; where it is not known, ten minutes.
func cutFor(w *learn.Wave) time.Duration {
	if w.Cut.IsZero() {
		return 10 * time.Minute
	}
	return max(w.At.Sub(w.Cut).Round(time.Second), time.Second)
}

// over says over what time the power came back, where the phones that do not spread
// themselves show it.
func over(w *learn.Wave) string {
	spread := w.Power.Duration()
	if spread < 3*time.Second {
		return ""
	}
	return ", over: " + scenario.Length(spread.Round(time.Second))
}

// server writes the model of the server.
func (w *yamlWriter) server(f *learn.Findings) {
	d := model.Default()
	i := slices.IndexFunc(f.Server.Times, func(t learn.ServerTimes) bool { return t.Class == "configuration" })
	w.line("server:")
	if 2*overHTTP(f) < len(f.List) {
		w.line("  tftp: # logs of TFTP servers tell no times")
		w.line("    accept: %s # a default: how long the server takes to begin a transfer", d.TFTP.Accept.Mean)
		w.line("    buffer: %d # a default: the requests that wait until the server takes them; the next ones are lost", d.TFTP.Buffer)
		w.line("    transfers: %d # a default: the most at once, 0 is no limit", d.TFTP.Transfers)
		return
	}
	w.line("  http:")
	if i >= 0 && f.Server.Times[i].P50 > 0 {
		t := f.Server.Times[i]
		// By the ninetieth of a hundred, which waits for something else do not reach.
		p99 := t.P50.Duration().Seconds() * math.Pow(max(1, float64(t.P90/t.P50)), 2.326/1.282)
		w.line("    # From %s in quiet seconds.", report.Plural(int(t.Count), "request"))
		w.line("    resync: {shape: lognormal, median: %s, p99: %s}", short(t.P50.Duration()), short(time.Duration(p99*1e9)))
	} else {
		why := "the logs have no time of requests"
		if f.Counts.Timed > 0 {
			why = "most requests took less than the logs' millisecond"
		}
		w.line("    resync: %s # a default: %s", d.HTTP.Resync.Mean, why)
	}
	if f.Server.Workers > 0 {
		w.line("    workers: %d # it was full: %s in a second, and the time that each takes", f.Server.Workers, report.Plural(int(f.Server.Peak), "request"))
	} else {
		w.line("    workers: %d # a default: the server was never full, its peak was %s in a second", d.HTTP.Workers, report.Plural(int(f.Server.Peak), "request"))
	}
	if ban := usualBan(f); ban != nil {
		w.line("  # From %s of addresses.", report.Plural(len(f.Bans), "ban"))
		w.line("  ban: {after: %d, window: 10m, for: %s, answer: %q}", max(1, ban.Misses), scenario.Length(max(ban.Lasted.Duration().Round(time.Second), time.Second)), strconv.Itoa(ban.Status))
	}
}

// thresholds writes what fails the plan: more phones without a configuration than there
// are already.
func (w *yamlWriter) thresholds(f *learn.Findings) {
	w.line("")
	w.line("thresholds: # what the logs have, and one phone of a hundred more")
	w.line("  - provisioned < %d%%", max(0, int(100*(1-float64(f.NoFile)/float64(max(1, f.Phones))))-1))
}

// usualBan returns a ban with the median length of all bans, and with the fewest misses
// before any of them, which are the limit; nil: no ban was found.
func usualBan(f *learn.Findings) *learn.Ban {
	if len(f.Bans) == 0 {
		return nil
	}
	bans := slices.SortedFunc(slices.Values(f.Bans), func(a, b learn.Ban) int { return cmp.Compare(a.Lasted, b.Lasted) })
	ban := slices.MinFunc(f.Bans, func(a, b learn.Ban) int { return cmp.Compare(a.Misses, b.Misses) })
	ban.Lasted = bans[len(bans)/2].Lasted
	if ban.Lasted == 0 {
		ban.Lasted = learn.Seconds(time.Hour.Seconds())
	}
	return &ban
}

// short writes a time with three digits, such as 4.12ms.
func short(d time.Duration) string {
	unit := time.Duration(1)
	for unit*1000 <= d {
		unit *= 10
	}
	return d.Round(max(unit, 1)).String()
}

// clock writes an instant for people.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
