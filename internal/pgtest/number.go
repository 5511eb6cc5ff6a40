package pgtest

import (
	"os"
	"strconv"
	"testing"
)

// Number is the value of an environment variable that says how many random cases a test tries, or which; otherwise
// the given one.
func Number(t testing.TB, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}
