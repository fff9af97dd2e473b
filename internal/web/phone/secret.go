package phone

import (
	"errors"
	"strings"
	"unicode/utf8"

	"provsim/profile"
	"provsim/profile/rule"
)

// hidden replaces a secret whose length is a secret too.
const hidden = "••••••••"

// shown returns a value as pages show it: without keys and passwords. An
// unknown setting is a secret if its name sounds like one.
func shown(t profile.Table, name, value string) string {
	p, known := t.Named(name)
	switch {
	case known && isRule(p):
		return redacted(value)
	case value == "":
		return ""
	case known && p.Type == profile.Secret, !known && soundsSecret(name):
		return hidden
	case p.Type.Hides():
		return p.Type.Show(value)
	case strings.Contains(value, "://"):
		return rule.Redact(value)
	}
	return value
}

func isRule(p profile.Parameter) bool {
	return p.Type == rule.Profile || p.Type == rule.Upgrade
}

// soundsSecret reports whether the name of an unknown setting is that of a secret. A
// name such as P406 may be.
func soundsSecret(name string) bool {
	name = strings.ToUpper(name)
	if digits := strings.TrimLeft(name, "P"); digits != name && strings.Trim(digits, "0123456789") == "" {
		return true
	}
	for _, word := range []string{"PASS", "PWD", "PSWD", "SECRET", "TOKEN"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return strings.HasSuffix(name, "KEY")
}

// redacted returns a rule, right or wrong, with stars for key and password.
func redacted(text string) string {
	r, err := rule.Parse(text)
	if err == nil {
		return r.Redacted()
	}
	var bad *rule.Error
	if errors.As(err, &bad) {
		return bad.Text
	}
	return hidden
}

// unredacted puts the stored secrets back into a rule that was typed: where its
// stars stand for them as redacted shows them.
func unredacted(typed, stored string) string {
	if typed == redacted(stored) {
		return stored
	}
	r, err := rule.Parse(typed)
	old, oldErr := rule.Parse(stored)
	if err != nil || oldErr != nil {
		return typed
	}
	changed := false
	restore := func(part *string, secret string) {
		if secret != "" && *part == strings.Repeat("*", utf8.RuneCountInString(secret)) {
			*part, changed = secret, true
		}
	}
	restore(&r.Key, old.Key)
	restore(&r.Password, old.Password)
	if !changed {
		return typed
	}
	return r.String()
}
