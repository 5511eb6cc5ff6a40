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

// withOthers adds a row that is suppressed, and what else the role reaches.
func withOthers(r *report.Report) *report.Report {
	m := r.Matrix
	for _, command := range schemacheck.Commands {
		c := schemacheck.Cell{Role: "app", Relation: "public.notes", Command: command, Verdict: schemacheck.NoAccess}
		if command == "select" {
			c.Verdict, c.Accepted = schemacheck.Suppressed, "support reads all notes"
			c.Rule, c.Reason, c.Witness = "rls-disabled", "no row-level security", "SELECT * FROM notes;"
		}
		m.Cells = append(m.Cells, c)
	}
	m.Others = []schemacheck.Other{
		{Role: "app", Kind: "function", Object: "public.purge()", Privileges: []string{"execute"}, Verdict: finding.Leaks,
			Rule: "function-bypasses-rls", Reason: "it deletes the rows of all tenants", Witness: "SELECT * FROM public.purge();"},
		{Role: "app", Kind: "table", Object: "public.countries", Privileges: []string{"select"}, Verdict: schemacheck.Shared, Reason: "no tenant column"},
	}
	return r
}

func TestMatrixText(t *testing.T) {
	var plain, colored bytes.Buffer
	require.NoError(t, report.Write(&plain, report.Text, withOthers(matrixReport(false))))
	assert.Contains(t, plain.String(), `matrix of role app
  relation         select      insert      update      delete      truncate
  public.invoices  isolated    leaks       undecided   -           -
  public.notes     suppressed  -           -           -           -
  and 1 without any access

public.invoices insert leaks: policy p: every row passes [policy-leaks]
        INSERT INTO invoices
        VALUES (1);
public.notes select suppressed (support reads all notes): no row-level security [rls-disabled]
        SELECT * FROM notes;
undecided: policy p: dynamic
  public.invoices

beside the cells of role app
  function enter sets it for the session [function-set-not-local]

role app also reaches
  leaks       function public.purge() (execute)
    it deletes the rows of all tenants [function-bypasses-rls]
        SELECT * FROM public.purge();
  shared      table public.countries (select)
`)
	require.NoError(t, report.Write(&colored, report.Text, matrixReport(true)))
	assert.Contains(t, colored.String(), "\x1b[31;1mleaks     \x1b[")
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
