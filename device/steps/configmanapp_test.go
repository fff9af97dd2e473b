package steps_test

import (
	"testing"

	"provsim/device"
	"provsim/device/steps"
)

func TestConfigManApp(t *testing.T) {
	const path = "/cgi-bin/ConfigManApp.com"
	login := device.Account{User: "admin", Password: "admin"}
	for _, c := range []struct {
		request device.WebRequest
		status  int
		ask     device.InputKind
	}{
		{device.WebRequest{Method: "GET", Path: path, Query: "key=AutoP", Login: login}, 200, device.AskResync},
		{device.WebRequest{Method: "GET", Path: path, Query: "key=Reboot", Login: login}, 200, device.AskReboot},
		{device.WebRequest{Method: "GET", Path: path, Query: "key=Reset", Login: login}, 400, device.Tick},
		{device.WebRequest{Method: "GET", Path: path, Query: "%zz", Login: login}, 400, device.Tick},
		{device.WebRequest{Method: "GET", Path: path, Query: "key=AutoP"}, 401, device.Tick},
		{device.WebRequest{Method: "GET", Path: path, Query: "key=AutoP", Login: device.Account{User: "admin", Password: "1234"}}, 401, device.Tick},
		{device.WebRequest{Method: "POST", Path: path, Query: "key=AutoP", Login: login}, 405, device.Tick},
		{device.WebRequest{Method: "GET", Path: "/", Query: "key=AutoP", Login: login}, 404, device.Tick},
	} {
		if a := steps.ConfigManApp(nil, nil, &c.request); a.Status != c.status || a.Ask != c.ask || (a.Realm != "") != (c.status == 401) {
			t.Errorf("%+v: %+v, want %d and %v", c.request, a, c.status, c.ask)
		}
	}
}
