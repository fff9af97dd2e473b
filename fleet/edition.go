package fleet

import (
	"strings"
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/macro"
	"provsim/profile"
)

// edition is one version of the configuration that the server gives out.
type edition struct {
	part     Part
	occasion uint64
	at, over time.Duration
	config   profile.Config
	image    int64         // bytes of the firmware that goes with it
	reply    *device.Reply // the file, where all devices get the same
}

// editions returns the versions in the order of their events. Each has the
// settings of all before it.
func (c *crew) editions() ([]edition, error) {
	config, err := settings(profile.Config{}, c.Configuration.Settings)
	if err != nil {
		return nil, err
	}
	list := []edition{{config: config, image: defaultFirmwareSize}}
	if list[0].config, err = versioned(config, c.Configuration.Version); err != nil {
		return nil, err
	}
	for i := range c.Events {
		e := &c.Events[i]
		for k, at := range e.occurrences(c.Duration) {
			next, ok, err := e.edition(list[len(list)-1], k)
			if err != nil {
				return nil, err
			}
			if ok {
				next.at, next.occasion = at, occasion(i, k)
				list = append(list, next)
			}
		}
	}
	return list, nil
}

// occasion numbers the times that an event happens.
func occasion(event, cycle int) uint64 { return uint64(event)<<32 | uint64(cycle) }

// edition returns what the event makes of the edition before, and false for an
// event that is no rollout.
func (e *Event) edition(before edition, cycle int) (next edition, ok bool, err error) {
	next.image = before.image
	version, set := "", map[string]string(nil)
	switch {
	case e.Rollout != nil:
		next.part, next.over, version, set = e.Rollout.Part, e.Rollout.Over, e.Rollout.Version, e.Rollout.Settings
	case e.Firmware != nil:
		f := e.Firmware
		next.part, next.over, version, next.image = f.Part, f.Over, f.Version, f.Size
		set = map[string]string{"Upgrade Rule": f.Rule}
	default:
		return next, false, nil
	}
	if next.config, err = settings(before.config, set); err != nil {
		return next, false, err
	}
	if counted, ok := nextVersion(version, cycle); ok {
		version = counted
	}
	next.config, err = versioned(next.config, version)
	return next, true, err
}

func versioned(config profile.Config, version string) (profile.Config, error) {
	p, _ := flyingvoice.Personality.Parameters.First(profile.Version)
	return config.With(p.Name, version)
}

// sealing is how the server makes files of configurations.
type sealing struct {
	cipher    encrypt.Cipher
	key       string // with macros; empty: files are plain
	perDevice map[string]string
	size      int
}

func (c *crew) sealing() sealing {
	s := sealing{cipher: c.model.Cipher, perDevice: c.Configuration.PerDevice, size: c.Configuration.Size}
	if c.Configuration.Plain {
		return s
	}
	s.key = c.Configuration.Key
	if rule, err := profile.ParseRule(c.Population.ProfileRule); s.key == "" && err == nil {
		s.key = rule.Key
	}
	return s
}

// shared reports whether all devices get the same file.
func (s *sealing) shared() bool { return len(s.perDevice) == 0 && !strings.Contains(s.key, "$") }

// file returns the file for one device, or for all. The salt of a sealed one
// need not be secret, but must be the same in each run.
func (s *sealing) file(config profile.Config, vars macro.Vars, salt uint64) ([]byte, error) {
	body := config.Append(nil)
	for _, name := range sorted(s.perDevice) {
		body = append(append(append(body, name...), '='), macro.Expand(s.perDevice[name], vars, macro.Sipura)...)
		body = append(body, '\n')
	}
	body = padded(body, s.size)
	if s.key == "" {
		return body, nil
	}
	var entropy encrypt.Entropy
	for i := range entropy {
		entropy[i] = byte(mix(salt+uint64(i)) >> 56)
	}
	return s.cipher.Seal(nil, body, macro.Expand(s.key, vars, macro.Sipura), entropy)
}

// padded fills a file up with comments.
func padded(body []byte, size int) []byte {
	const line = "################################################################\n"
	for len(body) < size {
		body = append(body, line[max(0, len(line)-(size-len(body))):]...)
	}
	return body
}
