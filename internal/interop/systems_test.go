//go:build linux

package interop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/resync"
)

// A system is a stand-in of a provisioning system in use, as far as phones see it. It
// has one phone, whose file it makes in the form of the phone's vendor.
type system struct {
	says string
	// status answers a request for a file, by its path and the User-Agent. 200 is the
	// phone's file, or the text that is not empty.
	status func(r *http.Request, mac string) (status int, text string)
	phones []onSystem
	// strange are the answers to a program that is no phone, by the path, where the
	// system has the phone 001565abcdef.
	strange map[string]int
}

// onSystem is a phone on a system: where it is led, and the answers to its requests in
// their order.
type onSystem struct {
	vendor   string
	mac      string // "": one of the vendor's
	lead     string // below the server's URL
	option66 bool   // the lease leads it there, else its vendor's settings
	answers  string
	want     resync.Outcome
}

// inPath finds a phone's address in the names that phones ask for; inAgent in a
// User-Agent, plain or with colons.
var (
	inPath  = regexp.MustCompile(`(?i)^(?:cfg)?([0-9a-f]{12})(?:\.(?:cfg|xml|txt)|-phone\.cfg)?$|-([0-9a-f]{12})\.htm$`)
	inAgent = regexp.MustCompile(`(?i)[0-9a-f]{2}(?::?[0-9a-f]{2}){5}`)
)

func macIn(pattern *regexp.Regexp, text string) string {
	parts := pattern.FindStringSubmatch(text)
	if parts == nil {
		return ""
	}
	found := strings.Join(parts[min(1, len(parts)-1):], "")
	return strings.ToLower(strings.ReplaceAll(found, ":", ""))
}

