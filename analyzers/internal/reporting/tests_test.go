package reporting

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsTest(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       bool
	}{
		{"store.go", "package store", false},
		{"store_test.go", "package store", true},
		{"harness.go", "package store; import \"testing\"", true},
		{"storetest/fake.go", "package storetest", true},
		{"testutil/db.go", "package testutils", true},
		{"testimonials/list.go", "package testimonials", false},
		{"test/test.go", "package test", false},
		{"hack/seed/main.go", "package main", true},
		{"tools/list.go", "package tools", false},
		{"cmd/tools/list/main.go", "package main", true},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), test.name, test.text, 0)
		require.NoError(t, err)
		assert.Equal(t, test.want, isTest("/home/hack/repo", "/home/hack/repo/"+test.name, file), test.name)
	}
}

func TestIsMigration(t *testing.T) {
	for text, want := range map[string]bool{
		`package m; import "github.com/pressly/goose/v3"; func init() { goose.AddMigrationContext(up, nil) }`: true,
		`package m; import "github.com/pressly/goose/v3"; func Up() { goose.Up(nil, "") }`:                    false,
		`package m; func AddMigration() {}`: false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "m.go", text, 0)
		require.NoError(t, err)
		assert.Equal(t, want, isMigration(file), text)
	}
}
