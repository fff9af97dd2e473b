// Package nearest finds the known word that a mistyped one was probably meant
// to be.
//
// Every "unknown X, did you mean Y?" of the project uses [Name], so that all of them
// measure nearness in the same way.
package nearest

import "strings"

// maxEdits is how many slips still count as the same word. Names of one family
// share long prefixes, so a limit that grew with the length alone would call
// any two of them near.
const maxEdits = 3

// Name returns the word of known that is nearest to word, the first one where
// several are equally near. It reports false where none is near: a slip is one
// letter changed, missing, added, or swapped with its neighbour, upper and lower
// case are the same letter, and a third of a word's letters may be slips, up to
// three. The number of an ID is no slip: http/99 is not near to http/9.
func Name(word string, known []string) (string, bool) {
	typed := []rune(strings.ToLower(word))
	best, fewest := "", maxEdits+1
	for _, name := range known {
		lower := strings.ToLower(name)
		if otherNumber(string(typed), lower) {
			continue
		}
		letters := []rune(lower)
		limit := min(max(1, len(letters)/3), len(letters)-1, fewest-1)
		if edits := distance(typed, letters, limit); edits <= limit {
			best, fewest = name, edits
		}
	}
	return best, fewest <= maxEdits
}

// otherNumber reports whether two words are IDs, such as http/9 and https/99, with
// different numbers.
func otherNumber(a, b string) bool {
	n, isID := number(a)
	m, areBoth := number(b)
	return isID && areBoth && n != m
}

// number returns the digits behind the slash of an ID.
func number(word string) (digits string, ok bool) {
	_, digits, ok = strings.Cut(word, "/")
	return digits, ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// distance counts the slips between a and b: the Damerau-Levenshtein distance
// in which no part is edited twice. It stops early, with some number above the
// limit, once the distance must be above it.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	// Three rows of the table: a swap looks back over two letters.
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row[0] = i + 1
		least := row[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j]+cost, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > limit {
			// Nothing below comes back under the limit: a swap takes one slip
			// more than the row before, and so much this row's best takes too.
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
