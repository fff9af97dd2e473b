package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrEmpty says that a file holds nothing but blanks: the failure empty
// (FV-CFG-2).
var ErrEmpty = errors.New("the file is empty")

// ErrCorrupt says that a file has no line of the form NAME=value: the failure
// corrupt (FV-CFG-2).
var ErrCorrupt = errors.New("the file has no line NAME=value")

// byteOrderMark is skipped at the start of a file (FV-CFG-1).
const byteOrderMark = "\ufeff"

// ParseConfig reads a configuration file (FV-CFG-1). A file without a setting
// gives [ErrEmpty] or [ErrCorrupt], wrapped with what was found instead. Bad
// lines between good ones are kept aside for [Config.Bad].
//
// The Config holds one copy of body and nothing of body itself.
func ParseConfig(body []byte) (Config, error) {
	text := strings.TrimPrefix(string(body), byteOrderMark)
	c := &content{}
	c.settings = make([]setting, 0, min(1+bytes.Count(body, []byte("\n")), 1<<10))
	for number := 1; text != ""; number++ {
		var row string
		row, text, _ = strings.Cut(text, "\n")
		switch l := readLine(row); l.kind {
		case settingLine:
			c.put(setting{l.name, l.value, int32(number)})
		case badLine:
			column := utf8.RuneCountInString(row[:l.faultAt]) + 1
			c.bad = append(c.bad, BadLine{Line: number, Column: column, Why: l.why})
		}
	}
	if len(c.settings) > 0 {
		return Config{c}, nil
	}
	if len(bytes.Trim(body, byteOrderMark+"\r\n"+blanks)) == 0 {
		return Config{}, ErrEmpty
	}
	return Config{}, fmt.Errorf("%w: %s", ErrCorrupt, c.describe(body))
}

// put adds a setting, or changes it where it is there already.
func (c *content) put(s setting) {
	if i := c.find(s.name); i >= 0 {
		c.settings[i] = s
		return
	}
	c.settings = append(c.settings, s)
	if c.index == nil {
		c.indexAll()
		return
	}
	c.index[s.name] = int32(len(c.settings) - 1)
}

// signatures are how files begin that are often served in place of ours.
var signatures = []struct{ prefix, what string }{
	{"<", "this looks like HTML or XML, such as a server's error page"},
	{"{", "this looks like JSON"},
	{"Salted__", "this is encrypted, and needs a rule with [--key …]"},
	{"\x1f\x8b", "this is compressed by gzip"},
	{"#!version", "this is for newer phones, whose files have lines name = value after #!version"},
}

// describe says what a file without settings is instead.
func (c *content) describe(body []byte) string {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte(byteOrderMark)), "\r\n"+blanks)
	for _, s := range signatures {
		if bytes.HasPrefix(body, []byte(s.prefix)) {
			return s.what
		}
	}
	if len(c.bad) == 0 {
		return "it has only comments"
	}
	return fmt.Sprintf("line %d, column %d: %s", c.bad[0].Line, c.bad[0].Column, c.bad[0].Why)
}

// Append appends the settings to dst, one line NAME=value for each. ParseConfig
// reads them back, with lines counted anew.
func (c Config) Append(dst []byte) []byte {
	for name, value := range c.All() {
		dst = append(dst, name...)
		dst = append(dst, '=')
		dst = append(dst, value...)
		dst = append(dst, '\n')
	}
	return dst
}

// MarshalJSON returns what Append prints, as a base64 string.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.Append([]byte{})) }

// UnmarshalJSON reads what MarshalJSON returns. The empty string is the zero
// Config.
func (c *Config) UnmarshalJSON(data []byte) error {
	var body []byte
	if err := json.Unmarshal(data, &body); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	read, err := ParseConfig(body)
	if err != nil && !errors.Is(err, ErrEmpty) {
		return err
	}
	*c = read
	return nil
}
