package device

// Part is one line of what a rule means: a name, and a text for people. It shows
// no key and no password.
type Part struct{ Name, Text string }
