// Package realservers asks the servers that administrators run all that the
// catalogue of checks holds, in the configuration that comes with them and in a
// hardened one, and keeps what they come to. It holds tests only.
//
// Each server has a file: how it is started, its setups, and what was tried by
// hand, with other programs, to see whether a finding is right. Configurations
// are in testdata, and beside each is what it comes to, in a file of JSON.
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
