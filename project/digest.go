package project

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tenantvet/tenantvet/tenancy"
)

// digest identifies the model and everything that was read, independent of where the repository
// lies on the machine.
func digest(m *tenancy.Model, databases []tenancy.DiscoveredDatabase, texts map[string]string) string {
	sum := sha256.New()
	relocated := *m
	relocated.Root, relocated.File = "", ""
	relocated.Migrations, relocated.Queries = nil, nil
	if text, err := json.Marshal(relocated); err == nil {
		sum.Write(text)
	}
	section := func(kind string, sources []tenancy.Source) {
		for _, s := range sources {
			for _, file := range s.Files {
				text := texts[file]
				fmt.Fprintf(sum, "\x00%s\x00%s\x00%s\x00%d\x00", kind, s.Format, relative(m.Root, file), len(text))
				_, _ = io.WriteString(sum, text) // a hash never fails to write
			}
		}
	}
	for _, db := range databases {
		fmt.Fprintf(sum, "\x00database\x00%s", db.Name)
		section("schema", db.Migrations)
		section("queries", db.Queries)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
