package profile

import "strings"

// ParseOption66 reads the value of DHCP option 66. An address or a name, with a
// port or without, gives tftp://VALUE/FILE, where file is the Config File Name
// (FV-SRC-3). Both may hold macros, which are not expanded here.
//
// As an extension (FV-SRC-4), which extended reports, the value may be a URL or
// have a path. Where the path, its query left out, is empty or ends in "/" the
// file is appended to it, otherwise it is used as it is.
//
// A blank value gives [ErrNoServer], any other error is a [*RuleError].
func ParseOption66(value, file string) (rule Rule, extended bool, err error) {
	value = trimOption(value)
	file = strings.Trim(file, blanks)
	if strings.IndexByte(value, '/') < 0 {
		rule = Rule{Scheme: "tftp", Path: "/" + file}
		rule.Host, rule.Port, err = parseServer(value)
		if err != nil {
			return Rule{}, false, err
		}
		return rule, false, nil
	}
	rule, err = (&parser{text: value, noPath: true, noOptions: "option 66 takes no options"}).rule()
	if err != nil {
		return Rule{}, true, err
	}
	if rule.Scheme == "" {
		rule.Scheme = "tftp"
	}
	path, query, asks := strings.Cut(rule.Path, "?")
	if path == "" {
		path = "/"
	}
	if strings.HasSuffix(path, "/") {
		path += file
	}
	if asks {
		path += "?" + query
	}
	rule.Path = path
	return rule, true, nil
}