var systems = []system{
	{
		says: "finds the phone in the path, else in the User-Agent, and refuses others",
		status: func(r *http.Request, mac string) (int, string) {
			name := path.Base(r.URL.Path)
			asked := macIn(inPath, name)
			if asked == "" && strings.HasPrefix(name, "y0000") && strings.HasSuffix(name, ".cfg") {
				if asked = macIn(inAgent, r.UserAgent()); asked == "" {
					return http.StatusForbidden, ""
				}
			}
			switch asked {
			case "":
				return http.StatusNotFound, ""
			case mac:
				return http.StatusOK, ""
			}
			return http.StatusForbidden, ""
		},
		phones: []onSystem{
			{"yealink", "", "/app/provision", false, "404 001565abcdef.boot, 404 y000000000000.boot, 200 y000000000066.cfg, 200 001565abcdef.cfg", resync.Applied},
			{"flyingvoice-fip", "", "/app/provision", false, "404 789912abcdef.boot, 404 y000000000000.boot, 200 y000000000000.cfg, 200 789912abcdef.cfg", resync.Applied},
			{"grandstream", "", "/app/provision", false, "200 cfg000b82abcdef, 200 cfg000b82abcdef.xml", resync.Applied},
			{"snom", "", "/app/provision/", false, "404 snomD785.htm, 200 snomD785-000413ABCDEF.htm", resync.Applied},
			{"fanvil", "", "/app/provision/", false, "404 f0X4hw1.100.cfg, 200 00a859abcdef.cfg", resync.Applied},
			{"cisco-spa", "", "/app/provision/$MA.xml", true, "200 000e08abcdef.xml", resync.Applied},
			{"flyingvoice", "", "/app/provision/$MA.cfg", true, "200 0021f2abcdef.cfg", resync.Applied},
		},
		strange: map[string]int{"001565abcdef.cfg": 200, "001565000000.cfg": 403, "y000000000066.cfg": 403, "x.cfg": 404},
	},
	{
		says: "asks a plugin for each vendor, most by the User-Agent too",
		status: func(r *http.Request, mac string) (int, string) {
			agent, is := r.UserAgent(), func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(r.UserAgent()) }
			switch name := strings.TrimPrefix(r.URL.Path, "/"); name {
			case "Fanvil/" + mac + ".cfg":
				return http.StatusOK, ""
			case mac + ".cfg":
				if strings.HasPrefix(mac, "001565") {
					return http.StatusOK, ""
				}
			case "Grandstream/cfg" + mac + ".xml":
				if is(`^Grandstream Model HW \S+ SW \S+ DevId ` + mac + `$`) {
					return http.StatusOK, ""
				}
			case "snomD785.htm":
				if is(`snomD785-SIP`) {
					return http.StatusOK, `<setting-files><file url="snom-general.xml"/></setting-files>`
				}
			case "snomD785-" + strings.ToUpper(mac) + ".htm":
				if is(`snomD785-SIP`) {
					return http.StatusOK, `<setting-files><file url="{mac}.xml"/></setting-files>`
				}
			case "snom-general.xml":
				return http.StatusOK, "<settings><phone-settings><language>English</language></phone-settings></settings>"
			case strings.ToUpper(mac) + ".xml", mac + ".xml":
				if is(`(?i)` + mac) {
					return http.StatusOK, ""
				}
			case "spa504G.cfg":
				if strings.HasPrefix(agent, "Cisco/SPA504G-") {
					return http.StatusOK, fmt.Sprintf("<flat-profile><Profile_Rule_B>http://%[1]s/spa-phone.xml</Profile_Rule_B><Profile_Rule_C>http://%[1]s/$MA.xml</Profile_Rule_C></flat-profile>", r.Host)
				}
			case "spa-phone.xml":
				return http.StatusOK, "<flat-profile><Text_Logo>hello</Text_Logo></flat-profile>"
			}
			return http.StatusNotFound, ""
		},
		phones: []onSystem{
			{"yealink", "", "/", false, "404 001565abcdef.boot, 404 y000000000000.boot, 404 y000000000066.cfg, 200 001565abcdef.cfg", resync.Applied},
			{"grandstream", "", "/Grandstream", false, "404 cfg000b82abcdef, 200 cfg000b82abcdef.xml", resync.Applied},
			{"grandstream", "", "/", false, "404 cfg000b82abcdef, 404 cfg000b82abcdef.xml, 404 cfggxp2170.xml, 404 cfg.xml", resync.NotFound},
			{"snom", "", "/", false, "200 snomD785.htm, 200 snom-general.xml, 200 snomD785-000413ABCDEF.htm, 200 000413ABCDEF.xml", resync.Applied},
			{"fanvil", "", "/Fanvil/$mac.cfg", true, "200 00a859abcdef.cfg", resync.Applied},
			{"cisco-spa", "", "/spa$PSN.cfg", true, "200 spa504G.cfg, 200 spa-phone.xml, 200 000e08abcdef.xml", resync.Applied},
			{"flyingvoice", "", "/$MA.cfg", true, "404 0021f2abcdef.cfg", resync.NotFound},
		},
		strange: map[string]int{"001565abcdef.cfg": 200, "Fanvil/001565abcdef.cfg": 200, "Grandstream/cfg001565abcdef.xml": 404, "snomD785.htm": 404, "spa504G.cfg": 404, "001565abcdef.xml": 404},
	},
	{
		says: "has a pattern for the addresses of each maker, below a token",
		status: func(r *http.Request, mac string) (int, string) {
			name, below := strings.CutPrefix(r.URL.Path, "/provisioning/t0ken/")
			known := regexp.MustCompile(`^((001565|805ec0|0c383e|0021f2)[0-9a-f]{6}\.cfg|(?i:000413[0-9a-f]{6}\.xml))$`)
			switch {
			case !below || !known.MatchString(name):
				return http.StatusNotFound, ""
			case strings.ToLower(name[:12]) != mac:
				return http.StatusInternalServerError, "<html><body>oops</body></html>"
			}
			return http.StatusOK, ""
		},
		phones: []onSystem{
			{"yealink", "", "/provisioning/t0ken/", false, "404 001565abcdef.boot, 404 y000000000000.boot, 404 y000000000066.cfg, 200 001565abcdef.cfg", resync.Applied},
			{"yealink", "", "/provisioning/old/", false, "404 001565abcdef.boot, 404 y000000000000.boot, 404 y000000000066.cfg, 404 001565abcdef.cfg", resync.NotFound},
			{"fanvil", "0c383e000001", "/provisioning/t0ken/$mac.cfg", true, "200 0c383e000001.cfg", resync.Applied},
			{"snom", "", "/provisioning/t0ken/{mac}.xml", false, "200 000413ABCDEF.xml", resync.Applied},
			{"flyingvoice", "", "/provisioning/t0ken/$MA.cfg", true, "200 0021f2abcdef.cfg", resync.Applied},
			{"flyingvoice-fip", "", "/provisioning/t0ken/", false, "404 789912abcdef.boot, 404 y000000000000.boot, 404 y000000000000.cfg, 404 789912abcdef.cfg", resync.NotFound},
		},
		strange: map[string]int{"provisioning/t0ken/001565ABCDEF.cfg": 404, "provisioning/t0ken/001565000000.cfg": 500, "provisioning/001565abcdef.cfg": 404},
	},
	{
		says: "has exact paths, with the address in lower case, for everybody",
		status: func(r *http.Request, mac string) (int, string) {
			if strings.HasPrefix(r.URL.Path, "/phoneprov/") && slices.Contains([]string{"fv" + mac + ".cfg", mac + ".cfg", "cfg" + mac + ".xml"}, path.Base(r.URL.Path)) {
				return http.StatusOK, ""
			}
			return http.StatusNotFound, "<html><body>nothing here</body></html>"
		},
		phones: []onSystem{
			{"flyingvoice", "", "/phoneprov/fv$MA.cfg", true, "200 fv0021f2abcdef.cfg", resync.Applied},
			{"flyingvoice", "", "/phoneprov/fv$MAU.cfg", true, "404 fv0021F2ABCDEF.cfg", resync.NotFound},
			{"yealink", "", "/phoneprov", false, "404 001565abcdef.boot, 404 y000000000000.boot, 404 y000000000066.cfg, 200 001565abcdef.cfg", resync.Applied},
			{"grandstream", "", "/phoneprov", false, "404 cfg000b82abcdef, 200 cfg000b82abcdef.xml", resync.Applied},
			{"fanvil", "", "/phoneprov/", false, "404 f0X4hw1.100.cfg, 200 00a859abcdef.cfg", resync.Applied},
			{"snom", "", "/phoneprov/", false, "404 snomD785.htm, 404 snomD785-000413ABCDEF.htm", resync.NotFound},
		},
		strange: map[string]int{"phoneprov/001565abcdef.cfg": 200, "phoneprov/x.cfg": 404},
	},
}

