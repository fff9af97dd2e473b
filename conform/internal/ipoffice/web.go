package ipoffice

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/device"
)

// webQuestions are of HTTP.
var webQuestions = []question{banner, xmlLists, phonesBoot, http11}

// rootRequest is what programs ask first.
const rootRequest = "GET / HTTP/1.0\r\n\r\n"

// page is an answer as it came: the order of its head's lines counts.
type page struct {
	status string
	names  []string // of the head's lines, in their order
	head   textproto.MIMEHeader
	body   []byte
}

// raw sends a request and reads up to the end of the connection.
func (u *unit) raw(ctx context.Context, request string) (*page, error) {
	conn, err := u.Dial(ctx, u.Server("http"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * u.Patience)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(conn)
	if len(text) == 0 && err != nil {
		return nil, err
	}
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	a := &page{body: body}
	status, fields, _ := strings.Cut(string(head)+"\r\n", "\r\n")
	a.status = status
	for line := range strings.SplitSeq(fields, "\r\n") {
		if name, _, ok := strings.Cut(line, ":"); ok {
			a.names = append(a.names, name)
		}
	}
	a.head, _ = textproto.NewReader(bufio.NewReader(strings.NewReader(fields + "\r\n"))).ReadMIMEHeader()
	return a, nil
}

// level returns the level that the answer's Server names; "" for that of another server.
func (a *page) level() string {
	level, _ := strings.CutPrefix(a.head.Get("Server"), "IPOffice/")
	if level == a.head.Get("Server") {
		return ""
	}
	return level
}

// closed is the finding of what HTTP cannot be asked for.
func (u *unit) closed(err error) check.Finding {
	return check.Skip("port %s gives no answer to HTTP: %v; see ip-office/12", u.portWords(httpPort), err)
}

var banner = question{
	Check: check.Check{
		ID:          "ip-office/8",
		Title:       "HTTP is that of a unit",
		Requirement: "The page / is a redirect by HTTP/1.0, what is no request gets 400, and both heads have their lines in the order of a unit, with its level: by them version scanners know it.",
		Source:      "IPO-WEB-1; nmap 7.93, its probes of services",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "a proxy in between writes heads of its own: let port 80 go to the unit itself"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var wrong []string
		for _, q := range []struct {
			request, status, body string
			names                 []string
		}{
			{rootRequest, "HTTP/1.0 301 Moved Permanently", "Redirect to index.html", []string{"Date", "Cache-Control", "Location", "Server", "Content-Type", "Content-Length"}},
			{"HELP\r\n\r\n", "HTTP/1.1 400 Bad Request", "Parsing error", []string{"Date", "Cache-Control", "Server", "Content-Type", "Content-Length"}},
		} {
			got, err := u.raw(ctx, q.request)
			if err != nil {
				return u.closed(err)
			}
			names := slices.DeleteFunc(got.names, func(n string) bool { return n == "Expires" })
			of := q.request[:4] + ": "
			switch {
			case got.status != q.status:
				wrong = append(wrong, of+got.status)
			case !slices.Equal(names, q.names):
				wrong = append(wrong, of+"head of "+strings.Join(names, ", "))
			case string(got.body) != q.body:
				wrong = append(wrong, of+"another body")
			case got.level() == "":
				wrong = append(wrong, of+"Server is not IPOffice/LEVEL")
			case u.known && got.level() != u.level.String():
				wrong = append(wrong, fmt.Sprintf("%sServer has level %s, and the unit is of level %s", of, got.level(), u.level))
			}
		}
		return faults("a redirect and a 400 with the heads of a unit", wrong, "as a unit")
	},
}

// namespaces are those of the lists.
const namespaces = "http://www.avaya.com/ipoffice/"

var xmlLists = question{
	Check: check.Check{
		ID:          "ip-office/9",
		Title:       "the lists by HTTP are XML that tools read",
		Requirement: "The lists of users and of the directory are well-formed, in their namespaces, name the unit's level and address as their source, and have their elements in their places.",
		Source:      "IPO-WEB-2, IPO-WEB-3",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "compare the list with doc/rules.md, IPO-WEB-2 and IPO-WEB-3: curl shows it"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var wrong []string
		found := 0
		for _, q := range []struct{ path, namespace string }{
			{userPage, "userlist"}, {"/system/dir/cfg_dir_list", "corporatedirectory"},
		} {
			got, err := u.Get(ctx, u.Server("http"), q.path, "Connection: close")
			switch {
			case err != nil:
				return u.closed(err)
			case got.Status != http.StatusOK: // it may be off
				continue
			}
			found++
			if what := u.listFault(got.Body, q.namespace); what != "" {
				wrong = append(wrong, q.path+": "+what)
			}
		}
		if found == 0 {
			return check.Skip("neither list is there: HTTP lists may be off")
		}
		return faults("XML of the lists' namespaces", wrong, "%d lists", found)
	},
}

// userPage is the list of users.
const userPage = "/system/user/scn_user_list"

// xmlList is either list.
type xmlList struct {
	XMLName xml.Name
	Source  string `xml:"data_source"`
	Content string `xml:"content"`
	Stale   string `xml:"stale_data"`
	List    struct {
		Users []struct {
			Elements []element `xml:",any"`
		} `xml:"user"`
		Entries []element `xml:",any"`
	} `xml:"list"`
}

type element struct{ XMLName xml.Name }

// listFault says what is wrong with a list; "" for nothing.
func (u *unit) listFault(body []byte, namespace string) string {
	var l xmlList
	if err := xml.Unmarshal(body, &l); err != nil {
		return "no well-formed XML in UTF-8"
	}
	if l.XMLName.Space != namespaces+namespace {
		return "the namespace is not " + namespaces + namespace
	}
	source := fmt.Sprintf("IPOFFICE/%v %v", u.level, u.addr)
	if u.known && l.Source != source {
		return "data_source is not " + source
	}
	if namespace == "userlist" {
		for i, user := range l.List.Users {
			if got := names(user.Elements); got != "name fname extn" {
				return fmt.Sprintf("user %d has the elements %s, want name fname extn", i+1, got)
			}
		}
		return ""
	}
	if l.Content != "cfg_directory" || l.Stale == "" {
		return "content is not cfg_directory, or stale_data is missing"
	}
	if got := strings.ReplaceAll(names(l.List.Entries)+" ", "name numb ", ""); strings.TrimSpace(got) != "" {
		return "its elements are not name and numb by turns"
	}
	return ""
}

func names(all []element) string {
	words := make([]string, len(all))
	for i, e := range all {
		words[i] = e.XMLName.Local
	}
	return strings.Join(words, " ")
}

// avaya is the vendor of the phones.
const avaya = "avaya"

// phones are one of each generation.
var phones = []struct {
	product, quirk string
	upgrade        string // the file that it asks for first
}{
	{"J179", "", "J100Supgrade.txt"}, {"9611G", "", "96x1Supgrade.txt"}, {"9611G", "sig=h323", "96x1Hupgrade.txt"}, {"4610", "", "46xxupgrade.scr"},
}

// settingsFile is what upgrade files lead to.
const settingsFile = "46xxsettings.txt"

// phoneMAC is the address of the phones, whose own files need not be there.
var phoneMAC = device.MAC{0xc8, 0x1f, 0xea, 0x70, 0x72, 0x6f}

var phonesBoot = question{
	Check: check.Check{
		ID:          "ip-office/10",
		Title:       "Avaya phones boot from its files",
		Requirement: "By HTTP there is an upgrade file for the phones of each generation, it leads to a settings file, and both are in the language of these phones.",
		Source:      "AV-FILE-1, AV-FILE-2, AV-LANG-8, IPO-WEB-4",
		Level:       check.Must,
		Advice:      check.Advices{check.AnyServer: {Text: "serve the upgrade file that the finding names, with GET 46xxsettings.txt in it, and that file; provsim lint --vendor avaya reads both"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		if _, err := u.raw(ctx, rootRequest); err != nil {
			return u.closed(err)
		}
		var wrong []string
		for _, ph := range phones {
			f, err := u.boot(ctx, ph.product, ph.quirk)
			if err != nil {
				return check.Errorf("as a %s: %w", ph.product, err)
			}
			what := ""
			switch {
			case !f.Ending.Outcome.Success():
				what = f.Ending.Outcome.String()
			case len(f.Transfers) < 2:
				what = "names no settings file"
			case !f.Transfers[1].Found():
				what = "names " + f.Transfers[1].Name() + ", which gives " + f.Transfers[1].Reply.Outcome.String() + f.Transfers[1].Note
			}
			if what != "" {
				wrong = append(wrong, fmt.Sprintf("%s for a %s: %s", ph.upgrade, ph.product, what))
			}
		}
		return faults("an upgrade file and a settings file for each generation", wrong, "%d generations boot", len(phones))
	},
}

// boot plays the start of a phone that has the unit for its file server.
func (u *unit) boot(ctx context.Context, product, quirk string) (check.File, error) {
	t := check.Target{Vendor: avaya, Product: product, Server: u.url(), Phones: []check.Phone{{MAC: phoneMAC}}}
	if quirk != "" {
		t.Quirks = []string{quirk}
	}
	p, err := check.NewProbe(&t, check.Settings{Patience: u.Patience})
	if err != nil {
		return check.File{}, err
	}
	return p.Provision(ctx, phoneMAC)
}

var http11 = question{
	Check: check.Check{
		ID:          "ip-office/11",
		Title:       "files for phones come by HTTP/1.1",
		Requirement: "An answer with a file begins with HTTP/1.1: a 96x1 phone takes none that begins with HTTP/1.0, and stops after its upgrade file.",
		Source:      "AV-HTTP-2",
		Level:       check.Must,
		Advice: check.Advices{
			check.AnyServer: {Text: "answer with HTTP/1.1; a small server of a scripting language often answers with HTTP/1.0"},
			check.Nginx:     {Text: "take out what makes another server answer: nginx itself answers with HTTP/1.1"},
		},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var wrong []string
		found := 0
		for _, name := range phoneFiles() {
			got, err := u.asPhone(ctx, name)
			switch {
			case err != nil:
				return u.closed(err)
			case got.Status != http.StatusOK:
				continue
			}
			if found++; got.Proto != "HTTP/1.1" {
				wrong = append(wrong, name+": "+got.Proto+" 200 OK")
			}
		}
		if found == 0 {
			return check.Skip("no file for phones is there: see ip-office/10")
		}
		return faults("HTTP/1.1", wrong, "%d files", found)
	},
}

// phoneFiles returns the files that phones ask for first.
func phoneFiles() []string {
	var all []string
	for _, ph := range phones {
		all = append(all, ph.upgrade)
	}
	return append(all, settingsFile)
}

// asPhone asks for a file as a phone does: some units serve no other clients.
func (u *unit) asPhone(ctx context.Context, name string) (*check.Answer, error) {
	return u.Get(ctx, u.Server("http"), "/"+name, "User-Agent: AVAYA/96x1-IPT-SIP-R7_1_8_0_9 9611G", "Accept: */*", "Connection: close")
}
