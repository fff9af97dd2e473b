package macro

// Vars knows the values of variables. Names are case-sensitive (FV-MAC-1), and
// which there are is for Vars alone to say.
type Vars interface {
	// Lookup returns the value of a variable, which may be empty, and false
	// where there is no variable of that name.
	Lookup(name string) (value string, ok bool)
}

// Map is the simplest Vars. A nil Map knows no variable.
type Map map[string]string

// Lookup returns m[name].
func (m Map) Lookup(name string) (value string, ok bool) {
	value, ok = m[name]
	return value, ok
}
