package shadow

import (
	"context"
	_ "embed"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// Surroundings are what migrations find in a database although they did not make it: the schemas of a hosting
// platform, the tables of migration tools. Here they are stand-ins, and no part of the schema that is read.

//go:embed supabase.sql
var supabase string

// supabaseSchemas are the schemas that it makes.
var supabaseSchemas = []string{"auth", "storage", "extensions"}

var (
	namesSupabase = regexp.MustCompile(`(?i)\bauth"?\s*\.\s*"?(uid|jwt|role|users)\b|\bstorage"?\s*\.\s*"?(objects|buckets)\b`)
	createsAuth   = regexp.MustCompile(`(?i)\bcreate\s+schema\s+(if\s+not\s+exists\s+)?"?(auth|storage)\b`)
)

// surround makes what Supabase brings where the files name it and do not make it themselves.
func (d *Database) surround(ctx context.Context, files []replay.File) error {
	named := slices.ContainsFunc(files, func(f replay.File) bool { return namesSupabase.MatchString(f.Text) })
	made := slices.ContainsFunc(files, func(f replay.File) bool { return createsAuth.MatchString(f.Text) })
	if !named || made || d.platform || slices.ContainsFunc(d.roles, func(role string) bool { return role == "anon" || role == "authenticated" }) {
		return nil
	}
	conn, err := d.Session(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.PgConn().Exec(ctx, supabase).ReadAll(); err != nil {
		return err
	}
	d.platform = true
	d.made = append(d.made, "anon", "authenticated", "service_role", "authenticator", "supabase_auth_admin", "supabase_storage_admin")
	d.note("the schemas auth, storage and extensions and the roles of Supabase are stand-ins; what the platform grants by default is not granted here")
	return nil
}

// searchPath is the search path of a session on the platform; empty for PostgreSQL's own.
func (d *Database) searchPath() string {
	if d.platform {
		return `SET search_path = "$user", public, extensions`
	}
	return ""
}

var relationMissing = regexp.MustCompile(`^relation "(?:([^".]+)\.)?([^".]+)" does not exist$`)

// undefinedTable is an SQLSTATE code (PostgreSQL manual, appendix A).
const undefinedTable = "42P01"

// missingTool returns the table of a migration tool for want of which a statement failed: the tool makes it before
// the first migration.
func missingTool(err error) (pgschema.Name, bool) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != undefinedTable {
		return pgschema.Name{}, false
	}
	match := relationMissing.FindStringSubmatch(pg.Message)
	if match == nil {
		return pgschema.Name{}, false
	}
	name := pgschema.Name{Schema: match[1], Name: match[2]}
	if name.Schema == "" {
		name.Schema = "public"
	}
	return name, classify.OfTool(&pgschema.Relation{Name: name})
}

// makeTool makes the table of a migration tool, as the owner.
func (a *applier) makeTool(ctx context.Context, name pgschema.Name) error {
	if err := a.as(ctx, false); err != nil {
		return err
	}
	if err := a.send(ctx, "CREATE TABLE "+quote(name.Schema)+"."+quote(name.Name)+" (version bigint NOT NULL PRIMARY KEY)"); err != nil {
		return err
	}
	a.tools = append(a.tools, name)
	a.note("table %s belongs to the migration tool and is a stand-in here", name)
	return nil
}

// forgetSurroundings takes out of a schema what replaying the files does not make.
func (d *Database) forgetSurroundings(live, replayed *pgschema.Schema) {
	stands := func(name pgschema.Name) bool {
		return slices.Contains(d.tools, name) || d.platform && slices.Contains(supabaseSchemas, name.Schema)
	}
	for name := range live.Relations {
		if stands(name) && replayed.Relations[name] == nil {
			delete(live.Relations, name)
		}
	}
	live.Functions = slices.DeleteFunc(live.Functions, func(f *pgschema.Function) bool {
		return stands(f.Name) && f.Extension == "" && !slices.ContainsFunc(replayed.Functions, func(r *pgschema.Function) bool { return r.Name == f.Name })
	})
	for name := range live.Types {
		if stands(name) && replayed.Types[name] == nil {
			delete(live.Types, name)
		}
	}
	if !d.platform {
		return
	}
	for _, name := range supabaseSchemas {
		if replayed.Namespaces[name] == nil {
			delete(live.Namespaces, name)
		}
	}
	live.Memberships = slices.DeleteFunc(live.Memberships, func(m *pgschema.Membership) bool { return m.Member == "authenticator" })
	for name := range live.Roles {
		if strings.HasPrefix(name, "supabase_") && replayed.Roles[name] == nil {
			delete(live.Roles, name)
		}
	}
}
