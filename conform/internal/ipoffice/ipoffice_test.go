//go:build linux

package ipoffice_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/ipoffice"
	"provsim/conform/internal/testing/proof"
	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice/wire"
)

// lists is the check that a unit with its lists cannot pass.
const lists = "ip-office/17"

func split(closed bool) (checks []check.Check) {
	for _, c := range ipoffice.Checks() {
		if (c.ID == lists) == closed {
			checks = append(checks, c)
		}
	}
	return checks
}

// Each check passes on a unit, and fails alone where its requirement is broken.
func TestProof(t *testing.T) {
	proof.Prove(t, split(false), good, tftpMutants, webMutants, linkMutants)
	t.Run("closed", func(t *testing.T) {
		proof.Prove(t, split(true), mutant(func(s *setup) { s.off = []string{"tftp", "http"} }), proof.Mutants{
			lists:           {Setup: good, Expected: "no list without a login", Actual: "by TFTP; by HTTP"},
			lists + " tftp": {Setup: mutant(func(s *setup) { s.off = []string{"http"} }), Expected: "no list", Actual: "by TFTP"},
		})
	})
}

// whoIs reports whether a request asks who the unit is.
func whoIs(request []byte) bool { return bytes.Contains(request, []byte("who_is")) }

// of replaces a text in the answers to requests for one file.
func of(file, old, new string) func(*setup) {
	return func(s *setup) {
		s.tftp = func(request, answer []byte) []byte {
			if bytes.HasPrefix(request[2:], []byte("nasystem/"+file+"\x00")) {
				return bytes.Replace(answer, []byte(old), []byte(new), 1)
			}
			return answer
		}
	}
}

var tftpMutants = proof.Mutants{
	"ip-office/1": {
		Setup:    mutant(func(s *setup) { s.off = []string{"udp-discovery"} }),
		Expected: "DATA 1 with the unit's line", Actual: "the list of users: discovery by UDP is off",
	},
	"ip-office/1 tftp": {
		Setup:    mutant(func(s *setup) { s.off = []string{"tftp"} }),
		Expected: "DATA 1", Actual: "no answer from 127.",
	},
	"ip-office/2": {
		Setup:    mutant(of("who_is3", `ip "`, `ip "1`)),
		Expected: "LAN1 address, mask, level and name in quotes", Actual: "bytes that do not split",
	},
	"ip-office/2 address": {
		Setup:    mutant(of("who_is3", ".20\"", ".21\"")),
		Expected: "LAN1 address", Actual: ".21, asked was 127.",
	},
	"ip-office/2 line": {
		Setup:    mutant(of("who_is3", "\r\n", "\n")),
		Expected: "and CRLF", Actual: "no CRLF at the end",
	},
	"ip-office/3": {
		Setup: mutant(func(s *setup) {
			s.tftp = func(request, answer []byte) []byte {
				if bytes.Contains(request, []byte("netascii")) {
					return bytes.ReplaceAll(answer, []byte("\r\n"), []byte("\r\r\n"))
				}
				return answer
			}
		}),
		Expected: "the same bytes in both modes", Actual: "in octet, and other",
	},
	"ip-office/3 mode": {
		Setup: mutant(func(s *setup) {
			s.tftp = func(request, answer []byte) []byte {
				if bytes.Contains(request, []byte("netascii")) {
					return tftp.Packet{Op: tftp.OpError, Code: 4, Message: "mode"}.Append(nil)
				}
				return answer
			}
		}),
		Expected: "the same bytes", Actual: "in mode netascii ERROR 4",
	},
	"ip-office/4": {
		Setup:    mutant(func(s *setup) { s.samePort = true }),
		Expected: "from another port", Actual: "one from the request port",
	},
	"ip-office/5": {
		Setup: mutant(func(s *setup) {
			s.tftp = func(request, answer []byte) []byte {
				if bytes.Contains(request, []byte("provsim_none")) {
					return tftp.Packet{Op: tftp.OpError, Message: "no"}.Append(nil)
				}
				return answer
			}
		}),
		Expected: "ERROR 1", Actual: "ERROR 0",
	},
	"ip-office/5 silence": {
		Setup: mutant(func(s *setup) {
			s.tftp = func(request, answer []byte) []byte {
				if bytes.Contains(request, []byte("provsim_none")) {
					return nil
				}
				return answer
			}
		}),
		Expected: "ERROR 1", Actual: "no answer",
	},
	"ip-office/6": {
		Setup: mutant(func(s *setup) {
			s.tftp = func(request, answer []byte) []byte {
				if request[1] == byte(tftp.OpWrite) {
					return tftp.Packet{Op: tftp.OpAck}.Append(nil)
				}
				return answer
			}
		}),
		Expected: "a refusal, or silence", Actual: "TFTP takes nasystem/provsim_write: ACK 0",
	},
	"ip-office/6 link": {
		Setup:    mutant(func(s *setup) { s.link = accepting(wire.Write) }),
		Expected: "a refusal", Actual: "takes a configuration before a login",
	},
	"ip-office/7": {
		Setup:    mutant(of("user_list", "Extn201,201,", "Extn201,none,")),
		Expected: "columns of public tools", Actual: "nasystem/user_list: row 1 has no digits",
	},
	"ip-office/7 ends": {
		Setup:    mutant(of("user_list8", "\r\n", "\n")),
		Expected: "columns", Actual: "nasystem/user_list8: row 1 does not end in CRLF",
	},
	"ip-office/7 first": {
		Setup:    mutant(of("user_list8", "NoUser", "Nobody")),
		Expected: "columns", Actual: "the first row is not NoUser",
	},
	"ip-office/7 info": {
		Setup:    mutant(of("user_info3/201", ",0,0,0,", ",")),
		Expected: "columns", Actual: "user_info3/201: row 1 has 66 columns, want at least 69",
	},
}

