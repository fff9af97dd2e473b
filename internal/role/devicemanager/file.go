package devicemanager

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

// The folders of the URL space (DM-URL-1).
const (
	FirmwareFolder = "/firmwarefiles/"
	genericFile    = "/ipp/dhcpoption160.cfg"
	proxyFolder    = "/ipp/httpproxy/"
)

// fileForms are the forms of paths and names of files, and of the model in a User-Agent.
var fileForms = sync.OnceValue(func() (f struct{ tenantFolder, otherFolder, emptyPart, model, modelTail *regexp.Regexp }) {
	f.tenantFolder = regexp.MustCompile(`^/ipp/(?:tenant|region)/([^/]+)/([^/]+)$`)
	f.otherFolder = regexp.MustCompile(`^/(?:configfiles|dynamicconfigfiles|ipp/httpproxy)/([^/]+)$`)
	f.emptyPart = regexp.MustCompile(`^Audiocodes_[A-Za-z0-9_.-]+_global_(?:GENERIC|LYNC)_empty\.cfg$`)
	f.model = regexp.MustCompile(`AUDC-IPPhone-([A-Za-z0-9]+)_|\(([A-Za-z0-9]+)`)
	f.modelTail = regexp.MustCompile(`HDG$`)
	return f
})

// ModelOf returns the model that a User-Agent names, or "" (DM-URL-4).
func ModelOf(userAgent string) string {
	m := fileForms().model.FindStringSubmatch(userAgent)
	if m == nil {
		return ""
	}
	return fileForms().modelTail.ReplaceAllString(m[1]+m[2], "HD")
}

// layers returns the settings that a device's file is made of. The device may be
// nil.
func (m *Machine) layers(t *Tenant, d *Device, model string) layers {
	l := layers{tenant: t.settings, template: t.templates[model]}
	l.builtin = map[string]string{
		"FirmwareFile": model + ".img", "Model": model, "Tenant": t.Name, "MAC": "", "Site": "", "UserName": "", "UserId": "", "PhoneNumber": "",
	}
	if d == nil {
		return l
	}
	l.device = d.settings
	if d.Tenant == t.Name {
		l.site, l.builtin["Site"] = t.site(d.Site), d.Site
	}
	for name, field := range map[string]string{"UserName": "userName", "UserId": "userId", "PhoneNumber": "phoneNumber"} {
		l.builtin[name] = clean(d.Field(field))
	}
	return l
}

// File answers a request for a file other than a firmware image.
func (m *Machine) File(now time.Time, a Ask) Answer {
	f := m.file(now, a)
	f.Record.Event, f.Record.URL = "file", cut(a.Path, 256)
	if f.Header == nil {
		f.Header = map[string]string{}
	}
	f.Header["Content-Type"] = "application/octet-stream"
	return f
}

func missing(text string) Answer {
	return Answer{Status: http.StatusNotFound, Body: []byte(text), Record: role.Record{Status: http.StatusNotFound}}
}

func (m *Machine) file(now time.Time, a Ask) Answer {
	if !a.gives() {
		return Answer{Status: http.StatusMethodNotAllowed, Header: map[string]string{"Allow": "GET, HEAD, POST"}, Record: role.Record{Status: http.StatusMethodNotAllowed}}
	}
	tenant, name := "", ""
	if a.Path == genericFile {
		return plain(generic(a.scheme(), a.authority(a.Port), a.authority(m.keepAlivePort(a))))
	} else if found := fileForms().tenantFolder.FindStringSubmatch(a.Path); found != nil {
		tenant, name = found[1], found[2]
	} else if found := fileForms().otherFolder.FindStringSubmatch(a.Path); found != nil {
		name = found[1]
	} else {
		return missing("")
	}
	mac, err := device.ParseMAC(strings.TrimSuffix(name, ".cfg"))
	switch {
	case err != nil || !strings.HasSuffix(name, ".cfg"):
		return m.part(name)
	case strings.HasPrefix(a.Path, proxyFolder):
		return plain(generic(a.scheme(), a.Host, a.Host))
	}
	return m.deviceFile(now, a, tenant, mac)
}

func plain(text string) Answer {
	return Answer{Status: http.StatusOK, Body: []byte(text), Record: role.Record{Status: http.StatusOK}}
}

// usualPart is the file that each device file begins with, unless the
// administrator has one of that name. It has one setting at its usual value: a
// phone refuses an included file without any (AC-CFG-5).
const usualPart = "ems_server/keep_alive_period=60\n"

