package xml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/profile"
	"provsim/profile/xml"
)

var (
	flat  = xml.Grammar{Shape: xml.Text, Roots: []string{"flat-profile"}}
	attrs = xml.Grammar{Shape: xml.Attributes}
	items = xml.Grammar{Shape: xml.Items, Roots: []string{"config"}, Item: "item", Name: "name"}
)

func listing(c profile.Config) (list []string) {
	for name, value := range c.All() {
		list = append(list, fmt.Sprintf("%s=%q", name, value))
	}
	return list
}

func TestShapes(t *testing.T) {
	for _, test := range []struct {
		what    string
		grammar *xml.Grammar
		body    string
		want    []string
	}{
		{"element text", &flat, "<flat-profile>\n <A ua=\"na\"> x </A>\n <B/>\n</flat-profile>", []string{`A="x"`, `B=""`}},
		{"a declaration, a comment and CDATA", &flat, "<?xml version=\"1.0\"?><!-- <A>0</A> --><flat-profile><A><![CDATA[<&]]></A></flat-profile>", []string{`A="<&"`}},
		{"references", &flat, "<flat-profile><A>&lt;&amp;&#65;</A></flat-profile>", []string{`A="<&A"`}},
		{"the root inside another element", &flat, "<device><flat-profile><A>1</A></flat-profile><x><A>2</A></x></device>", []string{`A="1"`}},
		{"a root beside another", &flat, "<router-configuration><W>1</W></router-configuration><flat-profile><A>1</A></flat-profile>", []string{`A="1"`}},
		{"the last of equal names", &flat, "<flat-profile><A>1</A><B>2</B><A>3</A></flat-profile>", []string{`A="3"`, `B="2"`}},
		{"a byte order mark", &flat, "\ufeff<flat-profile><A>1</A></flat-profile>", []string{`A="1"`}},
		{"Latin-1", &flat, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<flat-profile><A>\xe9\xe9\xe9</A><B>1</B></flat-profile>", []string{`A="ééé"`, `B="1"`}},
		{"attributes", &attrs, `<a x.y="1"><b z="2"/></a>`, []string{`z="2"`, `x.y="1"`}},
		{"items", &items, `<gs><config version="1"><item name="P1">a</item><item>b</item><other name="c">d</other></config></gs>`, []string{`P1="a"`}},
		{"no settings", &flat, "<flat-profile/>", nil},
	} {
		c, err := test.grammar.Parse([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		if diff := cmp.Diff(test.want, listing(c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}

func TestLines(t *testing.T) {
	c, err := flat.Parse([]byte("<flat-profile>\n<A>1</A>\n\n  <B>2\n</B></flat-profile>"))
	if err != nil || c.Line("A") != 2 || c.Line("B") != 4 {
		t.Errorf("A is in line %d, B in line %d: %v", c.Line("A"), c.Line("B"), err)
	}
}

func TestNoXML(t *testing.T) {
	for _, test := range []struct{ body, says string }{
		{"A=secret\n", `the file is not XML: the first character is not "<"`},
		{"Salted__secret", "this is encrypted"},
		{"\x1f\x8bsecret", "compressed by gzip"},
		{"\xff\xfe<\x00", "UTF-16 (little endian)"},
		{"<html><body>secret</body></html>", "the file has no element flat-profile: this looks like HTML"},
		{"<!DOCTYPE html><html><br><p>secret</html>", "this looks like HTML"},
		{"<other><A>secret</A></other>", "the file has no element flat-profile"},
		{"<flat-profile>\n<A>secret", "line 2: the file ends inside an element"},
		{"<flat-profile>\n<secret>1</B></flat-profile>", "line 2: an element is closed by the end tag of another"},
		{"<flat-profile><A>a&secret;</A></flat-profile>", "want &amp; for the character"},
		{"<flat-profile><A>a & b</A></flat-profile>", "want &amp; for the character"},
		{"<flat-profile><A>\x01</A></flat-profile>", "found a control character"},
		{"<flat-profile><A secret>1</A></flat-profile>", "found an attribute"},
		{"<?xml version='1.0' encoding='secret'?><flat-profile/>", "found an encoding other than"},
		{strings.Repeat("<secret>", 33), "more than 32 elements in each other"},
		{"<flat-profile>" + strings.Repeat("<secret/>", 20000) + "</flat-profile>", "more than 20000 elements"},
		{"<flat-profile>" + strings.Repeat(" ", xml.MaxSize), "bytes, want at most"},
	} {
		c, err := flat.Parse([]byte(test.body))
		if !errors.Is(err, profile.ErrCorrupt) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") || c.Len() != 0 {
			t.Errorf("%.60q: %v, want %s", test.body, err, test.says)
		}
	}
	for _, body := range []string{"", " \r\n", "\ufeff\n"} {
		if _, err := flat.Parse([]byte(body)); !errors.Is(err, profile.ErrEmpty) {
			t.Errorf("%q: %v, want ErrEmpty", body, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"<flat-profile><A ua='na'>1</A></flat-profile>", "<?xml version='1.0' encoding='latin1'?><a>\xff\n</a>", "<a", "<a/><b/>", "</a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, g := range []*xml.Grammar{&flat, &attrs, &items} {
			c, err := g.Parse(body)
			if err != nil && !errors.Is(err, profile.ErrCorrupt) && !errors.Is(err, profile.ErrEmpty) {
				t.Errorf("the error is %v", err)
			}
			for name := range c.All() {
				if c.Line(name) < 1 {
					t.Errorf("%q is in line %d", name, c.Line(name))
				}
			}
		}
	})
}
