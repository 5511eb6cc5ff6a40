package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

func newInit() *cobra.Command {
	var c check
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write .tenantvet.yml from what the repository says",
		Long: `Write a commented .tenantvet.yml from what can be inferred from the repository, and print how
each table belongs to a tenant. Read it through: it is the definition of a tenant from then on.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.init(cmd, force)
		},
	}
	c.modelFlags(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	return cmd
}

func (c *check) init(cmd *cobra.Command, force bool) error {
	if err := c.complete(); err != nil {
		return err
	}
	c.model.NoConfig = true
	p, err := project.Load(c.dir, c.model)
	if err != nil {
		return err
	}
	path := filepath.Join(p.Model.Root, tenancy.FileName)
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s exists: --force replaces it", path)
	}
	if err := os.WriteFile(path, tenancy.Write(p.Model, unclassified(p)), 0o644); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, db := range p.Databases {
		if err := printTables(out, db); err != nil {
			return err
		}
	}
	for _, note := range p.Result.Notes {
		fmt.Fprintln(out, note)
	}
	_, err = fmt.Fprintf(out, "wrote %s\n", path)
	return err
}

// printTables prints how each table of a database belongs to a tenant.
func printTables(out io.Writer, db *project.Database) error {
	if db.Name != "" {
		fmt.Fprintf(out, "%s\n", db.Name)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, class := range []classify.Class{classify.Registry, classify.Tenant, classify.Child, classify.Shared, classify.Unclassified} {
		for _, t := range db.Classes.Tables() {
			if t.Class == class {
				fmt.Fprintf(w, "  %s\t%s\t%s\n", class, t.Relation.Name, t.Reason)
			}
		}
	}
	return w.Flush()
}

// unclassified returns the tables that belong to a tenant in no known way.
func unclassified(p *project.Project) []string {
	var names []string
	for _, db := range p.Databases {
		for _, t := range db.Classes.Tables() {
			if t.Class == classify.Unclassified {
				names = append(names, t.Relation.Name.String())
			}
		}
	}
	return names
}
