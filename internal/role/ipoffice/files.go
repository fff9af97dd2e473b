package ipoffice

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"provsim/internal/role/ipoffice/wire"
)

// prefix is that of the files that say something about the unit.
const prefix = "nasystem/"

// file returns a file of the unit by its name. It reports false for an unknown one
// (IPO-TFTP-5, IPO-FILE-1, IPO-FILE-2).
func (u *Unit) file(name string) (body []byte, ok bool) {
	if wire.IsWhoIs(name) {
		return latin1(u.whoIs()), true
	}
	name, ok = strings.CutPrefix(name, prefix)
	if !ok {
		return nil, false
	}
	list, extension, detailed := strings.Cut(name, "/")
	var rows [][]string
	switch {
	case name == "user_list":
		for i, n := range u.ram.instances("user") {
			rows = append(rows, []string{u.user(n, "name"), n, u.user(n, "fullname"), strconv.Itoa(i + 1)})
		}
	case name == "user_list8":
		rows = append(rows, columns(8, map[int]string{1: "NoUser", 3: "", 4: "1", 8: ""}))
		for _, n := range u.ram.instances("user") {
			rows = append(rows, columns(8, map[int]string{
				1: u.user(n, "name"), 2: n, 3: u.user(n, "fullname"), 4: cmp.Or(u.user(n, "licence"), "1"), 5: cmp.Or(u.user(n, "applications"), "0"), 8: u.user(n, "email"),
			}))
		}
	case name == "hunt_list":
		for _, n := range u.ram.instances("group") {
			rows = append(rows, columns(8, map[int]string{1: u.ram["group."+n+".name"], 2: n, 5: "1"}))
		}
	case name == "dir_list" && u.security.On("tftp-directory"):
		for _, n := range u.ram.instances("directory") {
			rows = append(rows, []string{u.ram["directory."+n+".name"], u.ram["directory."+n+".number"]})
		}
	case name == "licence_list":
		rows = append(rows, columns(4, map[int]string{1: "Users", 4: strconv.Itoa(len(u.ram.instances("user")))}))
	case list == "user_info3" && detailed && u.isUser(extension):
		rows = append(rows, columns(69, map[int]string{
			1: u.user(extension, "name"), 2: u.user(extension, "fullname"), 3: extension, 7: "", 8: "", 10: "", 12: "1", 20: "no", 39: "", 45: "1", 68: "",
		}))
	case list == "MemberOf" && detailed && u.isUser(extension):
		for _, n := range u.ram.instances("group") {
			if slices.Contains(strings.Split(u.ram["group."+n+".members"], ";"), extension) {
				rows = append(rows, []string{u.ram["group."+n+".name"], extension, "0", n})
			}
		}
	case name == "extn_list" || name == "AccountCode" || name == "call_list/1/1":
	default:
		return nil, false
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(strings.Join(row, ",") + "\r\n")
	}
	return latin1(b.String()), true
}

// whoIs says who the unit is, in one line (IPO-FILE-1). The words between the quoted
// values are this project's own: tools look at the values alone.
func (u *Unit) whoIs() string {
	lan := u.ram.lan("lan1")
	name := strings.ReplaceAll(u.Name(), `"`, "'")
	return fmt.Sprintf("MAC %q,type %q,ip %q,mask %q,version %q,name \"%s\"\r\n",
		u.c.MAC.String(), u.c.Type, lan.Addr(), mask(lan.Bits()), u.c.Level.String(), name)
}

func (u *Unit) user(extension, field string) string { return u.ram["user."+extension+"."+field] }

func (u *Unit) isUser(extension string) bool {
	_, ok := u.ram["user."+extension+".name"]
	return ok
}

// columns returns n columns, counted from 1; those without a value are 0.
func columns(n int, values map[int]string) []string {
	row := make([]string, n)
	for i := range row {
		row[i] = "0"
		if v, ok := values[i+1]; ok {
			row[i] = v
		}
	}
	return row
}

// latin1 returns a text in ISO-8859-1; what has no place there is a question mark.
func latin1(text string) []byte {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 255 || r == utf8.RuneError {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return b
}
