package steps

import (
	"time"

	"provsim/device"
	"provsim/resync"
)

// again says whether a request is made again after a reply.
func (a *Ask) again(reply *device.Reply) (time.Duration, bool) {
	if a.Again != nil {
		return a.Again(reply)
	}
	return a.Wait, unanswered(reply)
}

// unanswered reports whether a server gave no answer, or said that it cannot answer
// now.
func unanswered(r *device.Reply) bool {
	return r.Outcome.Unanswered() || r.Outcome == resync.Truncated || r.Outcome == resync.HTTPStatus && r.Status >= 500
}

// aside reports whether a step asks for something else than a configuration.
func (a *Ask) aside() bool { return a.Class != device.ConfigClass }

// judge turns a reply into the file of a step.
func (r *Run) judge(a *Ask, reply *device.Reply) *device.File {
	switch {
	case reply.Outcome != resync.None && (reply.Outcome != resync.Sent || a.Open == nil):
		return r.failed(a, reply.Outcome, reply.Note)
	case a.Open == nil, reply.Outcome == resync.Sent && len(reply.Body) == 0:
		return r.failed(a, resync.None, "")
	case len(reply.Body) == 0:
		return r.failed(a, resync.Empty, "the file has no bytes")
	}
	body := reply.Body
	if a.Whole { // not kept: it may be large
		file := a.Open(body)
		file.Name, file.Aside = a.Slot, a.aside()
		return file
	}
	if a.Head > 0 {
		body = body[:min(len(body), a.Head)]
	}
	key := a.Slot
	if a.Key != "" {
		key += "\x00" + a.Key
	}
	file := r.Model.Memo.File(r.Model, body, key, func() *device.File {
		file := a.Open(body)
		file.Name, file.Aside = a.Slot, a.aside()
		if !file.Aside || a.Marked {
			file.Digest = Digest(body)
		}
		return file
	})
	if a.Check != nil && file.Fault.Outcome == resync.None {
		if v := a.Check(file); v.Outcome != resync.None {
			return r.failed(a, v.Outcome, v.Note)
		}
	}
	return file
}

// failure is what the files of failed steps differ in.
type failure struct {
	slot    string
	aside   bool
	outcome resync.Outcome
	note    string
}

// failed returns the file of a step that failed, or that brought nothing to keep.
// Equal ones are one and the same file, so that phones share them.
func (r *Run) failed(a *Ask, o resync.Outcome, note string) *device.File {
	key := failure{a.Slot, a.aside(), o, note}
	file, ok := r.failures[key]
	if !ok {
		file = &device.File{Name: a.Slot, Aside: key.aside, Fault: device.Ending{Outcome: o, Note: note}}
		if r.failures == nil {
			r.failures = map[failure]*device.File{}
		}
		if len(r.failures) < mostFailures {
			r.failures[key] = file
		}
	}
	return file
}

// mostFailures bounds what is kept of failures: notes may hold what a server said.
const mostFailures = 1 << 10