// onPage changes the answers to requests for a path.
func onPage(path string, change func(string) string) func(*setup) {
	return func(s *setup) {
		s.http = func(request string, answer []byte) []byte {
			if strings.Contains(request, " "+path+" ") || path == "" && !strings.HasPrefix(request, "GET") {
				text := change(string(answer))
				_, was, _ := strings.Cut(string(answer), "\r\n\r\n")
				_, body, _ := strings.Cut(text, "\r\n\r\n")
				length := "Content-Length: "
				return []byte(strings.Replace(text, length+strconv.Itoa(len(was)), length+strconv.Itoa(len(body)), 1))
			}
			return answer
		}
	}
}

func replace(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

var webMutants = proof.Mutants{
	"ip-office/8": {
		Setup:    mutant(onPage("/", replace("Server: IPOffice/11.1(17)\r\n", "Server: nginx\r\n"))),
		Expected: "heads of a unit", Actual: "GET : Server is not IPOffice/LEVEL",
	},
	"ip-office/8 level": {
		Setup:    mutant(onPage("/", replace("IPOffice/11.1(17)", "IPOffice/10.0"))),
		Expected: "heads of a unit", Actual: "Server has level 10.0, and the unit is of level 11.1(17)",
	},
	"ip-office/8 order": {
		Setup:    mutant(onPage("", replace("Cache-Control: private\r\nServer: IPOffice/11.1(17)\r\n", "Server: IPOffice/11.1(17)\r\nCache-Control: private\r\n"))),
		Expected: "a 400", Actual: "HELP: head of Date, Server, Cache-Control",
	},
	"ip-office/8 status": {
		Setup:    mutant(onPage("/", replace("HTTP/1.0 301", "HTTP/1.1 301"))),
		Expected: "a redirect", Actual: "HTTP/1.1 301",
	},
	"ip-office/9": {
		Setup:    mutant(onPage("/system/user/scn_user_list", replace("</user_list>", ""))),
		Expected: "XML of the lists' namespaces", Actual: "scn_user_list: no well-formed XML",
	},
	"ip-office/9 source": {
		Setup:    mutant(onPage("/system/user/scn_user_list", replace("IPOFFICE/11.1(17)", "IPOFFICE/11.1"))),
		Expected: "XML", Actual: "data_source is not IPOFFICE/11.1(17) 127.",
	},
	"ip-office/9 elements": {
		Setup:    mutant(onPage("/system/user/scn_user_list", replace("<extn>201</extn>", ""))),
		Expected: "XML", Actual: "user 1 has the elements name fname",
	},
	"ip-office/9 directory": {
		Setup:    mutant(onPage("/system/dir/cfg_dir_list", replace("corporatedirectory", "userlist"))),
		Expected: "XML", Actual: "cfg_dir_list: the namespace is not http://www.avaya.com/ipoffice/corporatedirectory",
	},
	"ip-office/10": {
		Setup:    mutant(func(s *setup) { s.files = map[string]string{"J100Supgrade.txt": "<html>Please sign in</html>\n"} }),
		Expected: "an upgrade file and a settings file", Actual: "J100Supgrade.txt for a J179: corrupt",
	},
	"ip-office/10 settings": {
		Setup: mutant(func(s *setup) {
			s.files = map[string]string{"46xxupgrade.scr": "GET 46xxmissing.txt\n"}
		}),
		Expected: "a settings file for each generation", Actual: "46xxupgrade.scr for a 4610: names 46xxmissing.txt, which gives not-found",
	},
	"ip-office/10 none": {
		Setup:    mutant(func(s *setup) { s.files = map[string]string{"96x1Hupgrade.txt": "SET A 1\n"} }),
		Expected: "an upgrade file", Actual: "96x1Hupgrade.txt for a 9611G: names no settings file",
	},
	"ip-office/11": {
		Setup: mutant(func(s *setup) {
			s.http = func(request string, answer []byte) []byte {
				if strings.Contains(request, ".txt ") || strings.Contains(request, ".scr ") {
					return bytes.Replace(answer, []byte("HTTP/1.1 200"), []byte("HTTP/1.0 200"), 1)
				}
				return answer
			}
		}),
		Expected: "HTTP/1.1", Actual: "96x1Supgrade.txt: HTTP/1.0 200 OK",
		Also: []string{"ip-office/10"}, // a 96x1 phone does not boot then
	},
	"ip-office/16": {
		Setup: mutant(func(s *setup) {
			s.files = map[string]string{"46xxsettings.txt": "SET SIPDOMAIN a.example\nSET ADMIN_PASSWORD 27238\nSET OWN_PSWD \"x\"\n"}
		}),
		Expected: "no passwords", Actual: "46xxsettings.txt has ADMIN_PASSWORD, OWN_PSWD",
	},
	"ip-office/16 list": {
		Setup:    mutant(onPage("/system/user/scn_user_list", replace("</list>", "</list><password>4711</password>"))),
		Expected: "no passwords", Actual: "system/user/scn_user_list has password",
	},
}

// accepting answers messages of a type with OK and some contents.
func accepting(types ...wire.Type) func(int, []byte, []byte) []byte {
	return func(_ int, request, answer []byte) []byte {
		if r := wire.Parse(request); slices.Contains(types, r.Type) && !whoIs(request) {
			return wire.Reply(r.Type, r.ID, wire.OK).Bytes([]byte("system.name=X\n"))
		}
		return answer
	}
}

var linkMutants = proof.Mutants{
	"ip-office/12": {
		Setup:    mutant(func(s *setup) { s.off = []string{"configuration"} }),
		Expected: "connections at all of them", Actual: "50804 (58804 here) for configuration: refused",
	},
	"ip-office/12 http": {
		Setup:    mutant(func(s *setup) { s.refused = []int{80} }),
		Expected: "connections", Actual: "80 (8080 here) for HTTP: refused",
	},
	"ip-office/13": {
		Setup: mutant(func(s *setup) {
			s.link = func(_ int, request, answer []byte) []byte {
				if whoIs(request) {
					return bytes.Replace(answer, []byte("00e007"), []byte("00e008"), 1)
				}
				return answer
			}
		}),
		Expected: "the unit that UDP has found", Actual: "another hardware address than by UDP",
	},
	"ip-office/14": {
		Setup:    mutant(func(s *setup) { s.link = accepting(wire.Read) }),
		Expected: "a refusal", Actual: "port 50804 (58804 here) gives 14 bytes of lab/config",
	},
	"ip-office/14 devlink3": {
		Setup: mutant(func(s *setup) {
			s.link = func(port int, request, answer []byte) []byte {
				if port == 50797 {
					return accepting(wire.Read)(port, request, answer)
				}
				return answer
			}
		}),
		Expected: "a refusal", Actual: "port 50797 (58797 here) gives 14 bytes of nasystem/user_list",
	},
	"ip-office/15": {
		Setup: mutant(func(s *setup) {
			var nobody atomic.Bool // has begun a login
			s.link = func(_ int, request, answer []byte) []byte {
				switch r := wire.Parse(request); {
				case r.Type != wire.DevLink:
				case bytes.Contains(request, []byte("provsim-nobody")):
					nobody.Store(true)
				case nobody.Swap(false):
					binary.BigEndian.PutUint32(answer[8:], uint32(wire.NotFound))
				}
				return answer
			}
		}),
		Expected: "equal answers", Actual: "DevLink3 at port 50797 (58797 here): 80000061 for an unknown user, 80000041 for Manager",
	},
	"ip-office/15 challenge": {
		Setup: mutant(func(s *setup) {
			s.link = func(port int, request, answer []byte) []byte {
				if r := wire.Parse(request); r.Type == wire.Hello {
					return wire.Reply(r.Type, r.ID, wire.Challenge).Uint32(16).Bytes(make([]byte, 16))
				}
				return answer
			}
		}),
		Expected: "challenges that are new", Actual: "configuration at port 50804 (58804 here): one challenge twice",
	},
}

// patience is that of examinations which are not repeated on a busy machine.
const patience = 10 * time.Second

// A unit below 3.2 has UDP and HTTP alone, and passes. One that lets anybody read its
// configuration does not (IPO-ID-2, IPO-OLD-1).
func TestOldUnits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*setup)
		want   check.Verdict
	}{
		"good": {func(*setup) {}, check.Passed},
		"open": {func(s *setup) {
			s.refused = []int{50797, 50802, 50804, 50812}
			s.tftp = func(request, answer []byte) []byte {
				if bytes.Contains(request, []byte("lab_config")) && request[1] == byte(tftp.OpRead) {
					return tftp.Packet{Op: tftp.OpData, Block: 1, Data: []byte("system.name=X\n")}.Append(nil)
				}
				return answer
			}
		}, check.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			target := mutant(func(s *setup) { s.level = "2.1(36)"; c.change(s) })(t)
			report, err := conform.Examine(t.Context(), target, conform.Options{
				Only: []string{"ip-office"}, Skip: []string{lists}, Allow: check.Allow{Login: true, Destructive: true},
				Patience: patience, Timeout: time.Minute,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				want := check.Passed
				switch r.Check.ID {
				case "ip-office/14":
					want = c.want
				case "ip-office/15":
					want = check.Skipped
				}
				if r.Verdict != want {
					t.Errorf("%s: %v, want %v; expected %q, actual %q, %s", r.Check.ID, r.Verdict, want, r.Expected, r.Actual, r.Detail)
				}
			}
		})
	}
}

// A program that listens and does not speak the lab link, such as a genuine unit, is not
// judged by the lab link's checks. Without permission no check logs in (IPO-0-1).
func TestForeignUnits(t *testing.T) {
	target := mutant(func(s *setup) {
		s.link = func(int, []byte, []byte) []byte { return []byte("\x00\x00\x00\x00\x00\x00\x00\x00") }
	})(t)
	report, err := conform.Examine(t.Context(), target, conform.Options{Only: []string{"ip-office"}, Patience: patience, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		switch r.Check.ID {
		case "ip-office/13", "ip-office/14":
			if r.Verdict != check.Skipped || !strings.Contains(r.Detail, "provsim's own") {
				t.Errorf("%s: %v, %s", r.Check.ID, r.Verdict, r.Detail)
			}
		case "ip-office/15", "ip-office/6":
			if r.Verdict != check.Skipped || !strings.Contains(r.Detail, "--allow") {
				t.Errorf("%s: %v, %s", r.Check.ID, r.Verdict, r.Detail)
			}
		}
	}
}
