package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Append appends the settings to dst, one line NAME=value for each, so that
// UnmarshalText reads them back. Where a name or a value could not be read from
// such a line, both are quoted as in Go.
func (c Config) Append(dst []byte) []byte {
	for name, value := range c.All() {
		if badNameByte(name) < 0 && !strings.ContainsAny(value, "\n\r") {
			dst = append(dst, name...)
			dst = append(dst, '=')
			dst = append(dst, value...)
		} else {
			dst = strconv.AppendQuote(dst, name)
			dst = append(dst, '=')
			dst = strconv.AppendQuote(dst, value)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// UnmarshalText reads what Append prints. The empty text is the zero Config.
func (c *Config) UnmarshalText(text []byte) error {
	var b Builder
	rest := string(text)
	for number := 1; rest != ""; number++ {
		var row string
		row, rest, _ = strings.Cut(rest, "\n")
		name, value, err := cutPrinted(row)
		if err != nil {
			return fmt.Errorf("configuration, line %d: %w", number, err)
		}
		b.Set(name, value, 0)
	}
	*c = b.Config()
	return nil
}

// cutPrinted reads one line that Append has printed.
func cutPrinted(row string) (name, value string, err error) {
	quoted, err := strconv.QuotedPrefix(row)
	if err != nil {
		name, value, ok := strings.Cut(row, "=")
		if !ok || name == "" {
			return "", "", errors.New(`found no name and "=", want NAME=value`)
		}
		return name, value, nil
	}
	name, _ = strconv.Unquote(quoted)
	value, err = strconv.Unquote(strings.TrimPrefix(row[len(quoted):], "="))
	if err != nil || row[len(quoted)] != '=' {
		return "", "", errors.New(`found no quoted value after the quoted name, want "NAME"="value"`)
	}
	return name, value, nil
}

// MarshalJSON returns what Append prints, as a base64 string.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.Append([]byte{})) }

// UnmarshalJSON reads what MarshalJSON returns.
func (c *Config) UnmarshalJSON(data []byte) error {
	var text []byte
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return c.UnmarshalText(text)
}
