package ciscospa

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// reader reads the rules of a device.
type reader struct {
	*steps.Firmware
	device *device.Device
	config profile.Config // of which rules and GPP_A to GPP_P count
	name   string         // of the rule, for what is said of it; "" for none
}

func newReader(f *steps.Firmware, d *device.Device, config profile.Config) *reader {
	return &reader{f, d, config, ""}
}

// setting returns a setting that is a rule.
func (r *reader) setting(name string) string {
	if name == profileRule {
		if _, stored := r.config.Get(name); !stored {
			return factoryRule(r.device.Product().Name)
		}
	}
	if r.config == r.Config() { // what firmware remembers, for in a plan each phone asks for it
		return r.Text(name)
	}
	return r.Model.Parameters.Value(r.config, name)
}

// expand replaces the macros of a text (SPA-RULE-2).
func (r *reader) expand(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return newVars(r.device, r.config).expand(text)
}

// expandKey replaces those of a key, which may be secret ones.
func (r *reader) expandKey(text string) string {
	v := newVars(r.device, r.config)
	v.keys = true
	return v.expand(text)
}

// blank reports whether a rule is empty or a comment. Most rules of most phones are.
func blank(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || text[0] == '#'
}

// parse reads a rule; a blank one has no alternatives.
func (r *reader) parse(text string) (rule.Full, error) {
	if blank(text) {
		return nil, nil
	}
	full, err := rule.ParseFull(r.expand(text), r.device.Software())
	if err != nil && r.name != "" {
		err = fmt.Errorf("%s: %w", r.name, err)
	}
	return full, err
}

// find returns the alternative of a rule that is taken and where it leads; nil where the
// rule is skipped or fetches nothing.
func (r *reader) find(text string) (a *rule.Alternative, t profile.Target, err error) {
	full, err := r.parse(text)
	taken := full.Take()
	if err != nil || taken < 0 || full[taken].Target.IsZero() {
		return nil, t, err
	}
	t, err = r.locate(&full[taken])
	return &full[taken], t, err
}

// locate returns where an alternative leads, with the credentials of its options
// (SPA-RULE-6).
func (r *reader) locate(a *rule.Alternative) (profile.Target, error) {
	t, err := r.target(a.Target)
	if err != nil {
		return t, err
	}
	if _, posts := a.Option("post"); posts && t.Scheme == "tftp" {
		return t, errors.New(strings.TrimPrefix(r.name+": ", ": ") + "--post wants http or https")
	}
	if user, ok := a.Option("uid"); ok {
		t.User = r.expand(user)
	}
	if password, ok := a.Option("pwd"); ok {
		t.Password = r.expand(password)
	}
	return t, nil
}

// target completes the target of a rule with the server of the lease. For the first
// rule a URL of the lease takes the place of the whole rule (SPA-SRC-3).
func (r *reader) target(to rule.Rule) (profile.Target, error) {
	if to.Host != "" {
		return to.Target("")
	}
	server, whole, err := r.source()
	if err != nil {
		return profile.Target{}, err
	}
	if whole.Path == "" || r.name != profileRule {
		return to.Target(server)
	}
	return inPlaceOf(to, whole).Target("")
}

// inPlaceOf returns the URL of a lease that takes the place of a rule, whose path it has
// where it is a directory.
func inPlaceOf(to, whole rule.Rule) rule.Rule {
	if strings.HasSuffix(whole.Path, "/") {
		whole.Path += strings.TrimPrefix(to.Path, "/")
	}
	return whole
}

// source returns the server that the lease names, and where it names a URL that,
// with its macros expanded (SPA-SRC-2, SPA-SRC-3).
func (r *reader) source() (server string, whole rule.Rule, err error) {
	text, err := r.offered()
	if err != nil {
		return "", whole, err
	}
	text = newReader(r.Firmware, r.device, r.Config()).expand(text)
	if !strings.Contains(text, "://") {
		return text, whole, nil
	}
	whole, _, err = rule.ParseOption66(text, "")
	return rule.ServerOf(text), whole, err
}

// offered returns the first option of the lease that may name the server (SPA-SRC-4,
// SPA-SRC-5).
func (r *reader) offered() (string, error) {
	offer, numbers := r.device.Lease().Offer, "66"
	if !linksys(r.device.Product().Name) {
		numbers = r.Text("DHCP_Option_To_Use")
	}
	for number := range strings.SplitSeq(numbers, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 8)
		if err != nil || !offer.Has(uint8(n)) {
			continue
		}
		if addrs := offer.Addrs(uint8(n)); n == 150 && len(addrs) > 0 {
			return addrs[0].String(), nil
		}
		return offer.Text(uint8(n)), nil
	}
	return "", rule.ErrNoServer
}

// refusal turns a fault of a rule into the job's ending.
func refusal(err error) device.Ending {
	switch {
	case err == rule.ErrNoServer:
		return device.Ending{Outcome: resync.NoServer, Note: "no server: the rule names no host, and the lease has none of the options that may name one"}
	case errors.Is(err, rule.ErrNoServer):
		return device.Ending{Outcome: resync.NoServer, Note: err.Error()}
	}
	return device.Ending{Outcome: resync.BadRule, Note: err.Error()}
}

// triggered reports whether a condition of Resync_Trigger_1 or 2 holds (SPA-RULE-7).
// One that begins to hold with new values makes a resync due.
func (r *reader) triggered() bool {
	for _, name := range []string{"Resync_Trigger_1", "Resync_Trigger_2"} {
		c, err := rule.ParseCondition(r.expand(r.setting(name)), r.device.Software())
		if err == nil && len(c) > 0 && c.Holds() {
			return true
		}
	}
	return false
}

// ask completes a step by what an alternative says: where to ask, unless only the answer
// is still to be read, and how that is opened (SPA-RULE-6).
func (r *reader) ask(ask *steps.Ask, a *rule.Alternative, asks bool) (err error) {
	o := opener{limit: r.Model.ConfigLimit, cipher: r.Model.Cipher}
	key, keyed := a.Option("key")
	if letter, ok := a.Option("alias"); ok {
		o.aliases = r.purpose(letter)
	}
	if keyed {
		o.keyed, o.key = true, r.expandKey(key)
	}
	if ask.Open = o.open; keyed || o.aliases != "" {
		ask.Key = strconv.Quote(o.key) + o.aliases
	}
	if !asks {
		return nil
	}
	if letter, posts := a.Option("post"); posts {
		body := r.expand(r.purpose(letter))
		ask.Method, ask.Type = device.Post, "application/x-www-form-urlencoded"
		ask.Body = func() []byte { return []byte(body) }
	}
	ask.Target, err = r.locate(a)
	return err
}

// purpose returns the general purpose parameter of a letter.
func (r *reader) purpose(letter string) string {
	value, _ := r.config.Get("GPP_" + strings.ToUpper(letter))
	return value
}
