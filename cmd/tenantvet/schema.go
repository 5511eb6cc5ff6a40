package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

func newSchema() *cobra.Command {
	var c check
	var s shadowed
	var x extras
	cmd := &cobra.Command{
		Use:   "schema [files|folders...]",
		Short: "Check the schema that migrations build",
		Long: `Check the schema that migrations build: row-level security, policies, tenant columns, indexes.

Files and folders are applied in the order in which they are given, the files of a folder in the
order of their migration tool. Without any, the migrations are those of the tenancy model, or
what is found in the repository.

--fix-migration collects the SQL of all findings that have some in one migration, which leaves none
of them when it is applied; the others are listed in a comment at its end.`,
		Example: "  tenantvet schema db/migrations\n  tenantvet schema roles.sql migrations --tenant-column org_id\n  tenantvet schema --fix-migration db/migrations/00042_isolation.sql",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.schema(cmd, args, s, x)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	s.flags(cmd)
	x.flags(cmd)
	return cmd
}

// extras are what the command does beside reporting.
type extras struct {
	fixMigration string
	matrix       bool
	against      string
}

func (x *extras) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&x.fixMigration, "fix-migration", "", "write a migration that mends what SQL can mend to a new `FILE`")
	cmd.Flags().StringVar(&x.against, "against", "", "also compare the schema with another `SOURCE`: a DSN, a file or a folder of migrations")
	cmd.Flags().BoolVar(&x.matrix, "matrix", false, "show for each role, relation and command whether it is isolated or leaks, with the statement that does")
}

func (c *check) schema(cmd *cobra.Command, args []string, s shadowed, x extras) (err error) {
	if x.fixMigration != "" && s.wanted() {
		return errors.New("--fix-migration works from the files: leave --shadow away")
	}
	if x.matrix && slices.Contains([]report.Format{report.SARIF, report.GitHub}, report.Format(c.format)) {
		return fmt.Errorf("--matrix with --format %s: use text, json, markdown or html", c.format)
	}
	collectLess()
	if err := c.complete(); err != nil {
		return err
	}
	if c.model.Schema, err = c.paths(args); err != nil {
		return err
	}
	c.model.SkipQueries = true
	p, err := project.Load(c.dir, c.model)
	if err != nil {
		return err
	}
	if s.wanted() {
		if err := c.onShadow(cmd.Context(), s, p); err != nil {
			return err
		}
	}
	result := p.Result
	result.Add(schemaFindings(p))
	if slices.ContainsFunc(p.Databases, restsOnPredicates) {
		result.Undecided = append(result.Undecided, finding.Undecided{Object: "the schema", Code: "predicates",
			Reason: "isolation rests on the tenant predicate of each statement (enforcement: predicate), which no schema shows: tenantvet ./... judges the statements"})
	}
	if x.against != "" {
		differing, err := c.against(cmd.Context(), x.against, s, p, args)
		if err != nil {
			return err
		}
		result.Add(differing)
	}
	suppressSQL(p, &result, func(r finding.Rule) bool { return r.Lens != finding.LensSQL })
	if x.fixMigration != "" {
		if err := c.fixMigration(x.fixMigration, p, &result); err != nil {
			return err
		}
	}
	if x.matrix {
		c.matrix = judge(p, result.Findings)
	}
	return c.finish(cmd, p, &result, cover(p))
}

// restsOnPredicates reports whether the schema of a database leaves isolation to the statements. Where somebody names
// the setting that carries the tenant, row-level security is what is meant, though no table has any.
func restsOnPredicates(db *project.Database) bool {
	named := db.Model.IsInferred("enforcement") && !db.Model.IsInferred("tenant.settings") && len(db.Model.Settings) > 0
	return db.Model.Enforcement == tenancy.EnforcePredicate && !named && tenantTables(db) > 0
}

// judge fills the matrix of all databases. What is suppressed among the findings is so in the matrix.
func judge(p *project.Project, found []finding.Finding) *schemacheck.Matrix {
	all := &schemacheck.Matrix{Cells: []schemacheck.Cell{}, Beside: []schemacheck.Beside{}, Others: []schemacheck.Other{}}
	for _, db := range p.Databases {
		m := schemacheck.Judge(db.Schema, db.Classes, db.Model, found...)
		if len(p.Databases) > 1 {
			for i := range m.Cells {
				m.Cells[i].Database = db.Name
			}
			for i := range m.Others {
				m.Others[i].Database = db.Name
			}
		}
		all.Cells, all.Beside, all.Others = append(all.Cells, m.Cells...), append(all.Beside, m.Beside...), append(all.Others, m.Others...)
	}
	return all
}
