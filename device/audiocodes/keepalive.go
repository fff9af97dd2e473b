package audiocodes

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/resync"
)

// The words of a phone's status (AC-KA-3).
const (
	started      = "started"
	registered   = "registered"
	unregistered = "unregistered"
	offline      = "offline"
)

// owed is the slot of the changes of status that the phone has not reported yet, as
// words. The value told says that it has reported all.
const owed, told = "status", "-"

// keepAliveTimeout is how long the phone waits for an answer (AC-KA-5).
const keepAliveTimeout = 10 * time.Second

// mostAnswer is the largest answer that is read.
const mostAnswer = 64 << 10

// manager reports whether keep-alives are on.
func (s *session) manager() bool { return s.Firmware.Text(managerURL) != "" }

// keepAlive is a keep-alive: the statuses that are to be told, and the actions that the
// answers ask for (AC-KA-1, AC-ACT-3). Or it is what the phone's own web server was
// asked for (AC-ACT-2).
func keepAlive(r *steps.Run) {
	s := begin(r)
	var todo []action
	if order, ok := s.Order(); ok {
		known := maps.Clone(commands)
		maps.Copy(known, pageCommands)
		todo = readActions([]byte(order), known)
	} else {
		for _, word := range s.words() {
			if !s.tell(word, &todo) {
				return
			}
		}
	}
	for n := 0; n < len(todo) && n < mostActions && s.failure.Outcome == resync.None; n++ {
		a := todo[n]
		if a.kind == askStatus {
			if !s.tell(s.status(), &todo) {
				return
			}
		} else if !s.do(a) {
			return
		}
		if s.version != "" || s.asked || s.factory { // what follows is lost with the reboot
			break
		}
	}
	if s.settle() {
		s.conclude(resync.Sent)
	}
}

// words returns the statuses that a keep-alive tells.
func (s *session) words() []string {
	words := strings.Fields(s.Mark(owed))
	switch {
	case s.Device.CauseOf(resync.KeepAlive) == resync.AtBoot:
		return []string{started}
	case len(words) == 0 || words[0] == told:
		return []string{s.status()}
	}
	s.Remember(owed, told)
	s.keeps = true
	return words
}

// status is what the phone says when nothing has changed. No SIP server is asked:
// a phone with a line counts as registered.
func (s *session) status() string {
	if s.Text(lineEnabled) == "1" {
		return registered
	}
	return started
}

// statuses notes which changes of status a check has brought. At boot the phone
// registers after the check.
func (s *session) statuses() {
	line := s.Text(lineEnabled) == "1"
	switch {
	case s.Text(managerURL) == "":
	case !s.manager():
		words := started
		if line {
			words += " " + registered
		}
		s.owe(words)
	case s.Job == resync.Resync && s.Device.CauseOf(resync.Resync) == resync.AtBoot:
		if line {
			s.then = device.ThenKeepAlive
		}
	case s.voice && line:
		s.owe(unregistered + " " + registered)
	case s.voice:
		s.owe(unregistered)
	}
}

func (s *session) owe(words string) {
	s.Remember(owed, words)
	s.keeps, s.then = true, device.ThenKeepAlive
}

// tell sends a status and appends the actions of the answer.
func (s *session) tell(word string, todo *[]action) bool {
	file, ok := s.send(word)
	if !ok {
		return false
	}
	if o := file.Fault.Outcome; o != resync.None {
		s.failure = file.Fault
	}
	if o, ok := file.More.(*orders); ok {
		*todo = append(*todo, o.list...)
	}
	return true
}

// post sends a status whose answer does not count.
func (s *session) post(word string) bool {
	_, ok := s.send(word)
	return ok
}

func (s *session) send(word string) (*device.File, bool) {
	page := "rest/v1/ipphoneMgrStatus/keep-alive"
	if word == started && s.Model.Quirks[first] == "init" {
		page = "rest/v1/ipphoneMgrStatus/init"
	}
	return s.postTo(page, s.message(word))
}

// postTo sends a body to a page of the manager.
func (s *session) postTo(page string, body func() []byte) (*device.File, bool) {
	base := openValue(s.Firmware.Text(managerURL), s.Model.Secrets)
	t, err := target(base, "http", s.Device.Identity(), s.Model.Quirks)
	if err != nil {
		return steps.Bad(resync.BadRule, managerURL+": "+err.Error()), true
	}
	t.Path = strings.TrimSuffix(t.Path, "/") + "/" + page
	return s.Fetch(steps.Ask{
		Slot: "answer", Target: t, Method: device.Post, Class: device.StatusClass, Type: "application/json", Body: body,
		Timeout: keepAliveTimeout, Limit: mostAnswer, Open: openAnswer,
	})
}

