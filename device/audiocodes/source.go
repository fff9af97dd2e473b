package audiocodes

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// places are the URLs of the two files, with their macros (AC-SRC-2).
type places struct{ firmware, configuration string }

// The files of a part without a file name (AC-URL-2).
const (
	defaultImage  = "<MODEL>.img"
	defaultConfig = "<MAC>.cfg"
)

// suffixes are those of file names (AC-URL-2).
var suffixes = []string{".img", ".image", ".bin", ".zip", ".cfg", ".cfx", ".txt"}

// isFile reports whether the last segment of a path is a file's name.
func isFile(part string) bool {
	return slices.Contains(suffixes, strings.ToLower(path.Ext(path.Base(part))))
}

// readValue reads what a source says: a server and up to two parts (AC-URL-1). With
// names a directory of it takes these (AC-URL-5).
func readValue(value, names string, fromDirectory bool) (places, error) {
	server, parts, err := cutServer(value, "tftp")
	if err != nil {
		return places{}, err
	}
	firmware, configuration, _ := strings.Cut(parts, ";")
	firmware, configuration = strings.TrimSpace(firmware), strings.TrimSpace(configuration)
	if names != "" && !isFile(firmware) && !isFile(configuration) {
		image, config, _ := strings.Cut(names, ";")
		base := whole(firmware, "")
		firmware = base + strings.TrimSpace(image)
		if configuration = strings.TrimSpace(config); configuration != "" {
			configuration = base + configuration
		}
	}
	firmware = whole(firmware, defaultImage)
	switch directory := firmware[:strings.LastIndexByte(firmware, '/')+1]; {
	case configuration == "":
		configuration = directory + defaultConfig
	case fromDirectory:
		configuration = whole(directory+strings.TrimLeft(configuration, "/"), defaultConfig)
	default:
		configuration = whole(configuration, defaultConfig)
	}
	return places{server + firmware, server + configuration}, nil
}

// whole returns a part as a path from the server's root: that of a file, or that of a
// directory with a file's name added.
func whole(part, name string) string {
	part = "/" + strings.TrimLeft(part, "/")
	if isFile(part) {
		return part
	}
	if !strings.HasSuffix(part, "/") {
		part += "/"
	}
	return part + name
}

// cutServer cuts a value into its scheme and authority, and the rest.
func cutServer(value, scheme string) (server, rest string, err error) {
	text := strings.TrimSpace(value)
	if before, after, ok := strings.Cut(text, "://"); ok {
		scheme, text = strings.ToLower(strings.TrimSpace(before)), after
	}
	switch scheme {
	case "tftp", "http", "https", "ftp":
	default:
		return "", "", fmt.Errorf("found the scheme %s, want tftp, http, https or ftp", profile.Quote(scheme))
	}
	end := strings.IndexAny(text, "/;")
	if end < 0 {
		end = len(text)
	}
	authority := strings.TrimSpace(text[:end])
	if authority == "" {
		return "", "", fmt.Errorf("found no host, want a value such as http://192.0.2.1/firmware;configuration")
	}
	return scheme + "://" + authority, strings.TrimPrefix(text[end:], "/"), nil
}

// target returns where a URL of [places] leads for a phone (AC-URL-3).
func target(text, scheme string, id device.Identity, q device.Quirks) (profile.Target, error) {
	server, rest, err := cutServer(text, scheme)
	if err != nil {
		return profile.Target{}, err
	}
	text = expand(server+"/"+rest, id, q)
	server, rest, err = cutServer(text, scheme)
	if err != nil {
		return profile.Target{}, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return profile.Target{}, fmt.Errorf("want a URL such as http://192.0.2.1/path/, found one that does not parse")
	}
	t := profile.Target{Scheme: u.Scheme, Host: u.Hostname(), Port: profile.DefaultPort(u.Scheme), Path: "/" + strings.TrimSpace(rest)}
	if u.User != nil {
		t.User = u.User.Username()
		t.Password, _ = u.User.Password()
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return profile.Target{}, fmt.Errorf("found the port %s, want 1 to 65535", profile.Quote(port))
		}
		t.Port = uint16(n)
	}
	if t.Host == "" {
		return profile.Target{}, fmt.Errorf("found no host, want a URL such as http://192.0.2.1/path/")
	}
	return t, nil
}

// expand replaces the macros of a text, in any case (AC-URL-3).
func expand(text string, id device.Identity, q device.Quirks) string {
	return macro.Expand(text, anyCase{"MAC": fileMAC(id, q), "MODEL": id.Product}, macro.Angles)
}

// anyCase are variables whose names may be in any case.
type anyCase map[string]string

// Lookup returns the value of a variable.
func (v anyCase) Lookup(name string) (string, bool) {
	value, ok := v[strings.ToUpper(name)]
	return value, ok
}

// static returns a URL of the settings as a place of its own (AC-URL-4).
func static(text, name string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	server, rest, err := cutServer(text, "tftp")
	if err != nil {
		return "", err
	}
	return server + whole(strings.TrimSpace(rest), name), nil
}

