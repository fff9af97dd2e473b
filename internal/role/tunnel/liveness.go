package tunnel

import "time"

// Times of a tunnel on which nothing comes in (WT-LIFE-2).
const (
	PingAfter = 30 * time.Second
	DeadAfter = 120 * time.Second
)

// Watch says what an end does at an instant at which nothing has come in for a
// time: ping, or take the peer for dead. Next is how long after that it looks
// again. Every is the time between pings, 0 for none; sent is how many pings there
// were since the last message.
func Watch(idle, every time.Duration, sent int) (ping, dead bool, next time.Duration) {
	if idle >= DeadAfter {
		return false, true, 0
	}
	next = DeadAfter - idle
	if every == 0 {
		return false, false, next
	}
	ping = idle >= time.Duration(sent+1)*every
	if ping {
		sent++
	}
	return ping, false, min(next, time.Duration(sent+1)*every-idle)
}
