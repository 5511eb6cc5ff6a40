package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/schemacheck"
)

func matrixReport(color bool) *report.Report {
	m := &schemacheck.Matrix{Beside: []schemacheck.Beside{
		{Role: "app", Rule: "function-set-not-local", Object: "public.enter(uuid)", Reason: "function enter sets it for the session"},
	}}
	for relation, verdicts := range map[string][]finding.Verdict{
		"public.invoices": {finding.Isolated, finding.Leaks, finding.Unknown, schemacheck.NoAccess, schemacheck.NoAccess},
	} {
		for i, v := range verdicts {
			c := schemacheck.Cell{Role: "app", Relation: relation, Command: schemacheck.Commands[i], Verdict: v}
			switch v {
			case finding.Leaks:
				c.Rule, c.Reason, c.Witness = "policy-leaks", "policy p: every row passes", "INSERT INTO invoices\nVALUES (1);"
			case finding.Unknown:
				c.Reason = "policy p: dynamic"
			}
			m.Cells = append(m.Cells, c)
		}
	}
	for _, command := range schemacheck.Commands {
		m.Cells = append(m.Cells, schemacheck.Cell{Role: "app", Relation: "public.log", Command: command, Verdict: schemacheck.NoAccess})
	}
	return &report.Report{Result: &finding.Result{}, Matrix: m, Color: color}
}

func TestMatrixText(t *testing.T) {
	var plain, colored bytes.Buffer
	require.NoError(t, report.Write(&plain, report.Text, matrixReport(false)))
	assert.Contains(t, plain.String(), `matrix of role app
  relation         select     insert     update     delete     truncate
  public.invoices  isolated   leaks      undecided  -          -
  and 1 without any access

public.invoices insert leaks: policy p: every row passes [policy-leaks]
        INSERT INTO invoices
        VALUES (1);
undecided: policy p: dynamic
  public.invoices

beside the cells of role app
  function enter sets it for the session [function-set-not-local]
`)
	require.NoError(t, report.Write(&colored, report.Text, matrixReport(true)))
	assert.Contains(t, colored.String(), "\x1b[31;1mleaks    \x1b[")
	assert.NotContains(t, plain.String(), "public.log", "relations without access are only counted")
}

func TestMatrixJSON(t *testing.T) {
	var out bytes.Buffer
	r := matrixReport(false)
	require.NoError(t, report.Write(&out, report.JSON, r))
	var document struct{ Matrix *schemacheck.Matrix }
	require.NoError(t, json.Unmarshal(out.Bytes(), &document))
	assert.Equal(t, r.Matrix, document.Matrix)

	out.Reset()
	r.Matrix = nil
	require.NoError(t, report.Write(&out, report.JSON, r))
	assert.NotContains(t, out.String(), `"matrix"`)
}
