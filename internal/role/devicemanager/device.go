package devicemanager

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role/ippm"
)

// Bounds of what phones can store.
const (
	mostDevices     = 1_000_000
	mostFields      = 64
	mostFieldBytes  = 8 << 10 // of all fields of a device
	mostAlarms      = 1000    // of a device (DM-AL-1)
	mostAlarmsOfAll = 200_000
)

// The status words (DM-ST-1).
const (
	Started      = "started"
	Registered   = "registered"
	Unregistered = "unregistered"
	Offline      = "offline"
)

// A Field is a member of a keep-alive.
type Field struct{ Name, Value string }

// A Device is a phone that has sent a keep-alive, or was entered.
type Device struct {
	MAC        device.MAC `json:"mac"`
	Tenant     string     `json:"tenant"`
	Site       string     `json:"site,omitempty"`
	Text       string     `json:"text,omitempty"` // its own settings
	Fields     []Field    `json:"fields"`         // of the last keep-alive, sorted, without session and password
	ExternalIP netip.Addr `json:"externalIp"`
	FirstSeen  time.Time  `json:"firstSeen"`
	LastSeen   time.Time  `json:"lastSeen"`

	settings Settings
	waiting  []*action // for its file or its keep-alive
	alarms   []Alarm   // the newest last
	silent   bool      // offline by the clock, as the log has it
}

// An Alarm is what a phone complains about (AC-AL-1).
type Alarm struct {
	Time                                      time.Time
	Name, Severity, Source, Description, Info string
}

// Field returns a member of the device's last keep-alive.
func (d *Device) Field(name string) string {
	for _, f := range d.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// stored returns the status that the phone sent.
func (d *Device) stored() string { return d.Field("status") }

func (m *Machine) loadDevice(value []byte) error {
	var d Device
	err := json.Unmarshal(value, &d)
	if err == nil {
		d.settings, _, err = parseSettings(d.Text, inDevice)
	}
	m.devices[d.MAC] = &d
	return err
}

// silent reports whether a device is offline by the time of its last keep-alive
// (DM-ST-1).
func (m *Machine) silent(now time.Time, d *Device) bool {
	period := m.layers(m.tenants[d.Tenant], d, d.Field("model")).period()
	return period > 0 && now.Sub(d.LastSeen) > 2*time.Duration(period)*time.Minute+time.Minute
}

// Status returns the status of a device.
func (m *Machine) Status(now time.Time, d *Device) string {
	if m.silent(now, d) {
		return Offline
	}
	return d.stored()
}

// KeepAlive takes a phone's keep-alive (DM-KA-1 to DM-KA-4).
func (m *Machine) KeepAlive(now time.Time, from netip.Addr, body []byte) Answer {
	return m.keepAlive(from, body)(now)
}

// keepAlive reads a keep-alive, for which the machine is not needed, and returns what
// takes it.
func (m *Machine) keepAlive(from netip.Addr, body []byte) func(now time.Time) Answer {
	fields, err := ippm.Fields(body)
	kept := keep(fields)
	return func(now time.Time) Answer {
		a := m.takeKeepAlive(now, from, fields, kept, err)
		a.Record.Event = "keep-alive"
		return a
	}
}

func (m *Machine) takeKeepAlive(now time.Time, from netip.Addr, fields map[string]string, kept []Field, err error) Answer {
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	mac, err := device.ParseMAC(fields["mac"])
	if err != nil {
		return refuse(http.StatusBadRequest, "mac is missing or is no MAC address")
	}
	if m.config.StrictAuth && !m.proves(fields) {
		return refuse(http.StatusUnauthorized, "emsUserPassword is not the digest of sessionId, user and password")
	}
	d, note := m.devices[mac], ""
	isNew := d == nil
	if isNew {
		if len(m.devices) >= mostDevices {
			return refuse(http.StatusServiceUnavailable, "the manager has as many devices as it takes")
		}
		d = &Device{MAC: mac, Tenant: m.region(fields["region"]), FirstSeen: now}
		m.devices[mac] = d
		note = "new in tenant " + d.Tenant
	}
	changed := isNew || !slices.Equal(kept, d.Fields) || d.ExternalIP != from
	d.Fields, d.ExternalIP, d.LastSeen, d.silent = kept, from, now, false
	m.touch(deviceBucket, mac.String())
	a := answer(http.StatusOK, m.offer(now, d), note)
	a.Keep = changed
	a.Record.Device, a.Record.Outcome = mac, cut(d.stored(), 20)
	return a
}

// region returns the tenant of a new device: the one that it names, which is
// made if it is new, or the default one (DM-KA-3).
func (m *Machine) region(name string) string {
	if m.tenants[name] != nil {
		return name
	}
	if m.SetTenant(Tenant{Name: name, Templates: map[string]string{}}) != nil {
		return DefaultTenant
	}
	return name
}

// proves checks the stand-in of AC-KA-4.
func (m *Machine) proves(fields map[string]string) bool {
	sum := md5.Sum([]byte(fields["sessionId"] + ":" + m.config.User + ":" + m.config.Password))
	return same(fields["emsUserName"], m.config.User) && same(strings.ToLower(fields["emsUserPassword"]), hex.EncodeToString(sum[:]))
}

// keep returns the fields that are kept, sorted: all but the session and the
// password, up to a bound.
func keep(fields map[string]string) []Field {
	kept, size := make([]Field, 0, len(fields)), 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		size += len(name) + len(fields[name])
		if name == "sessionId" || name == "emsUserPassword" || len(kept) == mostFields || size > mostFieldBytes {
			continue
		}
		kept = append(kept, Field{strings.Clone(name), fields[name]})
	}
	return kept
}

