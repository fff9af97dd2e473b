package audiocodes

import (
	"strings"
	"testing"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{"a/b=1\r\ninclude x.cfg\n", "\ufeff; c\na=b ;c\n", "ems_server/action/0/id=7\n", "=\n\x00", "include \n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		file := open(body, false, false)
		d, ok := file.More.(*document)
		if ok != (file.Fault.Outcome == resync.None) {
			t.Fatalf("outcome %v with a document: %v", file.Fault.Outcome, ok)
		}
		lint("x.cfg", body, profile.NewTable(parameters))
		if !ok {
			return
		}
		lines := strings.Count(string(body), "\n") + 1
		for i := range d.rows {
			if d.at[i] < 1 || d.at[i] > lines {
				t.Errorf("row %d is in line %d of %d", i, d.at[i], lines)
			}
		}
		whole := assemble(d.rows, &device.Model{}, true)
		if o, ok := whole.More.(*orders); ok && len(o.list) > mostActions {
			t.Errorf("%d actions", len(o.list))
		}
	})
}

func FuzzImage(f *testing.F) {
	f.Add(makeImage("440HD", "2.2.8.61", []byte("firmware")))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		file := openImage(body, "440HD", "1")
		if _, ok := file.More.(image); ok != (file.Fault.Outcome == resync.None) {
			t.Errorf("outcome %v, more %v", file.Fault.Outcome, file.More)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"requests":["{\"cmd\":\"reset\"}"]}`, `{"requests":[{"path":"/rest/v1/status"}]}`, `"Unknown customer"`, `{"requests":[null,1,[]]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if o, ok := openAnswer(body).More.(*orders); ok && len(o.list) > mostActions {
			t.Errorf("%d actions", len(o.list))
		}
	})
}

func FuzzSource(f *testing.F) {
	for _, seed := range []string{"http://h/x.img; <MODEL>_<MAC>.cfg", "ftp://h", "https://u:p@h:81/;c.cfg", ";", "://", "http://<mac>/"} {
		f.Add(seed, "a.img;b.cfg")
	}
	f.Fuzz(func(t *testing.T, value, names string) {
		p, err := readValue(value, names, false)
		if err != nil {
			return
		}
		for _, url := range []string{p.firmware, p.configuration} {
			if got, err := target(url, "tftp", identity("440HD"), nil); err == nil && (got.Host == "" || got.Port == 0 || !strings.HasPrefix(got.Path, "/")) {
				t.Errorf("%q leads to %+v", url, got)
			}
		}
	})
}

func FuzzSealed(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), `{"Mru8VYV897U="}`)
	f.Fuzz(func(t *testing.T, body []byte, value string) {
		openSealed(body, "secret", false)
		openValue(value, device.Secrets{valueKey: strings.Repeat("00", 24), valueIV: strings.Repeat("00", 8)})
	})
}
