package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

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
	if err := os.WriteFile(path, p.ModelFile(), 0o644); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, db := range p.Databases {
		fmt.Fprintf(out, "%s\n%s\n", db.Name, db.TableList())
	}
	for _, note := range p.Result.Notes {
		fmt.Fprintln(out, note)
	}
	_, err = fmt.Fprintf(out, "wrote %s\n", path)
	return err
}