// alertBody is the part of an alarm's body that is kept. Numbers come as texts
// and as numbers.
type alertBody struct {
	Alerts []map[string]json.RawMessage `json:"alerts"`
}

// Alert takes a phone's alarms (DM-AL-1).
func (m *Machine) Alert(now time.Time, from netip.Addr, body []byte) Answer {
	a := m.alert(now, from, body)
	a.Record.Event = "alarm"
	return a
}

func (m *Machine) alert(now time.Time, from netip.Addr, body []byte) Answer {
	var b alertBody
	if json.Unmarshal(ippm.Forgive(body), &b) != nil || len(b.Alerts) == 0 {
		return refuse(http.StatusBadRequest, "the body is no JSON object with alerts")
	}
	var mac device.MAC
	for _, raw := range b.Alerts {
		text := func(name string) string { return cut(ippm.Text(raw[name]), 256) }
		source := text("source")
		found, err := device.ParseMAC(source[strings.LastIndexByte(source, '/')+1:])
		d := m.devices[found]
		if err != nil || d == nil {
			continue
		}
		mac = found
		at, err := time.Parse("2006-01-02T15:04:05", text("date"))
		if err != nil {
			at = now
		}
		m.raise(d, Alarm{at, text("name"), severity(text("severity")), source, text("description"), text("additionalInfo1")})
	}
	note := strconv.Itoa(len(b.Alerts)) + " alarms from " + from.String()
	if mac == (device.MAC{}) {
		note += ", none of which names a device that the manager knows"
	}
	a := answer(http.StatusOK, struct{}{}, note)
	a.Record.Device = mac
	return a
}

func (m *Machine) raise(d *Device, a Alarm) {
	if len(d.alarms) > 0 && (len(d.alarms) >= mostAlarms || m.alarms >= mostAlarmsOfAll) {
		d.alarms = slices.Delete(d.alarms, 0, 1)
		m.alarms--
	}
	if m.alarms < mostAlarmsOfAll {
		d.alarms = append(d.alarms, a)
		m.alarms++
	}
}

// severity returns the word for a severity, whichever it is written by.
func severity(text string) string {
	words := []string{"info", "warning", "minor", "major", "critical"}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(words) {
		return words[n-1]
	}
	return strings.ToLower(text)
}

func cut(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// Seen is a device as pages show it.
type Seen struct {
	Device
	Status  string
	Mode    Mode
	Waiting int
	Alarms  []Alarm // the newest first
}

// Look returns a device.
func (m *Machine) Look(now time.Time, mac device.MAC) (Seen, bool) {
	d := m.devices[mac]
	if d == nil {
		return Seen{}, false
	}
	s := m.seen(now, d)
	s.Alarms = slices.Clone(d.alarms)
	slices.Reverse(s.Alarms)
	return s, true
}

func (m *Machine) seen(now time.Time, d *Device) Seen {
	s := Seen{Device: *d, Status: m.Status(now, d), Waiting: len(d.waiting), Mode: m.tenants[d.Tenant].Mode()}
	s.waiting, s.alarms = nil, nil
	return s
}

// Find returns up to most devices of a tenant, or of all with "", whose MAC or a
// field holds a text, sorted by MAC, and how many there are.
func (m *Machine) Find(now time.Time, tenant, text string, most int) (found []Seen, total int) {
	text = strings.ToLower(text)
	var all []*Device
	for mac, d := range m.devices {
		if tenant != "" && d.Tenant != tenant {
			continue
		}
		holds := strings.Contains(mac.String(), text) || slices.ContainsFunc(d.Fields, func(f Field) bool { return strings.Contains(strings.ToLower(f.Value), text) })
		if holds {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b *Device) int { return bytes.Compare(a.MAC[:], b.MAC[:]) })
	for _, d := range all[:min(most, len(all))] {
		found = append(found, m.seen(now, d))
	}
	return found, len(all)
}

// AllAlarms returns the newest alarms of all devices.
func (m *Machine) AllAlarms(most int) []Alarm {
	var all []Alarm
	for _, d := range m.devices {
		all = append(all, d.alarms...)
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Source, b.Source)) })
	return all[:min(most, len(all))]
}

// SetDevice puts a known device into a tenant and a site, with settings of its
// own.
func (m *Machine) SetDevice(mac device.MAC, tenant, site, text string) error {
	d := m.devices[mac]
	t := m.tenants[tenant]
	settings, _, err := parseSettings(text, inDevice)
	switch {
	case d == nil:
		return errNoDevice
	case t == nil:
		return errNoTenant
	case site != "" && !slices.Contains(t.Sites(), site):
		return errNoSite
	case err != nil:
		return err
	}
	d.Tenant, d.Site, d.Text, d.settings = tenant, site, text, settings
	m.touch(deviceBucket, mac.String())
	return nil
}

// RemoveDevice forgets a device until its next keep-alive.
func (m *Machine) RemoveDevice(mac device.MAC) error {
	d := m.devices[mac]
	if d == nil {
		return errNoDevice
	}
	m.alarms -= len(d.alarms)
	t := m.tenants[d.Tenant]
	t.waiting = slices.DeleteFunc(t.waiting, func(a *action) bool { return a.mac == mac })
	delete(m.devices, mac)
	m.touch(deviceBucket, mac.String())
	return nil
}

// Counts returns how many devices there are, by status.
func (m *Machine) Counts(now time.Time) map[string]int {
	counts := map[string]int{}
	for _, d := range m.devices {
		counts[m.Status(now, d)]++
	}
	return counts
}
