// Package archtest holds the tests of the house itself: who may import whom,
// that everything public is explained, and that the documents tell the truth.
// It has no code of its own.
package archtest