// part returns a file for include.
func (m *Machine) part(name string) Answer {
	if body, ok := m.config.Parts[name]; ok {
		return Answer{Status: http.StatusOK, Body: body, Record: role.Record{Status: http.StatusOK}}
	}
	if fileForms().emptyPart.MatchString(name) {
		return plain(usualPart)
	}
	return missing("")
}

// deviceFile returns the file of one phone (DM-FILE-1). An empty tenant is the
// device's own.
func (m *Machine) deviceFile(now time.Time, a Ask, tenant string, mac device.MAC) Answer {
	d := m.devices[mac]
	model := ModelOf(a.UserAgent)
	if model == "" && d != nil && !m.config.StrictUA {
		model = d.Field("model")
	}
	if tenant == "" {
		tenant = DefaultTenant
		if d != nil {
			tenant = d.Tenant
		}
	}
	t := m.tenants[tenant]
	if t == nil || t.Templates[model] == "" {
		f := missing("tenant " + tenant + " and type " + model + " not found url")
		f.Record.Device, f.Record.Note = mac, "tenant "+cut(tenant, 64)+" has no template for model "+cut(model, 64)
		return f
	}
	l := m.layers(t, d, model)
	l.builtin["MAC"] = mac.String()
	var actions []Line
	if d != nil && m.tenants[d.Tenant].Mode() == ByFile && a.Method != http.MethodHead {
		actions = actionLines(m.take(now, d))
	}
	text, unresolved := l.text(model, actions)
	f := plain(text)
	f.Header = map[string]string{"X-Template-Name": t.Name + "_" + model}
	f.Record.Device = mac
	if n := strconv.Itoa(len(unresolved)); len(unresolved) > 0 {
		f.Header["X-Unresolved"] = n
		f.Record.Note = n + " placeholders without a value"
	}
	if len(actions) > 0 {
		f.Record.Note = strings.TrimPrefix(f.Record.Note+", "+strconv.Itoa(len(actions)/3)+" actions", ", ")
	}
	return f
}

// text returns a device file.
func (l layers) text(model string, actions []Line) (text string, unresolved []string) {
	kind := "GENERIC"
	if strings.HasPrefix(model, "HRS") {
		kind = "LYNC"
	}
	var b strings.Builder
	for _, s := range []Settings{l.template, l.tenant, l.site, l.device} {
		for _, line := range s.Lines {
			b.WriteString(line.format() + "\n")
		}
	}
	lines, unresolved := expand(b.String(), l.values())
	b.Reset()
	b.WriteString("include Audiocodes_" + model + "_global_" + kind + "_empty.cfg\n" + lines)
	for _, line := range append([]Line{{"system/type", model}}, actions...) {
		b.WriteString(line.format() + "\n")
	}
	return b.String(), unresolved
}

// Preview returns a device's file as it would be now, without its actions, and
// the placeholders that have no value.
func (m *Machine) Preview(mac device.MAC) (text string, unresolved []string) {
	d := m.devices[mac]
	if d == nil || m.tenants[d.Tenant].Templates[d.Field("model")] == "" {
		return "", nil
	}
	l := m.layers(m.tenants[d.Tenant], d, d.Field("model"))
	l.builtin["MAC"] = mac.String()
	return l.text(d.Field("model"), nil)
}

// generic is the file of a phone that knows nothing yet (DM-FILE-2). The password
// is the vendor's own and means "system".
func generic(scheme, host, keepAlives string) string {
	return "ems_server/keep_alive_period=60\n" +
		"ems_server/provisioning/url=" + scheme + "://" + keepAlives + "/\n" +
		"provisioning/method=STATIC\n" +
		"provisioning/configuration/url=" + scheme + "://" + host + "/configfiles/\n" +
		"provisioning/firmware/url=" + scheme + "://" + host + "/firmwarefiles/\n" +
		"ems_server/user_name=system\n" +
		"ems_server/user_password={\"VvlZOp5/5pM=\"}\n"
}

func (a Ask) scheme() string {
	if a.TLS {
		return "https"
	}
	return "http"
}

// authority returns the host that the client asked, with a port where it is not
// the scheme's.
func (a Ask) authority(port uint16) string {
	host := a.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + host + "]"
	}
	if !a.TLS && port == 80 || a.TLS && port == 443 {
		return host
	}
	return host + ":" + strconv.Itoa(int(port))
}

// keepAlivePort is 8081 where the manager listens there, as in reality.
func (m *Machine) keepAlivePort(a Ask) uint16 {
	if !a.TLS && slices.Contains(m.config.Ports, 8081) {
		return 8081
	}
	return a.Port
}
