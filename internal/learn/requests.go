package learn

import (
	"bytes"
	"time"

	"provsim/device"
	"provsim/internal/learn/logs"
	"provsim/internal/learn/who"
)

// nameCount counts the requests for a name.
type nameCount struct {
	is             who.Name
	served, missed int64
	failed         int64
}

// ban is a time in which an address was refused.
type ban struct {
	begin, end ticks
	after      uint16 // misses before it, in the ten minutes until then
	status     int
}

// request counts a phone's request and its answer.
func (l *Learner) request(e *logs.Entry, now ticks, p *phone, from *address) {
	l.latest = max(l.latest, e.At)
	write := len(e.Method) > 1 && e.Method[0] == 'P' // PUT, POST
	n := l.name(e, p, write)
	ok := e.Status >= 200 && e.Status < 400
	missed := e.Status == 404 || e.Status == 410
	failed := e.Status >= 500
	config := n.is.Class == device.ConfigClass && !write
	if e.Amends {
		l.amend(p, n, config, missed)
		return
	}
	l.counts.Requests++
	if e.Kind == logs.TFTP {
		l.counts.TFTP++
	}
	p.web = e.Kind == logs.Web
	if !refused(e) { // which tells of a ban, and not whether the others are served
		l.outages.count(now, e.Status > 0 && !failed)
	}
	hour := l.hourOf(e.At)
	hour.Requests++
	if p.ask(now) {
		hour.Runs++
		l.outages.expect(p)
	}
	switch {
	case ok:
		n.served++
	case missed:
		n.missed++
		hour.Missed++
	case failed:
		n.failed++
		hour.Failed++
	}
	if config && ok {
		if p.served == 0 {
			l.unserved--
		}
		p.served++
		p.run.got++
		if n.is.Own && !n.is.Missing {
			p.ownServed++
		}
	}
	if missed && config && n.is.Own && !n.is.Missing {
		p.ownMissed++
	}
	l.server.count(e, n.is.Class, missed)
	if from != nil {
		l.banned(e, now, from, missed)
	}
	if e.Took >= 0 {
		l.counts.Timed++
	}
}

// amend takes back what the line about the request alone said: the file is missing.
func (l *Learner) amend(p *phone, n *nameCount, config, missed bool) {
	if n.served > 0 {
		n.served--
	}
	if !missed {
		n.failed++
		return
	}
	n.missed++
	if !config {
		return
	}
	if p.run.got > 0 {
		p.run.got--
	}
	if p.served > 0 {
		if p.served--; p.served == 0 {
			l.unserved++
		}
	}
	if n.is.Own && !n.is.Missing {
		p.ownMissed++
		if p.ownServed > 0 {
			p.ownServed--
		}
	}
}

// name returns the count of a file's name.
func (l *Learner) name(e *logs.Entry, p *phone, write bool) *nameCount {
	name := e.Path[bytes.LastIndexByte(e.Path, '/')+1:]
	if i := bytes.IndexByte(name, '%'); i > 0 { // what is escaped is no part of phones' names, and may hide a query
		name = name[:i]
	}
	l.scratch = who.AppendForm(l.scratch[:0], name)
	const longest = 80
	if len(l.scratch) > longest {
		l.scratch = l.scratch[:longest]
	}
	names := l.names[p.vendor]
	if n := names[string(l.scratch)]; n != nil {
		return n
	}
	form := string(l.scratch)
	if l.nameCount >= mostNames {
		form = "others"
		if n := names[form]; n != nil {
			return n
		}
	}
	l.nameCount++
	n := &nameCount{is: who.NameOf(l.vendorOf(p), l.texts[p.product], form, write)}
	names[form] = n
	return n
}

// Hour counts what phones did in an hour.
type Hour struct {
	Requests, Runs, Missed, Failed int64
}

func (l *Learner) hourOf(at int64) *Hour {
	number := at / time.Hour.Microseconds()
	if number == l.hour && l.inHour != nil {
		return l.inHour
	}
	h := l.hours[number]
	if h == nil {
		h = &Hour{}
		l.hours[number] = h
	}
	l.hour, l.inHour = number, h
	return h
}

// banWindow is the time before a ban in which misses count as its reason.
const banWindow = 10 * time.Minute

// refused reports whether an answer is that of a server that bans.
func refused(e *logs.Entry) bool { return e.Status == 403 || e.Status == 429 }

// banned notes when an address is refused, again and again, that was answered before. One
// that never was is not let in, which is no ban.
func (l *Learner) banned(e *logs.Entry, now ticks, from *address, missed bool) {
	const inRow = 3
	if refused(e) {
		if !from.answered {
			return
		}
		from.refused++
		if from.refused == 1 {
			from.since = now
		}
		if from.refused == inRow && from.ban == 0 && len(l.bans) < mostBans {
			l.bans = append(l.bans, ban{begin: from.since, end: never, after: from.misses, status: e.Status})
			from.ban = len(l.bans)
		}
		return
	}
	if from.ban > 0 {
		l.bans[from.ban-1].end = now
		from.ban, from.misses = 0, 0
	}
	from.refused = 0
	from.answered = from.answered || e.Status > 0 && e.Status < 500
	if missed {
		if now-from.window > inTicks(banWindow) {
			from.window, from.misses = now, 0
		}
		from.misses++
	}
}
