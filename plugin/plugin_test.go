package plugin_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/analyzers"
	"github.com/tenantvet/tenantvet/plugin"
)

func TestSettings(t *testing.T) {
	t.Cleanup(func() { analyzers.Use(nil) })
	tests := map[string]struct {
		settings any
		err      string
	}{
		"none":                    {nil, ""},
		"empty":                   {map[string]any{}, ""},
		"a digest":                {map[string]any{"digest": "of the migrations"}, ""},
		"values":                  {map[string]any{"tenant-column": []string{"org_id"}, "pg-version": 17, "enforcement": "rls"}, ""},
		"unknown key":             {map[string]any{"tenant-colum": []string{"org_id"}}, `unknown field "tenant-colum"`},
		"wrong type":              {map[string]any{"tenant-column": 1}, "cannot unmarshal number"},
		"unknown enforcement":     {map[string]any{"enforcement": "hope"}, `enforcement "hope": use rls, predicate or both`},
		"model that is not there": {map[string]any{"config": "nowhere.yml"}, "nowhere.yml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			linter, err := plugin.New(tt.settings)
			if tt.err != "" {
				assert.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			suite, err := linter.BuildAnalyzers()
			require.NoError(t, err)
			assert.Equal(t, analyzers.Suite, suite)
			assert.Equal(t, register.LoadModeTypesInfo, linter.GetLoadMode())
		})
	}
}

func TestRegistered(t *testing.T) {
	newPlugin, err := register.GetPlugin("tenantvet")
	require.NoError(t, err)
	_, err = newPlugin(nil)
	assert.NoError(t, err)
}
