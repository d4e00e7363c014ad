package source

import "strings"

// longest is how many runes of a word are compared.
const longest = 64

// MaxSuggested is for how many words of a file a near one is looked for: far more
// than are told of, and few enough that a file full of mistakes is refused at once.
const MaxSuggested = 1000

// Suggest is the word nearest to a misspelt one, "" if none is near: at most a
// third of its letters wrong, missing, too many or swapped. Of equally near
// words it takes the first in the alphabet.
func Suggest(word string, words []string) string {
	if len(word) > 4*longest {
		return ""
	}
	a := []rune(strings.ToLower(word))
	best, most := "", max(len(a), 1)/3
	if len(a) > longest {
		return ""
	}
	found := false
	for _, w := range words {
		if len(w) > 4*longest || w == "" {
			continue
		}
		b := []rune(strings.ToLower(w))
		if len(b) > longest || len(b)-len(a) > most || len(a)-len(b) > most {
			continue
		}
		switch d := distance(a, b); {
		case d > most:
		case !found || d < most || w < best:
			best, most, found = w, d, true
		}
	}
	return best
}

// distance counts the letters to change, insert, remove or swap with their
// neighbour to make b of a.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
