package grandstream

import (
	"bytes"
	"strings"

	"provsim/device/steps"
	"provsim/encrypt"
	"provsim/profile"
	"provsim/profile/xml"
)

// lint says what phones refuse of a file, by its content (GS-FMT-1).
func lint(file string, body []byte, known profile.Table) []profile.Finding {
	l := &steps.Linter{File: file, Known: known, Rule: "GS-FMT-5"}
	if _, sealed := encrypt.Detect(body); sealed {
		l.Add(0, 0, profile.Info, "GS-ENC-1", "the file is encrypted", "it is read after decryption; OpenSSL 1.1 and later need -md md5")
		return l.Findings()
	}
	config, f, err := parse(body)
	switch {
	case err != nil && (bytes.HasPrefix(body, []byte("P")) || bytes.HasPrefix(body, []byte("#"))):
		l.Add(1, 1, profile.Error, "GS-FMT-5", "the file seems to have lines P1=value", "only the phone's web page takes them; servers send XML or the binary form")
	case err != nil:
		l.Refused(err, "GS-FMT-1", "the phone takes nothing of it and asks for the next name")
	case f.binary:
		for name, value := range config.All() {
			setting(l, 0, 0, name, value)
		}
	default:
		_ = xml.Walk(body, func(e *xml.Element) { // parse has read it: it is well formed
			name, named := e.Attribute("name")
			switch depth := len(e.Path); {
			case e.Name() == "mac" && depth == 2:
				l.Add(e.Line, e.Column, profile.Info, "GS-FMT-3", "the file is for one phone only", "a phone with another address refuses it")
			case depth < 2 || e.Path[depth-2] != "config":
			case e.Name() != "item":
				setting(l, e.Line, e.Column, e.Name(), e.Text)
			case named:
				setting(l, e.Line, e.Column, name, e.Text)
			default:
				l.Add(e.Line, e.Column, profile.Warning, "GS-FMT-4", "the item has no name", "the phone ignores it")
			}
		})
	}
	return l.Findings()
}

func setting(l *steps.Linter, line, column int, name, value string) {
	l.Setting(line, column, name, value)
	via, isServer := map[string]string{configServer: configVia, imageServer: imageVia}[name]
	if isServer && strings.Contains(value, "://") {
		l.Add(line, column, profile.Error, "GS-SRC-2", name+" has a scheme inside it", "the phone takes the scheme for a host's name and finds no server: "+via+" chooses the protocol")
	}
}
