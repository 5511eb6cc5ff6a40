package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck/fleet"
)

func newReport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Work with the reports of earlier runs",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newReportMerge())
	return cmd
}

func newReportMerge() *cobra.Command {
	var c check
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Put the reports of the shards of a fleet together",
		Long: `Put together what tenantvet audit --fleet FILE --shard 1/N … N/N --format json wrote, each shard on
a machine of its own. The outcome is that of one run over the whole fleet, also where databases of
different shards are compared.`,
		Example: "  tenantvet report merge shard-*.json --format html > fleet.html",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.complete(); err != nil {
				return err
			}
			var shards []*fleet.Fleet
			for _, path := range args {
				shard, err := c.readShard(path)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				shards = append(shards, shard)
			}
			merged := fleet.Merge(shards...)
			merged.Whole.Skipped = append(merged.Whole.Skipped, fleet.Missing(shards)...)
			return c.finishFleet(cmd, merged)
		},
	}
	c.outputFlags(cmd)
	cmd.Flags().StringVarP(&c.dir, "dir", "C", "", "run as if started in `DIR`")
	return cmd
}

// readShard reads the report of one shard.
func (c *check) readShard(path string) (*fleet.Fleet, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document struct {
		Tool  struct{ Name string } `json:"tool"`
		Fleet *fleet.Fleet          `json:"fleet"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("not the JSON report of a shard: %w", err)
	}
	if document.Tool.Name != "tenantvet" || document.Fleet == nil || slices.Contains(document.Fleet.Databases, nil) {
		return nil, fmt.Errorf("not the report of a fleet: write it with tenantvet audit --fleet FILE --shard I/N --format json")
	}
	return document.Fleet, nil
}
