package ciscospa

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/resync"
)

// report sends all parameters where Report_Rule says, once (SPA-REP-1).
func report(r *steps.Run) {
	if reply := r.Reply(); reply != nil {
		r.End(device.Ending{Outcome: cmp.Or(reply.Outcome, resync.Sent), Note: reply.Note})
		return
	}
	rules := newReader(r.Firmware, r.Device, r.Firmware.Config())
	a, target, err := rules.find(rules.setting("Report_Rule"))
	if a == nil && err == nil {
		err = errors.New("Report_Rule names no place to send a report to")
	}
	if err != nil {
		r.End(refusal(err))
		return
	}
	ask := steps.Ask{Target: target, Class: device.StatusClass, Type: "text/xml", Method: device.Post}
	if target.Scheme == "tftp" || r.Model.Quirks.On(reportPut) {
		ask.Method = device.Write
	}
	m, stored, mac := r.Model, r.Device.Stored().Config, r.Device.MAC()
	key, keyed := a.Option("key")
	_, delta := a.Option("delta")
	key = rules.expandKey(key)
	ask.Body = func() []byte {
		body := writeProfile(m.Parameters, stored, delta)
		if keyed {
			var salt encrypt.Entropy // the device's own: a report needs no more, and no run depends on chance
			copy(salt[:], mac[:])
			body, _ = m.Cipher.Encrypt(nil, body, key, salt) // nil where that fails
		}
		return body
	}
	r.Fetch(ask)
}

// writeProfile returns parameters as a file (SPA-FMT-2): all, or those that are not
// at their defaults. Passwords are left out, and keys in rules are stars.
func writeProfile(known profile.Table, config profile.Config, changed bool) []byte {
	var b bytes.Buffer
	b.WriteString("<flat-profile>\n")
	for p := range known.All() {
		if _, stored := config.Get(p.Name); p.Type == profile.Secret || changed && !stored {
			continue
		}
		b.WriteString("<" + p.Name + ` ua="na">`)
		xml.EscapeText(&b, []byte(p.Type.Show(known.Value(config, p.Name)))) // a bytes.Buffer takes all that is written
		b.WriteString("</" + p.Name + ">\n")
	}
	b.WriteString("</flat-profile>\n")
	return b.Bytes()
}

// message returns the syslog message of an event of a device and the server that it
// goes to, both empty where the phone sends none (SPA-LOG-1).
func message(d *device.Device, e *device.Event) (server, text string) {
	kind := map[device.EventKind]string{
		device.ResyncStart: "Log_Resync_Request_Msg", device.UpgradeStart: "Log_Upgrade_Request_Msg",
		device.ResyncDone: "Log_Resync_Failure_Msg", device.UpgradeDone: "Log_Upgrade_Failure_Msg",
	}[e.Kind]
	if e.Outcome.Success() {
		kind = strings.Replace(kind, "Failure", "Success", 1)
	}
	config, known := d.Stored().Config, d.Model().Parameters
	if server = known.Value(config, "Syslog_Server"); server == "" || kind == "" {
		return "", ""
	}
	v := newVars(d, config)
	v.cause, v.url, v.note = e.Cause, e.URL, errorText(e)
	if text = v.expand(known.Value(config, kind)); text == "" {
		return "", ""
	}
	return server, text
}

// errorText is what $ERR says (SPA-LOG-2).
func errorText(e *device.Event) string {
	switch {
	case e.Outcome.Success():
		return e.Version
	case e.Outcome == resync.Corrupt, e.Outcome == resync.BadKey:
		return "corrupt file"
	case strings.HasPrefix(e.URL, "http"):
		return "http_get failed"
	}
	return e.Outcome.String()
}