// Phones of each family get their account from stand-ins of the systems that serve it,
// with the answers that those give, by the User-Agent where it decides.
func TestPhonesOnProvisioningSystems(t *testing.T) {
	for i := range systems {
		s := &systems[i]
		t.Run(strings.ReplaceAll(s.says, " ", "-"), func(t *testing.T) {
			t.Parallel()
			for _, ph := range s.phones {
				s.serves(t, &ph)
			}
			for name, want := range s.strange {
				r := httptest.NewRequest(http.MethodGet, "/"+name, nil)
				r.Header.Set("User-Agent", "curl/7.88.1")
				if got, _ := s.status(r, "001565abcdef"); got != want {
					t.Errorf("an outsider who asks for %s gets %d, want %d", name, got, want)
				}
			}
		})
	}
}

// serves boots a phone in front of a system.
func (s *system) serves(t *testing.T, ph *onSystem) {
	t.Helper()
	p, err := vendors.Lookup(ph.vendor)
	if err != nil {
		t.Fatal(err)
	}
	_, id := goodFiles(t, p, "")
	if ph.mac != "" {
		if id.MAC, err = device.ParseMAC(ph.mac); err != nil {
			t.Fatal(err)
		}
	}
	own := p.Own(p.Tree.Sample, p.Vars(id, device.Lease{}))
	var version profile.Builder
	if v, ok := p.Parameters.First(profile.Version); ok {
		version.Set(v.Name, "7", 0)
	}
	var mu sync.Mutex
	var answers []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, text := s.status(r, id.MAC.String())
		mu.Lock()
		answers = append(answers, fmt.Sprintf("%d %s", status, path.Base(r.URL.Path)))
		mu.Unlock()
		w.WriteHeader(status)
		if status == http.StatusOK && text == "" {
			text = string(p.Tree.Write("7", version.Config(), own))
		}
		fmt.Fprint(w, text)
	}))
	defer server.Close()
	settings, offer := map[string]string{}, device.TextOffer(66, server.URL+ph.lead)
	if !ph.option66 {
		implied, _, _ := p.Expand("server", server.URL+ph.lead)
		offer = nil
		for _, set := range implied {
			settings[set.Name] = set.Value
		}
	}
	for _, name := range []string{"DBID_RESYNC_RANDOM_DELAY", "Resync_Random_Delay"} {
		if _, has := p.Parameters.Find(name); has {
			settings[name] = "0"
		}
	}
	stored, records := vendorPhone(t, ph.vendor, id, offer, device.Certificates{}, settings)
	_, outcome := urlsOf(records)
	value, _ := stored.Config.Get(own[0].Name)
	if got := strings.Join(answers, ", "); got != ph.answers || outcome != ph.want || (value == own[0].Value) != (ph.want == resync.Applied) {
		t.Errorf("%s at %s: answers %s, want %s; the resync ends as %v, %s is %q", ph.vendor, ph.lead, got, ph.answers, outcome, own[0].Name, value)
	}
}
