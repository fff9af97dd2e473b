package polycom

import (
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// within asks for a file below one of the master's folders (PC-FILE-6). A folder
// whose host is 0.0.0.0 switches its kind off.
func (p *phone) within(a steps.Ask, folder, name string) (*device.File, bool) {
	if below := p.master.get(folder, &p.product, p.vars); below != "" {
		name = strings.TrimSuffix(below, "/") + "/" + name
	}
	return p.get(a, name)
}

// switchedOff is the host of folders that are not used.
const switchedOff = "0.0.0.0"

// get asks for a file.
func (p *phone) get(a steps.Ask, name string) (*device.File, bool) {
	target, err := p.base.at(name)
	if err != nil || target.Host == switchedOff {
		f := &device.File{Name: a.Slot, Fault: device.Ending{Outcome: resync.NotFound, Note: "switched off"}}
		if err != nil {
			f.Fault = device.Ending{Outcome: resync.BadRule, Note: err.Error()}
		}
		return f, true
	}
	if target.User == "" {
		target.User, target.Password = p.Firmware.Text(serverUser), p.Firmware.Text(serverPass)
	}
	a.Target, a.Agent = target, p.agent
	if a.Timeout == 0 {
		a.Timeout = connectionTimeout
	}
	wait := p.seconds(serverWait)
	a.Tries = p.Firmware.Number(serverTries)
	a.Again = func(r *device.Reply) (time.Duration, bool) {
		if r.Outcome == resync.Timeout { // the wait counts from the start of the try
			return max(wait-a.Timeout, 0), true
		}
		return wait, unreachable(r.Outcome, target)
	}
	f, ok := p.Fetch(a)
	if !ok {
		return nil, false
	}
	p.latest = target.URL()
	if o := f.Fault.Outcome; unreachable(o, target) || o == resync.TLSUntrusted || o == resync.TLSName || o == resync.TLSClientCert || o == resync.TLS {
		p.down = f.Fault
	}
	return f, true
}

// unreachable reports whether there was no answer. An HTTP status and a TFTP error
// are answers (PC-RETRY-1).
func unreachable(o resync.Outcome, t profile.Target) bool {
	return o.Unanswered() && (o != resync.Refused || t.Scheme != "tftp")
}
