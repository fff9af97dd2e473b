// Package teleware is the account server beside a gateway: it answers which SIP
// account belongs to a phone's address (TW-1 to TW-3).
//
// Of the genuine server only the path of its request is public. The form of request
// and answer is this project's own.
package teleware

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"provsim/device"
)

// Account is what the reseller has entered for a phone (TW-1).
type Account struct {
	MAC      device.MAC
	Reseller string
	User     string
	Password string
	Server   string
}

// Accounts are the accounts by address. They are only read.
type Accounts map[device.MAC]Account

// Fields are the columns of a list of accounts, in any order.
var Fields = []string{"mac", "reseller", "user", "password", "server"}

// most is how many accounts one list may have.
const most = 5_000_000

// ReadAccounts reads a list of accounts: CSV with a header line that names each
// of [Fields] once. An error names the line, and never a password.
func ReadAccounts(r io.Reader) (Accounts, error) {
	lines := csv.NewReader(r)
	lines.ReuseRecord = true
	header, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: want a header with %s", strings.Join(Fields, ","))
	}
	column := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(Fields, name) {
			return nil, fmt.Errorf("line 1, column %d: found %q, want one of %s", i+1, name, strings.Join(Fields, ","))
		}
		if _, twice := column[name]; twice {
			return nil, fmt.Errorf("line 1: %q stands twice", name)
		}
		column[name] = i
	}
	for _, name := range Fields {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("line 1: the column %q is missing", name)
		}
	}
	accounts := Accounts{}
	for {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return accounts, nil
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, fmt.Errorf("line %d, column %d: %w", at.Line, at.Column, at.Err)
			}
			return nil, err
		}
		line, _ := lines.FieldPos(0)
		if len(accounts) == most {
			return nil, fmt.Errorf("line %d: more than %d accounts", line, most)
		}
		cell := func(name string) string { return strings.TrimSpace(row[column[name]]) }
		mac, err := device.ParseMAC(cell("mac"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if _, twice := accounts[mac]; twice {
			return nil, fmt.Errorf("line %d: %v has an account already", line, mac)
		}
		accounts[mac] = Account{
			MAC: mac, Reseller: strings.Clone(cell("reseller")), User: strings.Clone(cell("user")),
			Password: strings.Clone(cell("password")), Server: strings.Clone(cell("server")),
		}
	}
}

// Answer is what the server says to a request.
type Answer struct {
	Status int
	Type   string // of the body
	Body   string
	Note   string // why, for the log; never a password
}

// The content types of an answer.
const (
	formType = "application/x-www-form-urlencoded"
	xmlType  = "text/xml"
)

// Answer says which account belongs to the address of a form (TW-2). It changes
// nothing, so that asking twice gives the same. asXML is for a client that
// accepts text/xml (TW-3).
func (a Accounts) Answer(form url.Values, asXML bool) (device.MAC, Answer) {
	text := form.Get("mac")
	mac, err := device.ParseMAC(text)
	if err != nil || len(text) != 12 {
		return device.MAC{}, Answer{Status: 400, Type: formType, Body: "error=bad-mac", Note: "mac is not 12 hex digits"}
	}
	account, ok := a[mac]
	switch {
	case !ok:
		return mac, Answer{Status: 404, Type: formType, Body: "error=unknown-mac", Note: "no account for this address"}
	case asXML:
		return mac, Answer{Status: 200, Type: xmlType, Body: account.xml()}
	}
	body := "user=" + url.QueryEscape(account.User) + "&password=" + url.QueryEscape(account.Password) +
		"&server=" + url.QueryEscape(account.Server) + "&reseller=" + url.QueryEscape(account.Reseller)
	return mac, Answer{Status: 200, Type: formType, Body: body}
}

func (a Account) xml() string {
	var b strings.Builder
	b.WriteString("<account")
	for _, attribute := range [][2]string{{"user", a.User}, {"password", a.Password}, {"server", a.Server}, {"reseller", a.Reseller}} {
		b.WriteString(" " + attribute[0] + `="`)
		xml.EscapeText(&b, []byte(attribute[1])) // a Builder never fails
		b.WriteByte('"')
	}
	return b.String() + "/>"
}
