package dhcp

import (
	"fmt"
	"net/netip"
)

// Text says for people what an action is about, such as the note of a journal
// record.
func (a Action) Text() string {
	if a.Do == Use {
		l := &a.Reply.Lease
		text := fmt.Sprintf("%v leases %v", named(l.Server), l.Addr)
		if l.Duration != Never {
			text += fmt.Sprintf(" for %v", l.Duration)
		}
		return text
	}
	switch a.Why {
	case Silence:
		if a.State == Selecting {
			return "no DHCP server answers"
		}
		return fmt.Sprintf("%v offered %v and does not answer the REQUEST for it", a.Server, a.Addr)
	case Refused:
		text := fmt.Sprintf("%v refuses %v (NAK)", named(a.Reply.Server), a.Addr)
		if a.Reply.Text != "" {
			text += fmt.Sprintf(": %q", a.Reply.Text)
		}
		return text
	case Expired:
		return fmt.Sprintf("the lease of %v has ended, and no server has renewed it", a.Addr)
	case Conflicted:
		return fmt.Sprintf("somebody else uses %v, it is declined", a.Addr)
	case Rival:
		return fmt.Sprintf("%v sends %v too, but %v was chosen", named(a.Reply.Server), a.Reply.Type, a.Server)
	case Incomplete:
		return fmt.Sprintf("%v of %v: found no address, no server identifier or no lease time, want all (RFC 2131 table 3)", a.Reply.Type, named(a.Reply.Server))
	case Late:
		return fmt.Sprintf("%v of %v answers nothing that is asked", a.Reply.Type, named(a.Reply.Server))
	case Unsent:
		return fmt.Sprintf("%v not sent: %v", a.Message.Type, a.Err)
	}
	return fmt.Sprintf("sends %v", a.Message.Type)
}

// named returns how a server is called in a text.
func named(server netip.Addr) string {
	if !server.IsValid() {
		return "a server without identifier"
	}
	return server.String()
}
