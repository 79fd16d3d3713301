// Package score tells how much of what was said was understood.
package score

import (
	"regexp"
	"strings"
)

// others is what is neither a letter of any script, nor a mark on one, nor a
// digit, nor the apostrophe within words.
var others = regexp.MustCompile(`[^\p{L}\p{M}\p{Nd}' ]+`)

// Normal is a text as it is compared: in small letters, without punctuation.
func Normal(text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return strings.Join(strings.Fields(others.ReplaceAllString(text, " ")), " ")
}

// Errors is how many words must be put in, taken out or changed to make what
// was heard of what was said: divided by the words that were said, it is the
// word error rate.
func Errors(said, heard string) int {
	want, got := strings.Fields(said), strings.Fields(heard)
	row := make([]int, len(got)+1)
	for j := range row {
		row[j] = j
	}
	for i, word := range want {
		diagonal := row[0]
		row[0] = i + 1
		for j := range got {
			change := diagonal
			if got[j] != word {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(got)]
}
