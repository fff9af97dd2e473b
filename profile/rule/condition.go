package rule

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Condition is the comparisons of an alternative. It holds where all of them do.
type Condition []Comparison

// Holds reports whether all comparisons are true.
func (c Condition) Holds() bool {
	for i := range c {
		if !c[i].Holds() {
			return false
		}
	}
	return true
}

// Comparison compares two values of one kind (SPA-RULE-5).
type Comparison struct {
	Left, Right Value
	Op          string // "=", "!=", "<", "<=", ">" or ">="
}

// Holds reports whether the comparison is true.
func (c *Comparison) Holds() bool {
	order := c.Left.compare(&c.Right)
	switch c.Op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// String returns the comparison with its values as they were compared.
func (c *Comparison) String() string { return c.Left.String() + " " + c.Op + " " + c.Right.String() }

// Kind is the kind of a [Value].
type Kind uint8

// The kinds. Only those that are equal can be compared.
const (
	Integer Kind = iota
	Version      // three numbers, and perhaps a text in parentheses
	Text         // in quotation marks
)

var kindWords = [...]string{Integer: "number", Version: "version", Text: "text"}

// Value is one side of a comparison.
type Value struct {
	Kind    Kind
	Numbers [3]int // of a version, or one integer
	Text    string // a text, or what a version has in its parentheses
}

// String returns the value as a rule writes it.
func (v *Value) String() string {
	switch {
	case v.Kind == Text:
		return `"` + v.Text + `"`
	case v.Kind == Integer:
		return strconv.Itoa(v.Numbers[0])
	case v.Text == "":
		return fmt.Sprintf("%d.%d.%d", v.Numbers[0], v.Numbers[1], v.Numbers[2])
	}
	return fmt.Sprintf("%d.%d.%d(%s)", v.Numbers[0], v.Numbers[1], v.Numbers[2], v.Text)
}

func (v *Value) compare(w *Value) int {
	for i := range v.Numbers {
		if order := cmp.Compare(v.Numbers[i], w.Numbers[i]); order != 0 {
			return order
		}
	}
	return cmp.Compare(v.Text, w.Text)
}

// ParseValue reads an integer or a version: 7.5.5, 1.3.5(004p). The letters behind
// a version may stand without parentheses, as phones report them: 7.4.9c.
func ParseValue(text string) (Value, bool) {
	if n, rest, ok := leadingInt(text); ok && rest == "" {
		return Value{Numbers: [3]int{n}}, true
	}
	v := Value{Kind: Version}
	rest := text
	for i := range v.Numbers {
		var ok bool
		if i > 0 {
			if rest, ok = strings.CutPrefix(rest, "."); !ok {
				return Value{}, false
			}
		}
		if v.Numbers[i], rest, ok = leadingInt(rest); !ok || v.Numbers[i] < 0 {
			return Value{}, false
		}
	}
	v.Text = rest
	if inside, ok := strings.CutPrefix(rest, "("); ok {
		if v.Text, ok = strings.CutSuffix(inside, ")"); !ok || v.Text == "" {
			return Value{}, false
		}
	}
	for i := range len(v.Text) {
		if c := v.Text[i]; !isNameByte(c) || c == '_' || c == '-' {
			return Value{}, false
		}
	}
	return v, true
}

// leadingInt reads the number at the start of text. One too large for an int
// counts as the largest.
func leadingInt(text string) (n int, rest string, ok bool) {
	end := 0
	if strings.HasPrefix(text, "-") {
		end = 1
	}
	begin := end
	for end < len(text) && '0' <= text[end] && text[end] <= '9' {
		end++
	}
	if end == begin {
		return 0, "", false
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		n = math.MaxInt
		if begin > 0 {
			n = math.MinInt
		}
	}
	return n, text[end:], true
}

// operators are the signs and words of comparisons, longer signs first.
var operators = []struct{ written, op string }{
	{"!=", "!="}, {"<=", "<="}, {">=", ">="}, {"=", "="}, {"<", "<"}, {">", ">"}, {"!", "!="},
	{"eq", "="}, {"ne", "!="}, {"lt", "<"}, {"le", "<="}, {"gt", ">"}, {"ge", ">="},
}

// condition reads comparisons up to end, with "and" between them.
func (p *fullParser) condition(end int) (Condition, error) {
	var list Condition
	for {
		c, err := p.comparison(end)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		p.skipTo(end)
		if p.pos >= end {
			return list, nil
		}
		if word := p.word(end); word != "and" {
			return nil, p.fail(p.pos, max(p.pos+len(word), p.pos+1), `"and" and a comparison, or the end of the condition`, "")
		}
		p.pos += len("and")
	}
}

func (p *fullParser) comparison(end int) (c Comparison, err error) {
	p.skipTo(end)
	from := p.pos
	if p.operator(end) == "" {
		if c.Left, err = p.operand(end); err != nil {
			return c, err
		}
		p.skipTo(end)
	} else if v, ok := ParseValue(p.software); ok {
		c.Left = v
	} else {
		return c, p.fail(from, from+1, "a value before the comparison", "the phone's own version cannot be compared")
	}
	written := p.operator(end)
	if written == "" {
		return c, p.fail(p.pos, min(p.pos+1, len(p.text)), "a comparison such as eq, ne, lt or >=", "")
	}
	p.pos += len(written)
	for _, o := range operators {
		if o.written == written {
			c.Op = o.op
		}
	}
	p.skipTo(end)
	right := p.pos
	if c.Right, err = p.operand(end); err != nil {
		return c, err
	}
	switch {
	case c.Left.Kind != c.Right.Kind:
		return c, p.fail(right, p.pos, "a "+kindWords[c.Left.Kind]+" as on the left", "only values of one kind can be compared")
	case c.Left.Kind == Text && c.Op != "=" && c.Op != "!=":
		return c, p.fail(right, p.pos, "= or != between texts", "texts have no order")
	}
	return c, nil
}

// operator returns the operator at pos, or "".
func (p *fullParser) operator(end int) string {
	for _, o := range operators {
		if !strings.HasPrefix(p.text[p.pos:end], o.written) {
			continue
		}
		if !isNameByte(o.written[0]) || p.word(end) == o.written {
			return o.written
		}
	}
	return ""
}

func (p *fullParser) operand(end int) (Value, error) {
	if p.pos < end && p.text[p.pos] == '"' {
		text, ok := p.quoted()
		if !ok || p.pos > end {
			return Value{}, p.fail(len(p.text), len(p.text), "a closing quotation mark", "")
		}
		return Value{Kind: Text, Text: text}, nil
	}
	word := p.word(end)
	v, ok := ParseValue(word)
	if !ok {
		return v, p.fail(p.pos, min(max(p.pos+len(word), p.pos+1), len(p.text)), `a number, a version such as 7.5.5(b), or a text in quotation marks`, "")
	}
	p.pos += len(word)
	return v, nil
}

// word returns what stands at pos up to a blank, a sign or a quotation mark.
func (p *fullParser) word(end int) string {
	text := p.text[p.pos:end]
	if n := strings.IndexAny(text, blanks+`=!<>"`); n >= 0 {
		return text[:n]
	}
	return text
}

func (p *fullParser) skipTo(end int) {
	for p.pos < end && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

// Less reports whether v comes before a value of the same kind.
func (v *Value) Less(w *Value) bool { return v.Kind == w.Kind && v.compare(w) < 0 }
