package avaya

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"provsim/profile"
)

// upTo is the type of a number from 0 to most.
func upTo(most uint64) profile.Type {
	return profile.NewType(fmt.Sprintf("number up to %d", most), func(value string) error {
		if n, err := strconv.ParseUint(value, 10, 32); err != nil || n > most {
			return fmt.Errorf("found %s, want a whole number from 0 to %d", profile.Quote(value), most)
		}
		return nil
	}, nil)
}

func checkPort(value string) error {
	if value == "" {
		return nil
	}
	if n, err := strconv.ParseUint(value, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("found %s, want a port from 1 to 65535", profile.Quote(value))
	}
	return nil
}

// checkDirectory holds a directory against AV-SRC-3.
func checkDirectory(value string) error {
	if len(value) > 127 || strings.ContainsAny(value, " \t") {
		return errors.New("want a directory of at most 127 characters without blanks")
	}
	return nil
}

func checkImage(value string) error {
	if value != "" && !isFileName(value) {
		return fmt.Errorf("found %s, want 1 to 50 letters, digits, dots, hyphens and _", profile.Quote(value))
	}
	return nil
}

// isFileName reports whether a name may be asked for (AV-FILE-5).
func isFileName(name string) bool {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}
	return name != "" && len(name) <= 50 && !strings.ContainsFunc(name, odd)
}
