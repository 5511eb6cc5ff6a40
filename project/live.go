package project

import (
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Live makes the database of a schema that was read from a server, with the model of a folder. The
// error is about the model file alone.
func Live(dir string, opts Options, s *pgschema.Schema) (*Database, error) {
	given, err := LoadModel(dir, opts)
	if err != nil {
		return nil, err
	}
	return OnServer(given, s), nil
}

// OnServer makes the database of a schema that was read from a server. What the model leaves out is
// inferred from the schema; the given model stays as it is.
func OnServer(given *tenancy.Model, s *pgschema.Schema) *Database {
	m := infer(given, s, nil, nil)
	return &Database{Schema: s, Classes: classify.Of(s, m), Model: m}
}
