package files

import (
	"fmt"
	"strconv"
	"time"

	"provsim/conform/check"
)

var staysProvisioned = check.Check{
	ID:          "files/18",
	Title:       "phones go on asking",
	Requirement: "A configuration lets the phone ask again: after a reboot or from time to time, with Provision Enable on.",
	Source:      "FV-RS-1, FV-RS-2, FV-RS-6",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "leave Provision Enable on, and Resync On Reset or Resync Periodic"}},
	Run: eachFile("a resync after a reboot or from time to time", func(f *file) []string {
		switch {
		case f.value("Provision Enable") == "0":
			return []string{"Provision Enable is turned off"}
		case f.value("Resync On Reset") == "0" && f.value("Resync Periodic") == "0":
			return []string{"Resync On Reset and Resync Periodic are turned off"}
		}
		return nil
	}),
}

// seldom is the shortest time between two resyncs that is no burden: with it a
// thousand phones make about three requests a second.
const seldom = 5 * time.Minute

var comesSeldom = check.Check{
	ID:          "files/19",
	Title:       "phones do not ask too often",
	Requirement: "A configuration sets Resync Periodic and Resync Error Retry Delay to five minutes or more, or to 0.",
	Source:      "FV-RS-5; the defaults are an hour",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "take an hour, the phones' default, or a day; who cannot wait reboots the phone"}},
	Run: eachFile("300 seconds or more", func(f *file) (faults []string) {
		for _, web := range []string{"Resync Periodic", "Resync Error Retry Delay"} {
			n, err := strconv.Atoi(f.value(web))
			if err == nil && n > 0 && time.Duration(n)*time.Second < seldom {
				faults = append(faults, fmt.Sprintf("%s is %d seconds", web, n))
			}
		}
		return faults
	}),
}

var comesSpread = check.Check{
	ID:          "files/20",
	Title:       "phones do not ask all at once",
	Requirement: "A configuration leaves Resync Random Delay on, so that the phones of a building do not all ask in the second when its power returns.",
	Source:      "FV-RS-3; provisioning guide, section 2.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "leave the 40 seconds of the default, or take more for many phones"}},
	Run: eachFile("a Resync Random Delay of more than 0", func(f *file) []string {
		if f.value("Resync Random Delay") == "0" {
			return []string{"Resync Random Delay is 0"}
		}
		return nil
	}),
}
