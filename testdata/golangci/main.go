// Golangci is golangci-lint with tenantvet linked in, as `golangci-lint custom` would build it from
// .custom-gcl.yml. It is a module of its own so that golangci-lint's dependencies stay out of
// tenantvet's go.mod.
package main

import (
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/tenantvet/tenantvet/plugin"
)

func main() {
	if err := commands.Execute(commands.BuildInfo{Version: "v2.15.0", Commit: "tenantvet", Date: "test"}); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(exitcodes.Failure)
	}
}
