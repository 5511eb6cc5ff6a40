package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/shop"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/report"
)

// auditDemo audits a database that is made for it, and gone afterwards.
func (c *check) auditDemo(cmd *cobra.Command, dsn string, o livecheck.Options) error {
	if dsn != "" {
		return errors.New("--demo makes a database of its own: leave the DSN away")
	}
	if _, err := report.ParseFormat(c.format); err != nil {
		return err
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "demo: a private PostgreSQL with a shop of forty tenants and what it executed; nothing of it stays")
	d, err := shop.Start(cmd.Context())
	if err != nil {
		return err
	}
	defer d.Close()
	c.model = shop.Options()
	return c.audit(cmd, d.DSN(), o, true)
}
