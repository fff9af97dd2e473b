package steps

import (
	"net/url"

	"provsim/device"
)

// The address of a phone's own web server that asks for a resync or a reboot, and who
// may ask: the user and the password as shipped.
const configManApp = "/cgi-bin/ConfigManApp.com"

var configManLogin = device.Account{User: "admin", Password: "admin"}

// ConfigManApp is a phone's own web server that has one address, [device.Personality].Web:
// GET /cgi-bin/ConfigManApp.com?key=AutoP resyncs, and key=Reboot reboots (FIP-TRG-4,
// FA-TRG-4).
func ConfigManApp(_ *device.Device, _ *device.WebState, r *device.WebRequest) device.WebAnswer {
	values, _ := url.ParseQuery(r.Query)
	ask, known := map[string]device.InputKind{"AutoP": device.AskResync, "Reboot": device.AskReboot}[values.Get("key")]
	switch {
	case r.Path != configManApp:
		return device.WebAnswer{Status: 404}
	case r.Method != "GET":
		return device.WebAnswer{Status: 405, Allow: "GET"}
	case r.Login != configManLogin:
		return device.WebAnswer{Status: 401, Realm: "IP Phone"}
	case !known:
		return device.WebAnswer{Status: 400, Type: "text/plain", Body: []byte("The key is neither AutoP nor Reboot.\n")}
	}
	return device.WebAnswer{Status: 200, Type: "text/plain", Body: []byte("OK\n"), Ask: ask}
}
