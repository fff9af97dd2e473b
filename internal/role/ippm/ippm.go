// Package ippm (IP Phone Manager) is what a Device Manager, its Agent and AudioCodes phones say to
// each other: the five actions, the requests at a phone, the lists that an Agent
// fetches, and the call that carries a request out.
//
// The names, and everything between manager and Agent, are this project's own
// ("ours-1", DM-WIRE): only the actions' meaning and two of their names are public.
package ippm

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
)

// Version is the form of the conversation between manager and Agent.
const Version = "ours-1"

// The paths of the REST service, at the manager and through the Agent's proxy.
const (
	Root      = "/rest/v1/"
	KeepAlive = Root + "ipphoneMgrStatus/keep-alive"
	First     = Root + "ipphoneMgrStatus/init"
	Alert     = Root + "ipphoneMgrAlert/alert"
	AgentRoot = Root + "ipphoneMgrAgent/"
	Poll      = AgentRoot + "poll"
	Report    = AgentRoot + "report"
	KeyHeader = "X-IPPM-Service-Key"
)

// An Action is something that a manager has a phone do (DM-ACT-2).
type Action struct {
	Name, Title  string
	Method, Path string // of the request to the phone
	// Value is the member of the body that the action's value is, and Meaning
	// says what that is; both are empty where the action takes no value.
	Value, Meaning string
}

// Actions are the five, in the order of the document.
var Actions = []Action{
	{"IPPhoneStatus", "Check status", "GET", Root + "status", "", ""},
	{"IPPhoneUpdateFirmware", "Update firmware", "PUT", Root + "command/UpdateFirmwareHandler", "url", "URL of the image; empty: the phone's own"},
	{"IPPhoneReset", "Reset phone", "PUT", Root + "command/ResetGracefulHandler", "schedulePeriod", "seconds to wait; empty: until the phone is idle"},
	{"IPPhoneUpdateConfiguration", "Update configuration", "PUT", Root + "command/UpdateConfigurationHandler", "", ""},
	{"IPPhoneSendMessage", "Send message", "PUT", Root + "command/SendMessageHandler", "text", "the text"},
}

// FindAction returns an action by its name.
func FindAction(name string) (Action, bool) {
	for _, a := range Actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}

// Request is one action for one phone. A phone that gets it in a keep-alive's
// answer sees method, path and body only.
type Request struct {
	ID      uint64          `json:"id,omitempty"`
	Name    string          `json:"name,omitempty"`
	Tenant  string          `json:"tenant,omitempty"`
	MAC     string          `json:"mac,omitempty"`
	IP      string          `json:"ip,omitempty"` // as the phone's keep-alive has it
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Body    json.RawMessage `json:"body,omitempty"`
	Expires int64           `json:"expires,omitempty"` // Unix seconds; 0: never
}

// ForPhone returns the request without what is meant for an Agent.
func (r Request) ForPhone() Request { return Request{Method: r.Method, Path: r.Path, Body: r.Body} }

// List is the answer to a poll, and to a keep-alive.
type List struct {
	Requests []Request `json:"requests"`
}

// PollBody is what an Agent asks with (DM-WIRE-1).
type PollBody struct {
	AgentName string   `json:"agentName"`
	Version   string   `json:"version"`
	Tenants   []string `json:"tenants"`
	SessionID string   `json:"sessionId"`
}

// ReportBody is the result of one request (DM-WIRE-5).
type ReportBody struct {
	AgentName string `json:"agentName"`
	ID        uint64 `json:"id"`
	Name      string `json:"name"`
	IP        string `json:"ip"`
	Result    string `json:"result"`
}

// The results of a request at a phone. OK says that the phone took it, not that it
// did it. A status other than 2xx is "HTTP" and the number.
const (
	OK      = "OK"
	Timeout = "TIMEOUT"
	Refused = "REFUSED"
	TLS     = "TLS"
	Expired = "EXPIRED"
)

// AgentName is the name of an Agent (AG-ID-1).
func AgentName(host, ip string) string { return host + "-" + ip }

// HostOf returns the host that an action's text has for an Agent's name: without
// the address, and without a leading "WIN-" (DM-PG-3).
func HostOf(agent string) string {
	if i := strings.LastIndexByte(agent, '-'); i >= 0 {
		agent = agent[:i]
	}
	return strings.TrimPrefix(agent, "WIN-")
}

var nameForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)
})

// GoodName reports whether a tenant, a site or a model may have a name.
func GoodName(name string) bool { return nameForm().MatchString(name) }
