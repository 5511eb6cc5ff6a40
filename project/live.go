package project

import (
	"path/filepath"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// Live makes the database of a schema that was read from a server. The model is that of the folder,
// with what is inferred from the schema. The error is about the model file alone.
func Live(dir string, opts Options, s *pgschema.Schema) (*Database, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	given, err := loadModel(dir, opts)
	if err != nil {
		return nil, err
	}
	m := infer(given, s, nil, nil)
	return &Database{Schema: s, Classes: classify.Of(s, m), Model: m}, nil
}
