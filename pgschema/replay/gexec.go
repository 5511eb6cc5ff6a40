package replay

import "github.com/tenantvet/tenantvet/pgschema/pgast"

// generate applies what a query before \gexec returns: each value is a statement (PostgreSQL manual, psql).
func (r *replayer) generate(stmt *pgast.Statement) {
	r.stmt = stmt
	_, rows, ok := (&evaluator{r: r}).query(stmt.Node.GetSelectStmt())
	for _, row := range rows {
		for _, v := range row {
			ok = ok && !v.unknown
		}
	}
	if !ok {
		r.undecided(0, "dynamic-sql", "the statements that this query returns, which \\gexec runs, are not known")
		return
	}
	at := stmt.Position(0)
	for _, row := range rows {
		for _, v := range row {
			if v.null {
				continue
			}
			statements, broken := pgast.Parse(pgast.NewEmbedded(at.File, v.text, func(int) origin { return at }))
			for _, e := range broken {
				r.skip(0, "a statement that it returns for \\gexec: %s", e.Message)
			}
			for _, generated := range statements {
				r.apply(generated)
			}
		}
	}
}
