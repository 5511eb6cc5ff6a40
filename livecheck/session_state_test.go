package livecheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSessionState(t *testing.T) {
	for text, want := range map[string]sessionState{
		"SET app.tenant_id = 'a'":                               {what: "app.tenant_id", value: "'a'"},
		"/* web */ set session App.Tenant_ID to $1;":            {what: "app.tenant_id", value: "$1"},
		`SET "app"."tenant_id" = 'a'`:                           {what: "app.tenant_id", value: "'a'"},
		"SET ROLE tenant_a":                                     {what: theRole, value: "TENANT_A"},
		"SET ROLE NONE":                                         {what: theRole, value: "NONE", resets: true},
		"SET SESSION AUTHORIZATION app":                         {what: theAuthorization, value: "APP"},
		"SET search_path TO t1, public":                         {what: "search_path", value: "T1 , PUBLIC"},
		"SET SCHEMA 't1'":                                       {what: "search_path", value: "'t1'"},
		"SET TIME ZONE 'UTC'":                                   {what: "timezone", value: "'UTC'"},
		"SET statement_timeout = DEFAULT":                       {what: "statement_timeout", value: "DEFAULT", resets: true},
		"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY":  {what: "characteristics", value: "ONLY"},
		"RESET app.tenant_id":                                   {what: "app.tenant_id", resets: true},
		"RESET ALL":                                             {what: allSettings, resets: true},
		"DISCARD ALL":                                           {what: allSettings, resets: true},
		"LISTEN jobs":                                           {what: "LISTEN"},
		"PREPARE q AS SELECT 1":                                 {what: "prepared statement"},
		"CREATE TEMP TABLE t (id int)":                          {what: "temporary table"},
		"CREATE LOCAL TEMPORARY TABLE t (id int)":               {what: "temporary table"},
		"DECLARE c CURSOR WITH HOLD FOR SELECT 1":               {what: "cursor WITH HOLD"},
		"SELECT set_config('app.tenant_id', $1, false)":         {what: "app.tenant_id", value: "$1"},
		"SELECT set_config($1, $2, $3)":                         {what: "$1", value: "$2", unclear: true},
		"SELECT pg_catalog.set_config('app.t', f(1, 2), FALSE)": {what: "app.t", value: "F ( 1 , 2 )"},
		"SELECT pg_advisory_lock($1)":                           {what: "advisory lock"},
		"SELECT pg_try_advisory_lock_shared($1, $2)":            {what: "advisory lock"},
	} {
		got, ok := sessionStateOf(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", ";", "SET", "SET LOCAL app.tenant_id = 'a'", "SET TRANSACTION READ ONLY", "SET CONSTRAINTS ALL DEFERRED",
		"SELECT set_config('app.tenant_id', $1, true)", "SELECT 'set_config(a, b, false)'", "SELECT set_config(",
		"SELECT pg_advisory_xact_lock($1)", "SELECT pg_advisory_unlock($1)", "CREATE TEMP TABLE t (id int) ON COMMIT DROP",
		"CREATE TABLE t (id int)", "DECLARE c CURSOR FOR SELECT 1", "PREPARE TRANSACTION 'x'", "RESET", "SELECT 1 /* SET ROLE x */",
	} {
		got, ok := sessionStateOf(text)
		assert.False(t, ok, "%s: %v", text, got)
	}
}

func FuzzSessionState(f *testing.F) {
	for _, text := range []string{"SET a.b = 1", "RESET ALL", "SELECT set_config('a', $1, false)", "DECLARE c CURSOR WITH HOLD FOR", "CREATE TEMP"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := sessionStateOf(text); ok && s.what == "" {
			t.Errorf("%q leaves something without a name", text)
		}
	})
}
