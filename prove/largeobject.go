package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// tryLargeObjects makes a large object in a session of tenant B for each column that refers to some, and reads, changes and
// removes it in a session of tenant A: what a role may do with large objects it may do in every session.
func (p *prover) tryLargeObjects(ctx context.Context, t *table) error {
	for _, c := range t.columns {
		if c.base != "oid" && c.sqlType != "lo" || !t.owned || t.made || t.rel.PartitionOf != nil || !c.canSelect && !c.canInsert {
			continue
		}
		if err := p.tryLargeObject(ctx, t.rel.Name.String()+"."+c.name); err != nil {
			return err
		}
	}
	return nil
}

func (p *prover) tryLargeObject(ctx context.Context, column string) error {
	const kind = "large objects"
	s := p.states[0]
	begin := slices.Concat([]string{"BEGIN"}, s.setup)
	asB := slices.Concat([]string{"BEGIN"}, s.setup, p.set(tenantB))
	made, err := exec(ctx, s.conn, script(append(asB, "SELECT lo_from_bytea(0, 'of tenant B')", "COMMIT")...))
	if err == nil && made.err == nil {
		made, err = exec(ctx, s.conn, "SELECT max(oid) FROM pg_largeobject_metadata")
	}
	switch {
	case err != nil:
		return err
	case made.err != nil:
		if err := must(ctx, s.conn, "ROLLBACK"); err != nil {
			return err
		}
		p.cell(column, kind, Select, NotTried, "the role makes no large objects: "+made.err.Message)
		return nil
	}
	object := *made.rows[0][0]
	for _, way := range []struct {
		command      Command
		what, attack string
		// there is the content that shows the harm.
		there string
	}{
		{Select, "it reads", "SELECT convert_from(lo_get(%[1]s), 'UTF8')", "of tenant B"},
		{Update, "it changes", "SELECT lo_put(%[1]s, 0, 'of tenant A'); SELECT convert_from(lo_get(%[1]s), 'UTF8')", "of tenant A"},
		{Delete, "it removes", "SELECT lo_unlink(%[1]s); SELECT count(*) FROM pg_largeobject_metadata WHERE oid = %[1]s", "0"},
	} {
		attack := fmt.Sprintf(way.attack, object)
		answer, err := p.read(ctx, s, attack)
		switch {
		case err != nil:
			return err
		case answer.err == nil && len(answer.rows) == 1 && answer.rows[0][0] != nil && *answer.rows[0][0] == way.there:
			p.cell(column, kind, way.command, Refuted, way.what+" a large object that a session of tenant B made", append(begin, strings.Split(attack, "; ")...)...)
		default:
			p.cell(column, kind, way.command, Proved, "")
		}
	}
	return nil
}
