package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
)

// printRole writes the SQL that makes the role which audits of a database should connect as.
func (c *check) printRole(cmd *cobra.Command, dsn string) error {
	ctx := cmd.Context()
	model, conn, err := c.connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	schema, err := catalog.Read(ctx, conn)
	if err != nil {
		return err
	}
	sql, err := livecheck.AuditorRole(ctx, conn, project.OnServer(model, schema))
	if err != nil {
		return err
	}
	_, err = io.WriteString(cmd.OutOrStdout(), sql)
	return err
}
