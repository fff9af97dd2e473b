package audiocodes

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
)

// The login of the phone's own page, and how long one lasts (AC-WEB-1).
const (
	pageUser, pagePassword = "admin", "1234"
	pageSession            = 600 * time.Second
	mostFailedLogins       = 3 // in a row, before an alarm (AC-AL-2)
)

// frame is where the page begins (AC-WEB-1).
const frame = "mainform.cgi?go=mainframe.htm"

// web answers a request to the phone: its REST service (AC-ACT-2), and its page
// (AC-WEB-1, AC-WEB-2).
func web(d *device.Device, state *device.WebState, r *device.WebRequest) device.WebAnswer {
	switch {
	case strings.HasPrefix(r.Path, "/rest/"):
		return service(d, r)
	case r.Path == "/":
		return page(`<meta http-equiv="refresh" content="0;URL=` + frame + `">`)
	case r.Path == "/login.cgi":
		return login(state, r)
	case !strings.HasPrefix(r.Path, "/mainform.cgi"):
		return device.WebAnswer{Status: 404}
	case !valid(state, r):
		return page("Login: POST /login.cgi")
	}
	return form(d, r)
}

// service is the REST service. Credentials are not checked.
func service(d *device.Device, r *device.WebRequest) device.WebAnswer {
	handler, known := handlers[r.Path]
	method := "PUT"
	if handler.kind == askStatus {
		method = "GET"
	}
	var body map[string]json.RawMessage
	switch {
	case !known:
		return device.WebAnswer{Status: 404}
	case r.Method != method:
		return device.WebAnswer{Status: 405, Allow: method}
	case handler.kind == askStatus:
		return object200(status(d))
	case json.Unmarshal(r.Body, &body) != nil || body == nil:
		return device.WebAnswer{Status: 400}
	}
	a := object200([]byte("{}"))
	a.Order = orderOf(map[string]any{"path": r.Path, "body": body})
	return a
}

func object200(body []byte) device.WebAnswer {
	return device.WebAnswer{Status: 200, Type: "application/json", Body: body}
}

// status is what the phone would say in a keep-alive now.
func status(d *device.Device) []byte {
	f, _ := vendor.Boot(d.Model(), d.Stored().Config).(*steps.Firmware)
	s := begin(&steps.Run{Firmware: f, Device: d})
	return s.message(s.status())()
}

// orderOf is what the phone does then, in the form of an answer to a keep-alive.
func orderOf(actions ...map[string]any) device.Order {
	text, err := json.Marshal(map[string]any{"requests": actions})
	if err != nil { // texts, and what was JSON before
		return ""
	}
	return device.Order(text)
}

func command(name string) map[string]any { return map[string]any{"cmd": name} }

func page(body string) device.WebAnswer {
	return device.WebAnswer{Status: 200, Type: "text/html; charset=utf-8", Body: []byte("<!DOCTYPE html><html><head><title>IP Phone</title></head><body>" + body + "</body></html>\n")}
}

// login answers always with 200; what the body says tells whether it went well.
func login(state *device.WebState, r *device.WebRequest) device.WebAnswer {
	if r.Method != "POST" {
		return device.WebAnswer{Status: 405, Allow: "POST"}
	}
	values, _ := url.ParseQuery(string(r.Body))
	password, err := base64.StdEncoding.DecodeString(values.Get("psw"))
	if err != nil || values.Get("user") != pageUser || string(password) != pagePassword {
		a := page("Login failed")
		if state.Failed++; state.Failed%mostFailedLogins == 0 {
			a.Order = orderOf(command(askLogins))
		}
		return a
	}
	state.Failed = 0
	a := page(`<a href="/` + frame + `">/` + frame + `</a>`)
	a.Session = seal(state, r.Now)
	return a
}

// seal returns a session that begins now.
func seal(state *device.WebState, now time.Duration) string {
	text := strconv.FormatInt(int64(now), 16)
	mac := hmac.New(sha256.New, state.Secret[:])
	mac.Write([]byte(text))
	return text + "-" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// valid reports whether a request is one of a session.
func valid(state *device.WebState, r *device.WebRequest) bool {
	text, _, _ := strings.Cut(r.Session, "-")
	began, err := strconv.ParseInt(text, 16, 64)
	return err == nil && hmac.Equal([]byte(seal(state, time.Duration(began))), []byte(r.Session)) && r.Now-time.Duration(began) < pageSession
}

// form answers a request of a session.
func form(d *device.Device, r *device.WebRequest) device.WebAnswer {
	values, _ := url.ParseQuery(string(r.Body))
	where, posted := strings.TrimPrefix(r.Path, "/mainform.cgi"), r.Method == "POST"
	done := page("OK")
	switch {
	case where == "/network_status.htm" && !posted:
		return page("MAC Address: " + strings.ToUpper(d.MAC().Colons()) + "<br>IP Address: " + d.Lease().Addr.String())
	case where == "/reboot.htm" && posted && values.Get("REBOOT") == "2":
		done.Order = orderOf(command("reset"))
	case where == "/reset.htm" && posted && values.Get("CONFIG") == "2":
		done.Order = orderOf(command(askFactory))
	case where == "/auto_provision.htm" && posted:
		list := []map[string]any{{"cmd": askSave, "form": string(r.Body)}}
		if values.Get("NOW_FW") == "1" {
			list = append(list, command("updateFirmware"))
		}
		if values.Get("NOW_CFG") == "1" {
			list = append(list, command("updateConfiguration"))
		}
		done.Order = orderOf(list...)
	case posted:
		return device.WebAnswer{Status: 404}
	default:
		return page(html.EscapeString(d.Product().Name + " " + d.Software()))
	}
	return done
}

// formFields are the fields of the page for provisioning, by the setting that each is,
// with the words that its numbers stand for (AC-WEB-2).
var formFields = []struct {
	field, setting string
	words          []string
}{
	{"ASU_METHOD", method, []string{"DISABLE", "DYNAMIC", "STATIC"}},
	{"FW_URL", firmwareURL, nil},
	{"CFG_URL", configURL, nil},
	{"OPTVAL", optionNumber, nil},
	{"ASU_PERIOD", periodType, []string{"hourly", "daily", "weekly", "powerup"}},
	{"ASU_HOURS", periodHours, nil},
	{"ASU_EDTIME", dailyTime, nil},
	{"ASU_EDWDAY", weeklyDay, weekdays},
	{"ASU_EDWTIME", weeklyTime, nil},
	{"ASU_RANDOM", randomTime, nil},
}

// savedForm returns the settings of a form that a person has saved.
func savedForm(text string) *device.File {
	values, _ := url.ParseQuery(text)
	var b profile.Builder
	for _, f := range formFields {
		value, given := values.Get(f.field), values.Has(f.field)
		if n, err := strconv.Atoi(value); f.words != nil && err == nil && n >= 0 && n < len(f.words) {
			value = f.words[n]
		}
		if given && !strings.ContainsAny(value, "\r\n") {
			b.Set(f.setting, value, 0)
		}
	}
	return &device.File{Name: "the phone's page", Config: b.Config()}
}
