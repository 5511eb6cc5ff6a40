package replay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestFromCurrent compares the defaults that SET … FROM CURRENT gives with those of a server, whose superuser alone may
// set what nothing defines.
func TestFromCurrent(t *testing.T) {
	const text = `CREATE ROLE a; CREATE ROLE b; CREATE ROLE c;
SET app.tenant = 'a';
ALTER ROLE a SET app.tenant FROM CURRENT;
SET app.tenant TO 'b';
ALTER ROLE b SET app.tenant FROM CURRENT;
RESET app.tenant;
ALTER ROLE c SET app.tenant FROM CURRENT;
BEGIN;
SET LOCAL app.mode = 'x';
ALTER ROLE a SET app.mode FROM CURRENT;
COMMIT;
ALTER ROLE b SET app.mode FROM CURRENT;
SELECT set_config('app.other', 'c', false);
ALTER ROLE a SET app.other FROM CURRENT;
RESET ALL;
ALTER ROLE b SET app.other FROM CURRENT;
ALTER ROLE ALL SET app.tenant = 'd';
ALTER ROLE ALL RESET app.tenant;
`
	c := cluster{pgtest.Private(t, 18)}
	d := c.owned(t, "", pgtest.Superuser)
	require.Empty(t, live(t, d.Connect(t, pgtest.Superuser), text))
	s := replay.Replay([]replay.File{{Name: "m.sql", Text: text}}, replay.Options{PGVersion: c.Major, Owner: pgtest.Superuser})
	require.Empty(t, s.Skipped)
	require.Empty(t, s.Undecided)
	compare(t, d.Connect(t, pgtest.Superuser), s)
}

// TestUnknownCurrent says that it does not know a value that the files did not set.
func TestUnknownCurrent(t *testing.T) {
	for name, text := range map[string]string{
		"never set":          "CREATE ROLE a; ALTER ROLE a SET app.tenant FROM CURRENT;",
		"set from data":      "CREATE ROLE a; CREATE TABLE t (x text); SET app.tenant = 'a'; SELECT set_config('app.tenant', (SELECT x FROM t), false); ALTER ROLE a SET app.tenant FROM CURRENT;",
		"of a database":      "ALTER DATABASE d SET app.tenant FROM CURRENT;",
		"of another session": "SET app.tenant = 'a'; DISCARD ALL; ALTER DATABASE d SET app.tenant FROM CURRENT;",
	} {
		t.Run(name, func(t *testing.T) {
			s := replay.Replay([]replay.File{{Name: "m.sql", Text: text}}, replay.Options{})
			require.Len(t, s.Undecided, 1)
			assert.Contains(t, s.Undecided[0].Reason, "the value that app.tenant has at this point is not known")
			assert.Empty(t, s.SettingDefaults)
		})
	}
}

func TestAlterSystem(t *testing.T) {
	s := replay.Replay([]replay.File{{Name: "m.sql", Text: "ALTER SYSTEM SET app.tenant = 'a'; ALTER SYSTEM SET work_mem = '1GB';"}}, replay.Options{})
	require.Len(t, s.SettingDefaults, 1)
	want := pgschema.SettingDefault{System: true, Name: "app.tenant", Value: "a", Origin: s.SettingDefaults[0].Origin}
	assert.Equal(t, want, *s.SettingDefaults[0])
	s = replay.Replay([]replay.File{{Name: "m.sql", Text: "ALTER SYSTEM SET app.tenant = 'a'; ALTER SYSTEM RESET ALL;"}}, replay.Options{})
	assert.Empty(t, s.SettingDefaults)
}
