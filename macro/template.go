package macro

// Template is a text that has been taken apart, to be expanded many times. The
// zero Template is the empty text.
type Template struct{ pieces []piece }

// Parse takes a text apart. Vars says which variables there are; their values do
// not matter.
func Parse(text string, vars Vars, s Syntax) Template {
	var t Template
	for text != "" {
		var p piece
		p, _, text = s.next(text, vars)
		t.pieces = append(t.pieces, p)
	}
	return t
}

// Values appends the values of variables, which need not be strings then.
type Values interface {
	// AppendValue appends the value of a variable to dst. It is only asked for
	// those that were known to Parse.
	AppendValue(dst []byte, name string) []byte
}

// Append appends to dst what [Expand] returns for the text and the values.
func (t Template) Append(dst []byte, values Values) []byte {
	for i := range t.pieces {
		p := &t.pieces[i]
		dst = append(dst, p.literal...)
		if p.size == 0 {
			continue
		}
		before := len(dst)
		dst = values.AppendValue(dst, p.name)
		if size := len(dst) - before; p.from > 0 || p.count < size { // a part of the value
			from := min(p.from, size)
			count := min(p.count, size-from)
			copy(dst[before:], dst[before+from:before+from+count])
			dst = dst[:before+count]
		}
	}
	return dst
}
