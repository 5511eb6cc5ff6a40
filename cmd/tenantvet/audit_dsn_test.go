package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestDSNOrURL(t *testing.T) {
	const url = "postgres://app:secret@db/app"
	for name, tt := range map[string]struct {
		dsn, host, url, want, said string
	}{
		"argument":         {"service=x", "db", url, "service=x", ""},
		"libpq's":          {"", "db", url, "", ""},
		"DATABASE_URL":     {"", "", url, url, "audit: the database of DATABASE_URL\n"},
		"nothing is known": {"", "", "", "", "audit: no DSN is given, and neither PGHOST, PGSERVICE, PGDATABASE nor DATABASE_URL is set: the server on this machine\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range libpqTargets {
				t.Setenv(variable, "")
			}
			t.Setenv("PGHOST", tt.host)
			t.Setenv(databaseURL, tt.url)
			var stderr bytes.Buffer
			assert.Equal(t, tt.want, dsnOrURL(tt.dsn, &stderr))
			assert.Equal(t, tt.said, stderr.String())
		})
	}
}

func TestAuditOfTheEnvironment(t *testing.T) {
	s := pgtest.Start(t, 15)
	db := s.Database(t, "CREATE TABLE notes (id int NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id))")
	for _, variable := range libpqTargets {
		t.Setenv(variable, "")
	}
	args := []string{"audit", "-C", t.TempDir(), "--no-statements", "--no-probes", "--tenant-column", "tenant_id", "--enforcement", "rls"}
	t.Setenv(databaseURL, db.DSN(pgtest.Superuser))
	code, stdout, stderr := tenantvet(t, args...)
	assert.Equal(t, failing, code, stderr)
	assert.Contains(t, stdout, "public.notes: error[rls-disabled]")

	t.Setenv(databaseURL, db.DSN(pgtest.Superuser)+" schema=public")
	code, _, stderr = tenantvet(t, args...)
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, "leave it out of the connection string")

	t.Setenv(databaseURL, "")
	for name, value := range map[string]string{"PGHOST": s.SocketDir(), "PGPORT": "5432", "PGUSER": pgtest.Superuser, "PGDATABASE": db.Name} {
		t.Setenv(name, value)
	}
	code, stdout, _ = tenantvet(t, args...)
	assert.Equal(t, failing, code)
	assert.Contains(t, stdout, "public.notes: error[rls-disabled]")
}
