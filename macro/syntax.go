package macro

import "strings"

// Syntax says how a vendor writes variables. A byte of 0 means that the syntax
// does not have that part; the zero Syntax therefore expands nothing.
type Syntax struct {
	Sigil byte // begins an expression; doubled it stands for itself
	// Open and Close enclose a name that a letter or a digit follows. Without a Sigil
	// Open alone begins an expression, and nothing is doubled: [NAME].
	Open, Close byte
	Part        byte // separates name, offset and length of a substring in Open and Close
	Underscore  bool // names may have '_' beside letters and digits

	// Rescan is the quirk dollar-rescan (FV-MAC-4), for the vendor's table which
	// says that $$MAU gives $0021F2011B19. A doubled sigil then gives one sigil,
	// and its second half still begins an expression: where that is a known
	// variable its value follows, and where it is not, nothing more is consumed.
	// So $$ alone gives $, $$$$MAU gives $$0021F2011B19, and $$STRANGE gives
	// $STRANGE.
	Rescan bool
}

// Sipura is the syntax of the Sipura, Linksys and Cisco SPA family, which the
// Flying Voice phones share: $NAME, $(NAME), $(NAME:p), $(NAME:p:q) and $$.
var Sipura = Syntax{Sigil: '$', Open: '(', Close: ')', Part: ':'}

// The syntaxes of vendors that enclose names.
var (
	Brackets = Syntax{Open: '[', Close: ']', Underscore: true} // [PHONE_MAC_ADDRESS]
	Braces   = Syntax{Open: '{', Close: '}', Underscore: true} // {mac}
	Angles   = Syntax{Open: '<', Close: '>', Underscore: true} // <MAC>
)

// first returns the byte that begins an expression, or 0.
func (s Syntax) first() byte {
	if s.Sigil == 0 {
		return s.Open
	}
	return s.Sigil
}

// Escape returns a text that expands to the given one, whatever the variables
// are. Without a Sigil there is no way to escape, and the text is returned as it
// is: it may hold a variable. With Rescan no text expands to a sigil and the name of a known variable,
// so there the promise holds only for texts without them.
func (s Syntax) Escape(text string) string {
	if s.Sigil == 0 {
		return text
	}
	sigil := string([]byte{s.Sigil})
	return strings.ReplaceAll(text, sigil, sigil+sigil)
}

// Span returns how many bytes of text, from its first on, are one expression or
// a doubled sigil: 0 where text begins with anything else. The name need not be
// known. A parser uses it to step over expressions, in which other bytes than
// Sigil have no meaning of their own.
func (s Syntax) Span(text string) int {
	if s.first() == 0 || text == "" || text[0] != s.first() {
		return 0
	}
	if s.Sigil != 0 && len(text) > 1 && text[1] == s.Sigil {
		return 2
	}
	e, _ := s.scan(text)
	return e.size
}
