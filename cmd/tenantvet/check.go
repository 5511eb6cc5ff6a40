package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/analyzers"
	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/driver"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// everything checks Go packages, schema and query files.
func (c *check) everything(cmd *cobra.Command, patterns []string) error {
	if err := c.complete(); err != nil {
		return err
	}
	c.model.Tests = c.tests
	program := c.loadPackages(cmd.Context(), patterns)
	p, err := project.Load(c.dir, c.model)
	if err != nil {
		return err
	}
	result := p.Result
	result.Add(schemaFindings(p))
	result.Add(queryFindings(p))

	packages, err := program()
	if err != nil {
		return err
	}
	analyzers.Use(p)
	found, err := packages.Analyze(cmd.Context(), analyzers.Suite)
	if err != nil {
		return err
	}
	result.Add(*found)
	suppressSQL(p, &result, func(finding.Rule) bool { return true })
	coverage := cover(p)
	coverage.Packages = packages.Packages()
	return c.finish(cmd, p, &result, coverage)
}

// loadPackages starts loading in the background and returns how to wait for it.
func (c *check) loadPackages(ctx context.Context, patterns []string) func() (*driver.Program, error) {
	var program *driver.Program
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		program, err = driver.Load(ctx, driver.Options{Dir: c.dir, Patterns: patterns, Tags: c.tags, Tests: c.tests})
	}()
	return func() (*driver.Program, error) {
		<-done
		return program, err
	}
}

func schemaFindings(p *project.Project) finding.Result {
	var result finding.Result
	for _, db := range p.Databases {
		result.Add(schemacheck.Check(db.Schema, db.Classes, db.Model))
	}
	result.Add(ofOneTemplate(p))
	return result
}

// queryFindings judges the query files. Where isolation rests on row-level security, the handle
// that a query runs on decides, which only the Go code shows: the file is judged as if it were
// scoped, and the analyzers report where it is not.
func queryFindings(p *project.Project) finding.Result {
	var result finding.Result
	databases := map[*project.Database]*sqlcheck.Database{}
	for _, db := range p.Databases {
		if tenantTables(db) > 0 { // otherwise, whatever a query reads, no tenant is concerned
			databases[db] = &sqlcheck.Database{Schema: db.Schema, Classes: db.Classes, Model: db.Model}
		}
	}
	for _, q := range p.Queries {
		db := databases[q.Database]
		if db == nil {
			continue
		}
		if q.ForTests && !q.Database.Model.Go.Tests {
			continue
		}
		var opts []sqlcheck.Option
		if db.Model.Enforcement == tenancy.EnforceRLS {
			opts = append(opts, sqlcheck.Scoped())
		}
		found := sqlcheck.Check(db, q.Statement, opts...)
		if q.Name != "" {
			for i := range found.Findings {
				found.Findings[i].Evidence = append([]string{"query " + q.Name}, found.Findings[i].Evidence...)
			}
		}
		result.Add(found)
	}
	return result
}

// cover counts what a project holds.
func cover(p *project.Project) report.Coverage {
	c := report.Coverage{Statements: len(p.Queries)}
	for _, db := range p.Databases {
		c.Tables += len(db.Classes.Tables())
		c.TenantTables += tenantTables(db) + len(db.Classes.Apart(db.Schema, db.Model))
	}
	return c
}

// tenantTables counts the tables whose rows belong to tenants.
func tenantTables(db *project.Database) int {
	n := 0
	for _, t := range db.Classes.Tables() {
		if t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry {
			n++
		}
	}
	return n
}
