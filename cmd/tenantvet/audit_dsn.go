package main

import (
	"fmt"
	"io"
	"os"
)

// databaseURL is the variable in which most services are given their connection string.
const databaseURL = "DATABASE_URL"

// libpqTargets are the variables that say which database libpq connects to (PostgreSQL manual, 34.15).
var libpqTargets = []string{"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"}

// dsnOrURL returns the DSN to audit where none is given: none, for which the variables of libpq stand in,
// or that of DATABASE_URL where none of them names a database.
func dsnOrURL(dsn string, stderr io.Writer) string {
	if dsn != "" {
		return dsn
	}
	for _, name := range libpqTargets {
		if os.Getenv(name) != "" {
			return ""
		}
	}
	if url := os.Getenv(databaseURL); url != "" {
		fmt.Fprintln(stderr, "audit: the database of "+databaseURL)
		return url
	}
	fmt.Fprintln(stderr, "audit: no DSN is given, and neither PGHOST, PGSERVICE, PGDATABASE nor "+databaseURL+" is set: the server on this machine")
	return ""
}
