package device

import (
	"testing"
)

// URLs are for journals: no credentials, no port that goes without saying.
func TestRequestURL(t *testing.T) {
	for want, r := range map[string]Request{
		"http://h/x":             {Scheme: "http", Host: "h", Port: 80, Path: "/x", User: "u", Password: "p"},
		"http://h:8080/x?q":      {Scheme: "http", Host: "h", Port: 8080, Path: "/x?q"},
		"tftp://[2001:db8::1]/x": {Scheme: "tftp", Host: "2001:db8::1", Port: 69, Path: "/x"},
		"https://[::1]:1/x":      {Scheme: "https", Host: "::1", Port: 1, Path: "/x"},
	} {
		if got := r.URL(); got != want {
			t.Errorf("URL %s, want %s", got, want)
		}
	}
}