// fromLease returns what DHCP says, the first source that gives something: the
// phone's own option, then 66 with 67, then 43 (AC-SRC-2, AC-URL-5).
func (s *session) fromLease() (places, bool, error) {
	lease := s.Device.Lease()
	text, names := steps.OptionText(lease, s.Text(optionNumber)), ""
	if text == "" {
		text, names = steps.OptionText(lease, "66"), steps.OptionText(lease, "67")
	}
	if text == "" && s.generation.option43 {
		text, names = steps.OptionText(lease, "43"), ""
	}
	if text == "" {
		return places{}, false, nil
	}
	p, err := readValue(text, names, s.Model.Quirks[cfgBase] == "dir")
	return p, true, err
}

// fromPnP asks for a URL by SIP PnP, in a check (AC-PNP-1, AC-PNP-2).
func (s *session) fromPnP() (p places, found, ok bool) {
	if s.Job != resync.Resync {
		return places{}, false, true
	}
	id := s.Device.Identity()
	event := fmt.Sprintf(`ua-profile;profile-type="application";model=%q;version=%q`, id.Product, id.Software)
	text, ok := s.PnP("00000001", event, "AUDC-IPPhone/"+id.Software)
	if !ok || text == "" {
		return places{}, false, ok
	}
	p, err := readValue(text, "", s.Model.Quirks[cfgBase] == "dir")
	if err != nil {
		s.say(device.Warned, "SIP PnP: %v", err)
	}
	return p, err == nil, true
}

// fromRedirect asks the redirect server, in a check. The Location of its answer is the
// value (AC-RED-1).
func (s *session) fromRedirect() (p places, found, ok bool) {
	base := s.Text(redirectURL)
	if base == "" || s.Job != resync.Resync {
		return places{}, false, true
	}
	t, err := target(base, "https", s.Device.Identity(), s.Model.Quirks)
	if err != nil {
		s.say(device.Warned, "redirect server: %v", err)
		return places{}, false, true
	}
	t.Path = strings.TrimSuffix(t.Path, "/") + "/" + s.Device.MAC().Upper()
	file, ok := s.Fetch(steps.Ask{
		Slot: "redirect", Target: t, Class: device.AuxClass, May: true, Note: "the redirect server does not know the phone",
		Pointed: true, Trusted: true, Open: func(body []byte) *device.File { return &device.File{More: pointer(body)} },
	})
	if !ok {
		return places{}, false, false
	}
	value, _ := file.More.(pointer)
	if value == "" {
		return places{}, false, true
	}
	if server, part, err := cutServer(string(value), "tftp"); err == nil && strings.EqualFold(path.Ext(part), ".cfg") && !strings.Contains(part, ";") {
		value = pointer(server + "/;" + part)
	}
	if p, err = readValue(string(value), "", s.Model.Quirks[cfgBase] == "dir"); err != nil {
		s.say(device.Warned, "redirect server: %v", err)
	}
	return p, err == nil, true
}

// pointer is where a redirect server leads.
type pointer string

// find returns where the files are, or why there is nowhere to look (AC-SRC-1,
// AC-SRC-2). It reports false where the job waits for an answer.
func (s *session) find() (places, device.Ending, bool) {
	refuse := func(err error) (places, device.Ending, bool) {
		return places{}, device.Ending{Outcome: resync.BadRule, Note: err.Error()}, true
	}
	firmware, configuration := firmwareURL, configURL
	switch strings.ToUpper(s.Text(method)) {
	case "DISABLE":
		return places{}, device.Ending{Outcome: resync.NoServer, Note: method + " is DISABLE"}, true
	case "DYNAMIC":
		p, found, err := s.fromLease()
		if err != nil {
			return refuse(err)
		}
		if !found {
			var ok bool
			if p, found, ok = s.fromPnP(); !ok {
				return p, device.Ending{}, false
			}
		}
		if !found && s.stored(firmwareLearnt) == "" && s.stored(configLearnt) == "" {
			var ok bool
			if p, found, ok = s.fromRedirect(); !ok {
				return p, device.Ending{}, false
			}
		}
		if found {
			s.learn(p)
			return p, device.Ending{}, true
		}
		firmware, configuration = firmwareLearnt, configLearnt
	}
	var p places
	var err error
	if p.firmware, err = static(s.value(firmware), defaultImage); err != nil {
		return refuse(err)
	}
	if p.configuration, err = static(s.value(configuration), defaultConfig); err != nil {
		return refuse(err)
	}
	if p == (places{}) {
		return places{}, s.Device.NoServer("neither DHCP nor "+configuration+" names a server", 160, 66, 67, 43), true
	}
	return p, device.Ending{}, true
}

// learn stores the URLs that DHCP has given (AC-SRC-2).
func (s *session) learn(p places) {
	s.Has(s.Model.Memo.File(s.Model, []byte(p.firmware+" "+p.configuration), "learnt", func() *device.File {
		var b profile.Builder
		b.Set(firmwareLearnt, p.firmware, 0)
		b.Set(configLearnt, p.configuration, 0)
		return &device.File{Name: "learnt", Config: b.Config()}
	}))
	if s.Text(firmwareLearnt) != s.stored(firmwareLearnt) || s.Text(configLearnt) != s.stored(configLearnt) {
		s.keeps = true
	}
}
