package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/docs"
	"github.com/tenantvet/tenantvet/finding"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Print the page about a rule",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return docs.Pages(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, ok := finding.Lookup(args[0]); !ok {
				if near := finding.Nearest(args[0], docs.Pages()); near != "" {
					return fmt.Errorf("no rule is named %q: did you mean %s?", args[0], near)
				}
				return fmt.Errorf("no rule is named %q: tenantvet rules lists them", args[0])
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), docs.Page(args[0]))
			return err
		},
	}
}
