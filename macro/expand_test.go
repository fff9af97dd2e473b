package macro_test

import (
	"strings"
	"testing"

	"provsim/macro"
)

// phone has the address of the vectors of FV-MAC.
var phone = macro.Map{
	"MA": "0021f2011b19", "MAU": "0021F2011B19", "MAC": "00:21:f2:01:1b:19",
	"PN": "IP542N", "SN": "E3C08109000051", "IP": "201.45.12.89",
	"SWVER": "v3.3.8", "HWVER": "v1.0.1",
}

func rescan() macro.Syntax {
	s := macro.Sipura
	s.Rescan = true
	return s
}

func TestExpand(t *testing.T) {
	for _, test := range []struct {
		rule, text, want string
	}{
		{"FV-MAC-1: all variables", "$MA $MAU $MAC $PN", "0021f2011b19 0021F2011B19 00:21:f2:01:1b:19 IP542N"},
		{"FV-MAC-1: all variables", "$SN $IP $SWVER $HWVER", "E3C08109000051 201.45.12.89 v3.3.8 v1.0.1"},
		{"FV-MAC-1: names are case-sensitive", "$mau $Mau $(mau)", "$mau $Mau $(mau)"},
		{"FV-MAC-2: both forms", "CW$MA.conf", "CW0021f2011b19.conf"},
		{"FV-MAC-2: both forms", "$(MAU)config.cfg", "0021F2011B19config.cfg"},
		{"FV-MAC-2: the longest run is the name", "$MAUconfig.cfg", "$MAUconfig.cfg"},
		{"FV-MAC-2: a digit belongs to the name", "$MA2", "$MA2"},
		{"FV-MAC-2: an underscore ends it", "$PN_$MA_x", "IP542N_0021f2011b19_x"},
		{"FV-MAC-2: a byte beyond ASCII ends it", "$PNé$PN\xff", "IP542NéIP542N\xff"},
		{"FV-MAC-3: an unknown name stays", "$STRANGE$MAU.cfg", "$STRANGE0021F2011B19.cfg"},
		{"FV-MAC-3: parentheses stay with it", "$(STRANGE)$(STRANGE:2)", "$(STRANGE)$(STRANGE:2)"},
		{"FV-MAC-4: a doubled sigil is one", "$$MAU", "$MAU"},
		{"FV-MAC-4: a doubled sigil is one", "$$(MAU)", "$(MAU)"},
		{"FV-MAC-4: the third sigil begins anew", "$$$MAU", "$0021F2011B19"},
		{"FV-MAC-4: pairs from the left", "$$$$MAU", "$$MAU"},
		{"FV-MAC-6: from an offset", "$(MAU:4)", "F2011B19"},
		{"FV-MAC-6: from an offset, so many", "$(MAU:8:2)", "1B"},
		{"FV-MAC-6: leading zeros are digits", "$(MAU:008:02)", "1B"},
		{"FV-MAC-6: none at all", "<$(MAU:3:0)>", "<>"},
		{"FV-MAC-6: the offset is the end", "<$(MAU:12)>", "<>"},
		{"FV-MAC-6: the offset is past the end", "<$(MAU:13:1)>", "<>"},
		{"FV-MAC-6: the length is past the end", "$(MAU:10:9)", "19"},
		{"FV-MAC-6: numbers beyond 64 bits", "<$(MAU:99999999999999999999)>", "<>"},
		{"FV-MAC-6: numbers beyond 64 bits", "$(MAU:10:99999999999999999999)", "19"},
		{"FV-MAC-6: not a wrap to a small number", "<$(MAU:18446744073709551616)>", "<>"},
		{"FV-MAC-7: no end", "$(MAU", "$(MAU"},
		{"FV-MAC-7: no end", "$(", "$("},
		{"FV-MAC-7: no offset", "$(MAU:)", "$(MAU:)"},
		{"FV-MAC-7: the offset is no number", "$(MAU:x)", "$(MAU:x)"},
		{"FV-MAC-7: the offset is negative", "$(MAU:-1)", "$(MAU:-1)"},
		{"FV-MAC-7: no length", "$(MAU:1:)", "$(MAU:1:)"},
		{"FV-MAC-7: three numbers", "$(MAU:1:2:3)", "$(MAU:1:2:3)"},
		{"FV-MAC-7: no name", "$()", "$()"},
		{"FV-MAC-7: no name", "$(:1)", "$(:1)"},
		{"FV-MAC-7: a blank", "$( MAU)", "$( MAU)"},
		{"FV-MAC-7: a blank", "$(MAU )", "$(MAU )"},
		{"FV-MAC-7: a lone sigil", "a $ b", "a $ b"},
		{"FV-MAC-7: a final sigil", "$MAU$", "0021F2011B19$"},
		{"FV-MAC-7: what follows a stray sigil counts", "$($MAU)", "$(0021F2011B19)"},
		{"FV-MAC-8: inside quotes", `'$MAU' "$MAU"`, `'0021F2011B19' "0021F2011B19"`},
		{"FV-MAC-8: no escapes", `\$MAU %24MAU`, `\0021F2011B19 %24MAU`},
		{"FV-MAC-8: other bytes pass", "\x00\xfe\n€", "\x00\xfe\n€"},
		{"no text", "", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			if got := macro.Expand(test.text, phone, macro.Sipura); got != test.want {
				t.Errorf("%s expands to %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestRescan(t *testing.T) {
	for _, test := range []struct {
		rule, text, want string
	}{
		{"the vendor's table", "$$MAU", "$0021F2011B19"},
		{"the vendor's table, in parentheses", "$$(MAU:4)x", "$F2011B19x"},
		{"alone a doubled sigil is one", "$$ $$", "$ $"},
		{"an unknown name", "$$STRANGE", "$STRANGE"},
		{"a malformed expression", "$$(MAU", "$(MAU"},
		{"the third sigil begins anew", "$$$MAU", "$0021F2011B19"},
		{"pairs from the left", "$$$$MAU", "$$0021F2011B19"},
		{"a single sigil is as ever", "$MAU$", "0021F2011B19$"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			if got := macro.Expand(test.text, phone, rescan()); got != test.want {
				t.Errorf("%s expands to %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestValuesAreNotScannedAgain(t *testing.T) { // FV-MAC-5
	vars := macro.Map{"A": "$B", "B": "$$", "C": "$(A"}
	for _, s := range []macro.Syntax{macro.Sipura, rescan()} {
		if got, want := macro.Expand("$A $B$A $(A)B $C)", vars, s), "$B $$$B $BB $(A)"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAnEmptyValueIsKnown(t *testing.T) {
	if got := macro.Expand("<$A$(A:2)>", macro.Map{"A": ""}, macro.Sipura); got != "<>" {
		t.Errorf("got %s, want <>", got)
	}
}

func TestLettersAndDigitsMakeNames(t *testing.T) { // FV-MAC-2
	const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for c := range 256 {
		name := "A" + string([]byte{byte(c)})
		vars := macro.Map{"A": "short", name: "long"}
		want := "long"
		if strings.IndexByte(alphanumeric, byte(c)) < 0 {
			want = "short" + name[1:]
		}
		if got := macro.Expand("$"+name, vars, macro.Sipura); got != want {
			t.Errorf("$A followed by byte %#x expands to %q, want %q", c, got, want)
		}
	}
}

func TestNoNameIsNoVariable(t *testing.T) { // FV-MAC-7
	const text = "$ $() $(:1) $"
	if got := macro.Expand(text, macro.Map{"": "value"}, macro.Sipura); got != text {
		t.Errorf("%s expands to %s", text, got)
	}
}

func TestSyntaxIsData(t *testing.T) {
	vars := macro.Map{"A": "abc"}
	for _, test := range []struct {
		rule   string
		syntax macro.Syntax
		text   string
		want   string
	}{
		{"the zero Syntax", macro.Syntax{}, "$A \x00A \x00\x00A", "$A \x00A \x00\x00A"},
		{"other bytes", macro.Syntax{Sigil: '%', Open: '{', Close: '}', Part: ','}, "%A %{A,1} %%A $A", "abc bc %A $A"},
		{"no enclosed form", macro.Syntax{Sigil: '$'}, "$(A) $A $\x00A\x00", "$(A) abc $\x00A\x00"},
		{"no substrings", macro.Syntax{Sigil: '$', Open: '(', Close: ')'}, "$(A) $(A:1) $(A\x001)", "abc $(A:1) $(A\x001)"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			if got := macro.Expand(test.text, vars, test.syntax); got != test.want {
				t.Errorf("%q expands to %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	for _, test := range []struct {
		text, want string
	}{
		{"$(MAU:8:2):80", "$(MAU:8:2)"},
		{"$(STRANGE)x", "$(STRANGE)"},
		{"$MA/x", "$MA"},
		{"$$MA", "$$"},
		{"$(MAU", ""},
		{"$", ""},
		{"x$MA", ""},
		{"", ""},
	} {
		if got := test.text[:macro.Sipura.Span(test.text)]; got != test.want {
			t.Errorf("the expression of %q is %q, want %q", test.text, got, test.want)
		}
	}
	if got := (macro.Syntax{}).Span("\x00A"); got != 0 {
		t.Errorf("the zero Syntax finds an expression of %d bytes", got)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	allocs := testing.AllocsPerRun(100, func() {
		dst = macro.Append(dst[:0], rule, phone, macro.Sipura)
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want 0", allocs)
	}
}

func TestExpandAllocatesTheResult(t *testing.T) {
	for text, want := range map[string]float64{rule: 1, "/IP542N.conf": 0} {
		if allocs := testing.AllocsPerRun(100, func() { macro.Expand(text, phone, macro.Sipura) }); allocs != want {
			t.Errorf("%v allocations for %s, want %v", allocs, text, want)
		}
	}
}

const rule = "http://neptune.speak.net:8080/prov/$PN/$(MAU:4)-$(MA)x.conf?at=$IP"

func BenchmarkAppend(b *testing.B) {
	long := strings.Repeat(rule+" plain text between the rules ", 200)
	for _, bench := range []struct{ name, text string }{{"rule", rule}, {"long", long}} {
		b.Run(bench.name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(bench.text))
			b.ReportAllocs()
			b.SetBytes(int64(len(bench.text)))
			for b.Loop() {
				dst = macro.Append(dst[:0], bench.text, phone, macro.Sipura)
			}
		})
	}
}
