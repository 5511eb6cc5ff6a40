package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/shop"
)

// onDemo runs an audit of a database that is made for it, and gone afterwards.
func (c *check) onDemo(cmd *cobra.Command, dsn string, audit func(dsn string) error) error {
	if dsn != "" {
		return errors.New("--demo makes a database of its own: leave the DSN away")
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "demo: a private PostgreSQL with a shop of forty tenants and what it executed; nothing of it stays")
	d, err := shop.Start(cmd.Context())
	if err != nil {
		return err
	}
	defer d.Close()
	c.model = shop.Options()
	return audit(d.DSN())
}
