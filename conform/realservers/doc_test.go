// Package realservers runs all checks of the catalogue on the servers that
// administrators run, in their default configuration and in a hardened one, and keeps
// the results. It holds tests only.
//
// Each server has a file: how it is started, its setups, and the trials by hand, with
// other programs, that show whether a finding is right. Configurations are in testdata.
// Beside each is a JSON file with its results.
//
// # The page of findings
//
// doc/real-servers.md is made of those files. After a change to a check, a
// configuration or a note,
//
//	go test ./conform/realservers -rewrite
//
// writes both anew, for people to look at what has changed. A server that is not
// installed is skipped, and its findings stay as they are.
package realservers
