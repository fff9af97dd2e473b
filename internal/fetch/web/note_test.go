package web

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"
)

func TestNotesArePrintable(t *testing.T) {
	for note, want := range map[string]string{
		"plain":                   "plain",
		"Köln":                    "Köln",
		"a\r\nb\x1b[2J\x7f\u009b": "a??b?[2J??",
		"\xff\xfe":                "??",
		strings.Repeat("x", 401):  strings.Repeat("x", 400) + "...",
	} {
		if got := printable(note); got != want {
			t.Errorf("%q becomes %q, want %q", note, got, want)
		}
	}
}

func TestBothEndsOfAValidity(t *testing.T) {
	cert := &x509.Certificate{
		NotBefore: time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC),
		NotAfter:  time.Date(2101, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	if got, want := outOfDate(cert), "not valid before 2100-01-02 03:04:05 UTC"; got != want {
		t.Errorf("in the future: %q, want %q", got, want)
	}
	cert.NotBefore = time.Time{}
	cert.NotAfter = time.Date(2001, 1, 2, 3, 4, 5, 0, time.UTC)
	if got, want := outOfDate(cert), "expired on 2001-01-02 03:04:05 UTC"; got != want {
		t.Errorf("in the past: %q, want %q", got, want)
	}
}
