// Package result writes what was learnt: the list of phones, a scenario that plays them
// against a model of their server, the findings, and a comparison of a plan with them,
// as text, page and JSON.
package result
