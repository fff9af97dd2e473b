// Package result writes what was learnt: the list of phones, a scenario that plays them
// against a model of their server, and the findings, and how a plan compares with them,
// as text, page and JSON.
package result
