package main

import (
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
)

func newSQL() *cobra.Command {
	var c check
	cmd := &cobra.Command{
		Use:   "sql [files|folders...]",
		Short: "Check query files against the schema",
		Long: `Check each statement of query files: is every tenant table it touches pinned to one tenant?

Files of sqlc, goyesql and plain SQL are read. Without arguments the query files are those of the
tenancy model, or what is found in the repository. The schema comes from the migrations.`,
		Example: "  tenantvet sql\n  tenantvet sql internal/store/queries.sql",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.sql(cmd, args)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	return cmd
}

func (c *check) sql(cmd *cobra.Command, args []string) (err error) {
	if err := c.complete(); err != nil {
		return err
	}
	if c.model.Queries, err = c.paths(args); err != nil {
		return err
	}
	p, err := project.Load(c.dir, c.model)
	if err != nil {
		return err
	}
	result := p.Result
	result.Add(queryFindings(p))
	suppressSQL(p, &result, func(r finding.Rule) bool { return r.Lens != finding.LensSchema })
	return c.finish(cmd, p, &result, cover(p))
}