// message returns the body of a keep-alive (AC-KA-2). What it needs of the phone is
// read now: the body is made when it is sent.
func (s *session) message(word string) func() []byte {
	id, lease, agent := s.Device.Identity(), s.Device.Lease(), s.Model.Agent
	if agent == "" {
		agent = userAgent(id)
	}
	user, number, proxy := s.value(lineName), s.value(lineID), s.value(sipProxy)
	account := ""
	if number != "" && proxy != "" {
		account = number + "@" + proxy
	}
	region := ""
	if word == started {
		user, number, proxy, account = "", "", "", ""
		region = s.tenant()
	}
	login := s.login()
	return func() []byte {
		o := login()
		o.add("mac", id.MAC.String())
		o.add("ip", lease.Addr.String())
		o.add("subnet", subnet(lease))
		if region != "" {
			o.add("region", region)
		}
		o.add("model", id.Product)
		o.add("fwVersion", id.Software)
		o.add("userAgent", agent)
		o.add("userName", user)
		o.add("userId", account)
		o.add("status", word)
		o.add("phoneNumber", number)
		o.add("location", "")
		o.add("sipProxy", proxy)
		return o.bytes()
	}
}

// tenant returns the tenant that the first message names: the one that the phone was
// given, or that of the configuration's URL (AC-KA-2).
func (s *session) tenant() string {
	if own := s.Text(tenantName); own != "" {
		return own
	}
	for _, name := range []string{configURL, configLearnt} {
		if _, rest, ok := strings.Cut(s.Firmware.Text(name), "/tenant/"); ok {
			tenant, _, _ := strings.Cut(rest, "/")
			return tenant
		}
	}
	return ""
}

func subnet(l device.Lease) string {
	if masks := l.Offer.Addrs(1); len(masks) == 1 {
		return masks[0].String()
	}
	return netip.AddrFrom4([4]byte{255, 255, 255, 0}).String()
}

// login returns the beginning of a message: a number of its own, and the user with a
// digest of the password. The digest is a stand-in (AC-KA-4).
func (s *session) login() func() object {
	session := fmt.Sprintf("%08x", uint32(s.Device.Nonce()))
	user, password := s.value(managerUser), s.value(managerPass)
	return func() (o object) {
		o.add("sessionId", session)
		o.add("emsUserName", user)
		o.add("emsUserPassword", digest(session, user, password))
		return o
	}
}

func digest(session, user, password string) string {
	sum := md5.Sum([]byte(session + ":" + user + ":" + password))
	return hex.EncodeToString(sum[:])
}

// alarm sends an alarm where a manager is set (AC-AL-1, AC-AL-2).
func (s *session) alarm(name string, severity int, detail string) bool {
	if !s.manager() {
		return true
	}
	const slot = "alarms"
	count, _ := strconv.Atoi(s.Mark(slot))
	s.Remember(slot, strconv.Itoa(count+1))
	s.keeps = true
	s.say(device.AlarmRaised, "%s, severity %d", name, severity)
	mac, date, login := s.Device.MAC(), s.Model.Epoch.UTC().Add(s.Device.Began()), s.login()
	if s.Model.Epoch.IsZero() {
		date = time.Unix(0, 0).UTC().Add(s.Device.Began())
	}
	_, ok := s.postTo("rest/v1/ipphoneMgrAlert/alert", func() []byte {
		o := login()
		alarm := fmt.Sprintf(`[{"uniqueId":%d,"name":%s,"description":"","date":%q,"severity":"%d","source":"IPPhone/%s","type":2,"probableCause":5,"additionalInfo1":"","additionalInfo2":%s}]`,
			count+1, quoted(name), date.Format("2006-01-02T15:04:05"), severity, mac, quoted(detail))
		o.text += `,"alerts":` + alarm
		return o.bytes()
	})
	return ok
}

// object is a JSON object of texts in their order.
type object struct{ text string }

func (o *object) add(name, value string) {
	if o.text != "" {
		o.text += ","
	}
	o.text += quoted(name) + ":" + quoted(value)
}

func (o *object) bytes() []byte { return []byte("{" + o.text + "}") }

// quoted returns a text as JSON has it.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil { // a text always has a form in JSON
		return `""`
	}
	return string(b)
}
