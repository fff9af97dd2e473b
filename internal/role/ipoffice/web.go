package ipoffice

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Page is the answer to an HTTP request.
type Page struct {
	Status   string // such as "HTTP/1.1 200 OK"
	Location string
	Type     string
	Body     []byte
}

// statuses of pages. The one of "/" is of HTTP/1.0 (IPO-WEB-1).
const (
	statusOK        = "HTTP/1.1 200 OK"
	statusFound     = "HTTP/1.1 302 Found"
	statusMoved     = "HTTP/1.0 301 Moved Permanently"
	statusBad       = "HTTP/1.1 400 Bad Request"
	statusForbidden = "HTTP/1.1 403 Forbidden"
	statusMissing   = "HTTP/1.1 404 Not Found"
	statusMethod    = "HTTP/1.1 405 Method Not Allowed"
)

func plain(status, text string) Page {
	return Page{Status: status, Type: "text/plain", Body: []byte(text)}
}

// BadRequest is the answer to what is no HTTP request.
var BadRequest = plain(statusBad, "Parsing error")

// Head returns the head of a page, with its lines in the order of a genuine unit's
// (IPO-WEB-1).
func (p Page) Head(now time.Time, level Level) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\r\nDate: %s\r\nCache-Control: private\r\n", p.Status, now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	if p.Location != "" {
		fmt.Fprintf(&b, "Location: %s\r\n", p.Location)
	}
	fmt.Fprintf(&b, "Server: IPOffice/%v\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", level, p.Type, len(p.Body))
	return b.Bytes()
}

// Page answers a GET of the unit's own pages. It reports false for a path that may be
// one of the files for phones.
func (u *Unit) Page(path string) (Page, bool) {
	switch path {
	case "/":
		p := plain(statusMoved, "Redirect to index.html")
		p.Location = "/index.html"
		return p, true
	case "/index.html":
		return Page{Status: statusOK, Type: "text/html", Body: []byte("<!DOCTYPE html>\n<title>IP Office</title>\n<h1>IP Office</h1>\n")}, true
	case "/system/user/scn_user_list":
		return u.list(u.userList()), true
	case "/system/dir/cfg_dir_list":
		if u.security.On("http-directory") {
			return u.list(u.directory()), true
		}
	}
	return Page{}, false
}

func (u *Unit) list(of any) Page {
	body, err := xml.MarshalIndent(of, "", " ")
	if err != nil { // texts only
		panic(err)
	}
	return Page{Status: statusOK, Type: "text/xml", Body: append([]byte(xml.Header), body...)}
}

// userList is the users with an extension (IPO-WEB-2).
func (u *Unit) userList() any {
	type user struct {
		Name  string `xml:"name"`
		Full  string `xml:"fname"`
		Extra string `xml:"extn"`
	}
	list := struct {
		XMLName xml.Name `xml:"http://www.avaya.com/ipoffice/userlist user_list"`
		Source  string   `xml:"data_source"`
		Users   []user   `xml:"list>user"`
	}{Source: u.source()}
	for _, n := range u.ram.instances("user") {
		list.Users = append(list.Users, user{u.user(n, "name"), u.user(n, "fullname"), n})
	}
	return list
}

// directory is names and numbers, one after the other (IPO-WEB-3).
func (u *Unit) directory() any {
	type entry struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	}
	list := struct {
		XMLName  xml.Name `xml:"http://www.avaya.com/ipoffice/corporatedirectory corporate_dir"`
		Source   string   `xml:"data_source"`
		Content  string   `xml:"content"`
		Modified string   `xml:"modified"`
		Stale    bool     `xml:"stale_data"`
		List     struct {
			Entries []entry
		} `xml:"list"`
	}{Source: u.source(), Content: "cfg_directory", Modified: "0"}
	for _, n := range u.ram.instances("directory") {
		list.List.Entries = append(list.List.Entries,
			entry{xml.Name{Local: "name"}, u.ram["directory."+n+".name"]}, entry{xml.Name{Local: "numb"}, u.ram["directory."+n+".number"]})
	}
	return list
}

func (u *Unit) source() string {
	return fmt.Sprintf("IPOFFICE/%v %v", u.c.Level, u.ram.lan("lan1").Addr())
}

// upgradeFiles are what the phones of each generation ask for first (IPO-WEB-4).
var upgradeFiles = []string{"J100Supgrade.txt", "96x1Supgrade.txt", "96x1Hupgrade.txt", "46xxupgrade.scr"}

const (
	settingsFile = "46xxsettings.txt"
	specialsFile = "46xxspecials.txt"
)

// PhoneFile returns a file for Avaya phones that is made on request (IPO-WEB-4).
// Specials says that there is a file 46xxspecials.txt.
func (u *Unit) PhoneFile(name string, specials bool) ([]byte, bool) {
	if slices.Contains(upgradeFiles, name) {
		return []byte("## made by the unit\nGET " + settingsFile + "\n"), true
	}
	if name != settingsFile {
		return nil, false
	}
	lan := u.ram.lan("lan1").Addr().String()
	var b strings.Builder
	b.WriteString("## made by the unit\n")
	fmt.Fprintf(&b, "SET SIPDOMAIN %s\nSET SIP_CONTROLLER_LIST %s:5060;transport=udp\nSET MCIPADD %s\n", lan, lan, lan)
	b.WriteString("# END\n")
	if specials {
		b.WriteString("GET " + specialsFile + "\n")
	}
	return []byte(b.String()), true
}
