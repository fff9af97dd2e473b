package check

import "testing"

func TestSameText(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"equal bytes", "a=1\n", "a=1\n", true},
		{"a time in a comment", "#!version:1\n#173290.12\na = 1\n", "#!version:1\n#173291.5\na = 1\n", true},
		{"a comment more", "a=1\n", "; made today\na=1\n", true},
		{"a comment of XML", "<a><!-- 10:00\n --><b>1</b></a>", "<a><!-- 10:01 --><b>1</b></a>", true},
		{"another value", "#1\na=1\n", "#1\na=2\n", false},
		{"a comment behind a value is a part of it", "a=1 #1\n", "a=1 #2\n", false},
		{"what is no text has no comments", "\x00\n#1\n", "\x00\n#2\n", false},
	} {
		if got := SameText([]byte(test.a), []byte(test.b)); got != test.same {
			t.Errorf("%s: SameText is %v, want %v", test.name, got, test.same)
		}
	}
}

func TestServersNameThemselves(t *testing.T) {
	p, err := NewProbe(&Target{}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"", "SimpleHTTP/0.6", "nginx/1.22.1", "Apache", "nginx"} {
		p.recognise(field)
	}
	if got := p.Servers(); len(got) != 2 || got[0] != Apache || got[1] != Nginx {
		t.Errorf("servers %v, want Apache and nginx", got)
	}
	all := Advices{Nginx: {Text: "a"}, Lighttpd: {Text: "b"}, AnyServer: {Text: "c"}}
	if got := all.Servers(p.Servers()); len(got) != 2 || got[0] != AnyServer || got[1] != Nginx {
		t.Errorf("advice for %v, want it for any server and nginx", got)
	}
	if got := all.Servers([]Server{TFTPDHPA}); len(got) != 3 {
		t.Errorf("advice for %v, want it for all", got)
	}
}
