package audiocodes

import (
	"encoding/json"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/profile/lines"
)

// action is something that the phone is asked to do (AC-ACT-1). Its kind is the name
// of DM-ACT-2.
type action struct {
	id, kind string
	value    string // a URL, a text, or a number of seconds
}

// The kinds of actions.
const (
	askStatus   = "IPPhoneStatus"
	askFirmware = "IPPhoneUpdateFirmware"
	askReset    = "IPPhoneReset"
	askConfig   = "IPPhoneUpdateConfiguration"
	askMessage  = "IPPhoneSendMessage"

	// Of the phone's own web page.
	askSave    = "save"
	askFactory = "factory reset"
	askLogins  = "failed logins"
)

const (
	mostActions = 16 // of an answer, and of a file (AC-ACT-3)
	mostIDs     = 32 // of actions that have run, as remembered (AC-ACT-4)
)

// order takes a row that is part of an action of a file, which is no setting
// (AC-ACT-4).
func order(found map[int]*action, row lines.Line) bool {
	rest, ok := strings.CutPrefix(row.Name, "ems_server/action/")
	if !ok {
		return false
	}
	number, member, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return true
	}
	a, known := found[int(n)]
	if !known {
		if len(found) == mostActions {
			return true
		}
		a = &action{}
		found[int(n)] = a
	}
	switch member {
	case "id":
		a.id = row.Value
	case "name":
		a.kind = row.Value
	case "value":
		a.value = row.Value
	}
	return true
}

// handlers are the actions by their paths in the phone's REST server (AC-ACT-2).
var handlers = map[string]struct{ kind, value string }{
	"/rest/v1/status":                             {askStatus, ""},
	"/rest/v1/command/ResetGracefulHandler":       {askReset, "schedulePeriod"},
	"/rest/v1/command/UpdateFirmwareHandler":      {askFirmware, "url"},
	"/rest/v1/command/UpdateConfigurationHandler": {askConfig, ""},
	"/rest/v1/command/SendMessageHandler":         {askMessage, "text"},
}

// commands are the actions by the words of the short form (AC-ACT-3).
var commands = map[string]struct{ kind, value string }{
	"status": {askStatus, ""}, "reset": {askReset, "schedulePeriod"}, "updateFirmware": {askFirmware, "url"},
	"updateConfiguration": {askConfig, ""}, "sendMessage": {askMessage, "text"},
}

// pageCommands are what the phone's own web page has it do. No answer may ask for them.
var pageCommands = map[string]struct{ kind, value string }{askSave: {askSave, "form"}, askFactory: {askFactory, ""}, askLogins: {askLogins, ""}}

// openAnswer reads the answer to a keep-alive (AC-ACT-3).
func openAnswer(body []byte) *device.File {
	return &device.File{More: &orders{readActions(body, commands)}}
}

// readActions reads the actions of an answer, or of an order. What is not of the form
// asks for nothing.
func readActions(body []byte, known map[string]struct{ kind, value string }) (list []action) {
	var answer struct {
		Requests []json.RawMessage `json:"requests"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	for _, r := range answer.Requests[:min(len(answer.Requests), mostActions)] {
		list = append(list, readAction(r, known))
	}
	return list
}

// readAction reads an object, or a text that holds one. One that is not known has no
// kind.
func readAction(raw json.RawMessage, commands map[string]struct{ kind, value string }) action {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var r struct {
		Path string         `json:"path"`
		Cmd  string         `json:"cmd"`
		Body map[string]any `json:"body"`
	}
	if json.Unmarshal(raw, &r) != nil {
		return action{}
	}
	known, members := handlers[r.Path], r.Body
	if r.Cmd != "" {
		known, members = commands[r.Cmd], map[string]any{}
		if json.Unmarshal(raw, &members) != nil {
			return action{}
		}
	}
	value, _ := members[known.value].(string)
	return action{kind: known.kind, value: value}
}
