package main

import (
	"strings"
	"testing"
)

// Bad flags of the phones' own servers, and flags that other vendors do not have, end in
// words.
func TestOwnServerRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"--site needs --device-port":                          {"--vendor", "audiocodes", "--site", "127.0.1.0/24"},
		"want a network such as 127.0.1.0/24":                 {"--vendor", "audiocodes", "--device-port", "8088", "--site", "127.0.1.1"},
		"the own server of Yealink phones is not emulated":    {"--vendor", "yealink", "--device-port", "8088"},
		"--tenant: phones of Yealink do not have it":          {"--vendor", "yealink", "--tenant", "Nir"},
		"--redirect-server: phones of Polycom do not have it": {"--vendor", "polycom", "--redirect-server", "https://192.0.2.1/"},
		"value out of range":                                  {"--vendor", "audiocodes", "--device-port", "65536"},
	} {
		for _, command := range [][]string{{"phone", "--for", "1ms"}, {"fleet", "--devices", "1", "--option66", "127.0.0.1", "--for", "1s"}} {
			code, out, talk := provsim(t.Context(), append(command, args...)...)
			if code != exitUsage || !strings.Contains(talk, want) {
				t.Errorf("%s %q: exit code %d, %q %q; want %d and %q", command[0], args, code, out, talk, exitUsage, want)
			}
		}
	}
}
