package vendor_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"provsim/conform/internal/testing/proof"
	"provsim/encrypt"
)

const html = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please sign in</body></html>\n"

// anyName answers names that end so, and that the server does not have, with a page and
// status 200.
func anyName(s *server, suffix string) {
	s.before = func(files http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.files[r.URL.Path] == nil && strings.HasSuffix(r.URL.Path, suffix) {
				fmt.Fprint(w, html)
				return
			}
			files.ServeHTTP(w, r)
		})
	}
}

// own returns the path of a file with a name around the phone's address.
func (s *server) own(before, after string) string {
	return "/p/" + before + s.id.MAC.String() + after
}

var yealinkMutants = proof.Mutants{
	"yealink/1": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { anyName(s, ".boot") }),
		Expected: "a boot file, or none", Actual: "abcdef.boot: corrupt: the first line is not #!version",
	},
	"yealink/2": {
		Setup: on("yealink", func(_ testing.TB, s *server) {
			s.files["/p/y000000000000.boot"] = []byte("#!version:1.0.0.1\n[T48S]include:config \"y000000000065.cfg\"\noverwrite_mode = 0\n")
		}),
		Expected: "an include that counts for the phone", Actual: "y000000000000.boot includes nothing for a T46S",
	},
	"yealink/3": {
		Setup: on("yealink", func(_ testing.TB, s *server) {
			s.target.Product = "T48S"
		}),
		Expected: "the common file under the model's number", Actual: "y000000000065.cfg is missing, and the server has y000000000066.cfg",
	},
	"yealink/4": {
		Setup: on("yealink", func(_ testing.TB, s *server) { dated(s, s.own("", ".cfg"), 1) }),
		// Other settings each time are worse.
		Expected: "equal bytes", Actual: ".cfg: the same settings, and other comments",
	},
	"yealink/4 settings": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { dated(s, s.own("", ".cfg"), 0) }),
		Expected: "equal bytes", Actual: ".cfg: other settings",
	},
	"yealink/5": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { firmwareInCommon(s, "T46S-66.86.0.99.rom", true) }),
		Expected: "the phone's own file", Actual: "T46S-66.86.0.99.rom is loaded before",
	},
	"yealink/5 missing": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { firmwareInCommon(s, "gone.rom", false) }),
		Expected: "the phone's own file", Actual: "gone.rom is named before the phone's own file, and the server does not have it",
	},
}

// dated writes a number that changes from answer to answer into a file: in a comment, or
// as a setting.
func dated(s *server, path string, comments int) {
	var answers atomic.Int32
	body := string(s.files[path])
	s.before = func(files http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				fmt.Fprintf(w, "%s%s a = %d\n", body, strings.Repeat("#", comments), answers.Add(1))
				return
			}
			files.ServeHTTP(w, r)
		})
	}
}

func firmwareInCommon(s *server, name string, there bool) {
	for file := range s.files {
		if strings.HasPrefix(file, "/p/y0") {
			s.files[file] = append(s.files[file], "static.firmware.url = "+name+"\n"...)
		}
	}
	if there {
		s.files["/p/"+name] = []byte("image")
	}
}

var fipMutants = proof.Mutants{
	"flyingvoice-fip/1": {
		Setup:    on("flyingvoice-fip", func(_ testing.TB, s *server) { anyName(s, ".boot") }),
		Expected: "a boot file, or none", Actual: "corrupt",
	},
	"flyingvoice-fip/2": {
		Setup: on("flyingvoice-fip", func(_ testing.TB, s *server) {
			s.files[s.own("", ".boot")] = []byte("#!version:1.0.0.1\n")
		}),
		Expected: "an include", Actual: "includes nothing for a FIP13G",
	},
	"flyingvoice-fip/3": {
		Setup:    on("flyingvoice-fip", func(_ testing.TB, s *server) { dated(s, s.own("", ".cfg"), 1) }),
		Expected: "equal bytes", Actual: "other comments",
	},
	"flyingvoice-fip/4": {
		Setup:    on("flyingvoice-fip", func(_ testing.TB, s *server) { firmwareInCommon(s, "FIP13G-V0.9.9.bin", true) }),
		Expected: "the phone's own file", Actual: "FIP13G-V0.9.9.bin is loaded before",
	},
}

