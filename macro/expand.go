package macro

import "strings"

// Expand returns text with its variables replaced by their values.
func Expand(text string, vars Vars, s Syntax) string {
	if s.Sigil == 0 || strings.IndexByte(text, s.Sigil) < 0 {
		return text
	}
	var room [128]byte // most rules fit, and then only the result is allocated
	return string(Append(room[:0], text, vars, s))
}

// Append appends to dst what [Expand] returns. It does not allocate where dst
// has the capacity.
func Append(dst []byte, text string, vars Vars, s Syntax) []byte {
	for s.Sigil != 0 {
		at := strings.IndexByte(text, s.Sigil)
		if at < 0 {
			break
		}
		dst = append(dst, text[:at]...)
		text = text[at:]

		doubled := len(text) > 1 && text[1] == s.Sigil
		if doubled {
			dst = append(dst, s.Sigil)
			text = text[1:]
			if !s.Rescan {
				text = text[1:]
				continue
			}
		}
		if e, ok := s.scan(text); ok {
			if value, known := vars.Lookup(e.name); known {
				dst = append(dst, e.cut(value)...)
				text = text[e.size:]
				continue
			}
		}
		// Only the sigil stays as written here; what follows it is looked at
		// like any other text, so $STRANGE$MAU still finds $MAU.
		if !doubled {
			dst = append(dst, s.Sigil)
		}
		text = text[1:]
	}
	return append(dst, text...)
}
