package main

import (
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
)

func newSchema() *cobra.Command {
	var c check
	var s shadowed
	cmd := &cobra.Command{
		Use:   "schema [files|folders...]",
		Short: "Check the schema that migrations build",
		Long: `Check the schema that migrations build: row-level security, policies, tenant columns, indexes.

Files and folders are applied in the order in which they are given, the files of a folder in the
order of their migration tool. Without any, the migrations are those of the tenancy model, or
what is found in the repository.`,
		Example: "  tenantvet schema db/migrations\n  tenantvet schema roles.sql migrations --tenant-column org_id",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.schema(cmd, args, s)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	s.flags(cmd)
	return cmd
}

func (c *check) schema(cmd *cobra.Command, args []string, s shadowed) (err error) {
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
	suppressSQL(p, &result, func(r finding.Rule) bool { return r.Lens != finding.LensSQL })
	return c.finish(cmd, p, &result, cover(p))
}