var grandstreamMutants = proof.Mutants{
	"grandstream/1": {
		Setup: on("grandstream", func(_ testing.TB, s *server) {
			s.files[s.own("cfg", ".xml")] = []byte(`<gs_provision version="1"><config version="1"><P212>1</P212><P237>http://192.0.2.1/gs</P237></config></gs_provision>`)
		}),
		Expected: "a path without a scheme", Actual: `P237 begins with "http://"`,
	},
	"grandstream/2": {
		Setup: on("grandstream", func(_ testing.TB, s *server) {
			s.files[s.own("cfg", ".xml")] = []byte(`<gs_provision version="1"><mac>000b82000001</mac><config version="1"><P271>1</P271></config></gs_provision>`)
		}),
		Expected: "files for the phone", Actual: "the file is for ",
	},
	"grandstream/3": {
		Setup: on("grandstream", func(t testing.TB, s *server) {
			name := s.own("cfg", ".xml")
			s.files[name] = sealed(t, s.files[name])
			s.target.Set = []string{"P1359=k3y"}
		}),
		Expected: "files that open", Actual: ".xml: bad-key: ",
	},
}

// sealed encrypts as openssl enc does since version 1.1.
func sealed(t testing.TB, plain []byte) []byte {
	cipher, err := encrypt.Lookup("openssl-sha256")
	if err != nil {
		t.Fatal(err)
	}
	body, err := cipher.Encrypt(nil, plain, "k3y", encrypt.Entropy{})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

var snomMutants = proof.Mutants{
	"snom/1": {
		Setup: on("snom", func(_ testing.TB, s *server) {
			delete(s.files, "/p/snomD785.htm")
			anyName(s, ".htm")
		}),
		Expected: "a configuration, or none", Actual: "snomD785.htm: corrupt: ",
	},
}

var fanvilMutants = proof.Mutants{
	"fanvil/1": {
		Setup: on("fanvil", func(_ testing.TB, s *server) {
			delete(s.files, s.own("", ".cfg"))
			anyName(s, ".cfg")
		}),
		Expected: "a configuration, or none", Actual: "abcdef.cfg: corrupt: ",
	},
}

var spaMutants = proof.Mutants{
	"cisco-spa/1": {
		Setup: on("cisco-spa", func(t testing.TB, s *server) {
			for name, body := range s.files {
				s.files[name] = sealed(t, body)
			}
			s.target.Set = []string{"Profile_Rule=[--key k3y] /spa$PSN.cfg"}
		}),
		Expected: "files that open", Actual: "spa504G.cfg: bad-key: ",
	},
}

var polycomMutants = proof.Mutants{
	"polycom/1": { // PC-FILE-2
		Setup:    on("polycom", func(_ testing.TB, s *server) { delete(s.files, "/p/sip.cfg") }),
		Expected: "every listed file", Actual: "sip.cfg is not-found",
	},
	"polycom/1 bad": {
		Setup:    on("polycom", func(_ testing.TB, s *server) { s.files["/p/sip.cfg"] = []byte(`<sip a.b="1">`) }),
		Expected: "every listed file", Actual: "sip.cfg: corrupt: ",
	},
	"polycom/2": { // the split image, which is rightly missing
		Setup:    on("polycom", func(_ testing.TB, s *server) { anyName(s, ".ld") }),
		Expected: "files, or 404", Actual: "2345-12450-001.bootrom.ld: an HTML page",
	},
	"polycom/2 overrides": {
		Setup:    on("polycom", func(_ testing.TB, s *server) { anyName(s, "-phone.cfg") }),
		Expected: "files, or 404", Actual: "-phone.cfg: an HTML page",
	},
	"polycom/3": { // PC-CFG-2
		Setup: on("polycom", func(_ testing.TB, s *server) {
			master := s.own("", ".cfg")
			s.files[master] = fmt.Appendf(nil, `<APPLICATION CONFIG_FILES="sip.cfg, phone-%v.cfg"/>`, s.id.MAC)
			s.files["/p/sip.cfg"] = []byte(`<sip reg.1.address="all"/>`)
		}),
		Expected: "the phone's own values", Actual: "abcdef.cfg does not count, because sip.cfg stands before it",
	},
	"polycom/4": { // PC-POLL-2
		Setup: on("polycom", func(_ testing.TB, s *server) {
			s.files["/p/sip.cfg"] = []byte(`<sip prov.polling.enabled="1" prov.polling.time="04:30"/>`)
		}),
		Expected: "polls at times of their own", Actual: `all phones poll at "04:30"`,
	},
	"polycom/5": { // PC-ENC-3
		Setup: on("polycom", func(_ testing.TB, s *server) {
			s.files["/p/sip.cfg"] = []byte("Crypt=1;KeyDesc=x;IV=000102030405060708090a0b0c0d0e0f;Digest=874454ca9d6d5ab106a32c81db19ce81332a9e38;\n0123456789abcdef")
		}),
		Expected: "files that open", Actual: "sip.cfg: bad-key: the file is encrypted and the phone has no key",
	},
}

var phoneMutants = proof.Mutants{
	"phone/1": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { clear(s.files) }),
		Expected: "a configuration", Actual: "not-found after 001565abcdef.boot missing, as it may be, y000000000000.boot missing",
	},
	"phone/2 upper": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { renamed(s, s.own("", ".cfg"), "/p/"+s.id.MAC.Upper()+".cfg") }),
		Expected: "each file under the phone's own name", Actual: "abcdef.cfg, and the server has ",
	},
	"phone/2 lower": {
		Setup: on("snom", func(_ testing.TB, s *server) {
			renamed(s, "/p/snomD785-"+s.id.MAC.Upper()+".htm", s.own("snomD785-", ".htm"))
		}),
		Expected: "each file under the phone's own name", Actual: "the phone asks for snomD785-000413ABCDEF.htm, and the server has snomD785-000413abcdef.htm",
	},
	"phone/2 letters": {
		Setup:    on("cisco-spa", func(_ testing.TB, s *server) { renamed(s, "/p/spa504G.cfg", "/p/spa504g.cfg") }),
		Expected: "each file under the phone's own name", Actual: "spa504G.cfg, and the server has spa504g.cfg",
		Also: []string{"phone/1"}, // it has one file
	},
	"phone/3": {
		Setup:    on("yealink", func(_ testing.TB, s *server) { banAfter(s, 15) }),
		Expected: "the phone's file, as before", Actual: "http-status after 20 misses, of 10 phones with 2 each",
	},
	"phone/3 Polycom": { // PC-FILE-11
		Setup:    on("polycom", func(_ testing.TB, s *server) { banAfter(s, 40) }),
		Expected: "the phone's file, as before", Actual: "http-status after ",
	},
	"phone/2 Polycom": {
		Setup:    on("polycom", func(_ testing.TB, s *server) { renamed(s, s.own("", ".cfg"), "/p/"+s.id.MAC.Upper()+".cfg") }),
		Expected: "each file under the phone's own name", Actual: "abcdef.cfg, and the server has 0004F2ABCDEF.cfg",
		Also: []string{"phone/1"}, // without a master there is nothing
	},
	"phone/4": {
		Setup: on("fanvil", func(t testing.TB, s *server) {
			s.earlier(t, s.files)
			name := s.own("", ".cfg")
			s.files[name] = []byte(strings.Replace(string(s.files[name]), s.id.MAC.String(), "another", 1))
		}),
		Expected: "the phone applies what has changed", Actual: "the phone is unchanged, although other bytes than before are in ",
	},
}

// banAfter answers 403 to all after a number of requests that have missed.
func banAfter(s *server, misses int32) {
	s.before = func(files http.Handler) http.Handler {
		var missed atomic.Int32
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.files[r.URL.Path] == nil {
				missed.Add(1)
			}
			if missed.Load() > misses {
				http.Error(w, "banned", http.StatusForbidden)
				return
			}
			files.ServeHTTP(w, r)
		})
	}
}

func renamed(s *server, from, to string) {
	s.files[to] = s.files[from]
	delete(s.files, from)
}
