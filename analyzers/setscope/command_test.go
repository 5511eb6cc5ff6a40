package setscope

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
)

// template makes a template of literal pieces with a hole between each two.
func template(pieces ...string) sqlflow.Template {
	var t sqlflow.Template
	for i, p := range pieces {
		if i > 0 {
			t.Pieces = append(t.Pieces, sqlflow.Piece{Hole: &sqlflow.Hole{}})
		}
		t.Pieces = append(t.Pieces, sqlflow.Piece{Text: p})
	}
	return t
}

func TestCommands(t *testing.T) {
	type want struct {
		action   action
		lifetime lifetime
		setting  string
	}
	for text, w := range map[string]want{
		"SET app.tenant_id = 'a'":                           {set, session, "app.tenant_id"},
		"set session app.tenant_id to 'a'":                  {set, session, "app.tenant_id"},
		"SET LOCAL App.Tenant_ID = 'a'":                     {set, local, "app.tenant_id"},
		"/* a /* b */ */ SET -- c\n LOCAL app.t TO 'it''s'": {set, local, "app.t"},
		"SET ROLE r":                                        {set, session, role},
		"SET LOCAL ROLE 'r'":                                {set, local, role},
		"SET SESSION ROLE r":                                {set, session, role},
		"SET SESSION AUTHORIZATION r":                       {set, session, authorization},
		"SET SESSION SESSION AUTHORIZATION r":               {set, session, authorization},
		"SET LOCAL search_path TO a, b":                     {set, local, searchPath},
		"SET SCHEMA 'a'":                                    {set, session, searchPath},
		"SELECT set_config('app.t', $1, true)":              {set, local, "app.t"},
		"select pg_catalog.set_config('app.t', 'x', FALSE)": {set, session, "app.t"},
		"select set_config('app.t', f(a, b)::text, 't')":    {set, local, "app.t"},
		"select set_config('app.t', $1, $2)":                {set, dynamic, "app.t"},
		"select set_config('app.t', '', false)":             {reset, session, "app.t"},
		"select set_config('app.t', NULL, false)":           {reset, session, "app.t"},
		"SET app.t TO DEFAULT":                              {reset, session, "app.t"},
		"SET app.t = ''":                                    {reset, session, "app.t"},
		"SET ROLE NONE":                                     {reset, session, role},
		"RESET app.t":                                       {reset, session, "app.t"},
		"RESET ALL":                                         {reset, session, everything},
		"RESET SESSION AUTHORIZATION":                       {reset, session, authorization},
		"DISCARD ALL":                                       {reset, session, everything},
		"BEGIN":                                             {begin, session, ""},
		"START TRANSACTION READ ONLY":                       {begin, session, ""},
		"SET TRANSACTION READ ONLY":                         {other, session, ""},
		"SET CONSTRAINTS ALL DEFERRED":                      {other, session, ""},
		"SET TIME ZONE 'UTC'":                               {other, session, ""},
		"UPDATE t SET a = 1":                                {other, session, ""},
		"INSERT INTO t SELECT 'SET app.t = 1'":              {other, session, ""},
		"DO $$ BEGIN SET app.t = 1; END $$":                 {other, session, ""},
	} {
		commands := commandsOf(template(text), nil)
		require.Len(t, commands, 1, text)
		assert.Equal(t, w, want{commands[0].action, commands[0].lifetime, commands[0].setting}, text)
	}
}

func TestCommandValues(t *testing.T) {
	one := func(t *testing.T, tpl sqlflow.Template) command {
		commands := commandsOf(tpl, nil)
		require.Len(t, commands, 1)
		return commands[0]
	}
	for _, text := range []string{"SET app.t = $1", "SET app.t = ?", "SET app.t TO :id", "SET LOCAL app.t = @id"} {
		assert.True(t, one(t, template(text)).bound, text)
	}
	assert.False(t, one(t, template("SET app.t = '$1'")).bound, "inside a string")
	pasted := one(t, template("SET app.t = '", "'"))
	assert.Len(t, pasted.holes, 1)
	assert.False(t, pasted.constant)
	assert.True(t, one(t, template("SET app.t = 'a'")).constant)
	named := one(t, template("SET app.", " = 'a'"))
	assert.Len(t, named.nameHoles, 1)

	several := commandsOf(template("BEGIN; SET LOCAL app.t = 'a;b'; SELECT 1 FROM a JOIN b USING (id)"), nil)
	require.Len(t, several, 3)
	assert.Equal(t, []string{"a", "b"}, several[2].tables)

	within := commandsOf(template("WITH s AS (SELECT set_config('app.t', $1, true)) SELECT * FROM invoice"), nil)
	require.Len(t, within, 2)
	assert.True(t, within[0].within)
	assert.Equal(t, []string{"invoice"}, within[1].tables)

	bound := commandsOf(template("select set_config($1, $2, $3)"), func(n int) (string, bool) {
		return map[int]string{1: "App.T", 3: "true"}[n], n != 2
	})
	require.Len(t, bound, 1)
	assert.Equal(t, "app.t", bound[0].setting)
	assert.Equal(t, local, bound[0].lifetime)
	assert.Nil(t, bound[0].nameHoles)
}

// FuzzCommands checks that any text ends, with tokens that are part of it.
func FuzzCommands(f *testing.F) {
	for _, seed := range []string{"SET app.t = $1", "'", `"`, "/*", "--", "$a$", "$", "select set_config(", "E'\\", "set local", "a.b.c$1?:x@y::z", "\x00\xff"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, c := range commandsOf(template(a, b), func(int) (string, bool) { return "", true }) {
			assert.LessOrEqual(t, len(c.holes)+len(c.nameHoles), 2)
		}
	})
}
