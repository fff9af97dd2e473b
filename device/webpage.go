package device

import (
	"provsim/profile"
	"provsim/resync"
)

// configure stores what a person has saved on the web page. It is in force from
// the next boot on (FV-RS-12). A configuration file that names a version brings
// it along, so that the server's file of that version is unchanged (FV-CFG-3).
func (s *step) configure(in *Input) {
	next := *s.stored
	var order Order
	if saves := s.model.Personality.Saves; saves != nil {
		next.Config, order = saves(next.Config, in.Config)
	} else {
		next.Config = next.Config.Merge(in.Config)
	}
	if p, ok := s.model.Parameters.First(profile.Version); ok {
		if version, ok := in.Config.Get(p.Name); ok {
			next.Version = version
		}
	}
	if in.Certificates != nil {
		next.Certificates = in.Certificates
	}
	s.save(next)
	if order != "" {
		s.fx = append(s.fx, Effect{Do: Obey, Event: Event{Note: string(order)}})
	}
}

// install judges an uploaded image as if it had been fetched (FV-UP-6), stores it
// and reboots (FV-UP-5). It is refused where it would break into a call or into
// another job. The person can try again.
func (s *step) install(in *Input) {
	if s.lines != 0 || s.job != resync.NoJob {
		s.say(Event{Kind: Warned, Job: resync.Upgrade, Note: "firmware was uploaded, but a line is active or another job under way"})
		return
	}
	m := s.firmware.Next(s.Device, resync.Upgrade, in.Reply)
	ending, draft := m.Ending, m.Draft
	note := "uploaded by a person"
	if ending.Note != "" {
		note += "; " + ending.Note
	}
	s.say(Event{
		Kind: UpgradeDone, Job: resync.Upgrade, Cause: resync.Person, Outcome: ending.Outcome,
		Bytes: in.Reply.Bytes, Version: ending.Version, Note: note,
	})
	if ending.Outcome == resync.Applied {
		next, _ := s.firmware.Commit(draft, *s.stored)
		s.reboot(next, resync.Firmware)
	}
}
