package replay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestOperators leaves open what an operator means that may stand for PostgreSQL's own.
func TestOperators(t *testing.T) {
	for text, undecided := range map[string]int{
		"CREATE OPERATOR = (LEFTARG = uuid, RIGHTARG = text, FUNCTION = same);":          1,
		"CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = yes);":    1,
		"CREATE OPERATOR <> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = differ);": 1,
		"CREATE OPERATOR = (LEFTARG = money_in, RIGHTARG = money_in, FUNCTION = same);":  0,
		"CREATE OPERATOR === (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_eq);":     0,
		"CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);":                    0,
	} {
		s := replay.Replay([]replay.File{{Name: "m.sql", Text: text}}, replay.Options{})
		assert.Len(t, s.Undecided, undecided, text)
		assert.Empty(t, s.Skipped, text)
	}
}
