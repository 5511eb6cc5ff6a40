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
		"CREATE OPERATOR ->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = part);":       1,
		"CREATE OPERATOR @@ (LEFTARG = text, RIGHTARG = text, FUNCTION = matches);":      0,
		"CREATE CAST (text AS uuid) WITH FUNCTION fixed(text);":                          1,
		"CREATE CAST (varchar AS pg_catalog.uuid) WITHOUT FUNCTION AS IMPLICIT;":         1,
		"CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT;":                             0,
		"CREATE CAST (text AS mood) WITH FUNCTION mood_of(text);":                        0,
		"UPDATE pg_catalog.pg_class SET relhasrules = true;":                             1,
		"CREATE TABLE pg_class_copy (a int); INSERT INTO pg_class_copy VALUES (1);":      0,
		"UPDATE app.pg_class SET a = 1;":                                                 0,
		"DELETE FROM pg_enum WHERE enumlabel = 'x';":                                     0,
		"CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);":                    0,
	} {
		s := replay.Replay([]replay.File{{Name: "m.sql", Text: text}}, replay.Options{})
		assert.Len(t, s.Undecided, undecided, text)
		assert.Empty(t, s.Skipped, text)
	}
}
