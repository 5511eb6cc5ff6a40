package prove

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// mark identifies a row version by its table and place: whatever is done to a row, it moves.
type mark struct {
	table int // in prover.tables
	ctid  string
}

// content is what a row holds, and whose it is.
type content struct {
	digest string
	owner  int
}

// unclaimed is the owner of a row that has no tenant yet: who changes it changes some tenant's, who makes it makes
// nobody's.
const unclaimed = 3

// chunk is how many tables one query looks at.
const chunk = 100

// measure looks at every stored row as the superuser.
func (p *prover) measure(ctx context.Context, conn *pgx.Conn) (map[mark]content, error) {
	marks := map[mark]content{}
	var queries []string
	for i, t := range p.tables {
		if t.stores() {
			queries = append(queries, fmt.Sprintf("SELECT %d, t.ctid::text, md5(t::text), CASE %sELSE 0 END FROM ONLY %s t", i, p.whose(t), t.sql()))
		}
	}
	for len(queries) > 0 {
		n := min(chunk, len(queries))
		r, err := exec(ctx, conn, strings.Join(queries[:n], " UNION ALL "))
		if err != nil {
			return nil, err
		}
		if r.err != nil {
			return nil, fmt.Errorf("look at the rows: %w", r.err)
		}
		for _, one := range r.rows {
			table, _ := strconv.Atoi(*one[0])
			owner, _ := strconv.Atoi(*one[3])
			marks[mark{table, *one[1]}] = content{*one[2], owner}
		}
		queries = queries[n:]
	}
	return marks, nil
}

// whose returns the branches of a CASE that say whose a row is: by its class, or, in a table that belongs
// to no tenant, by the tenant's id in its text.
func (p *prover) whose(t *table) string {
	var b strings.Builder
	for _, owner := range []int{tenantA, tenantB} {
		condition := p.belongs(t, "t", owner, 0)
		if !t.owned {
			other := tenantA + tenantB - owner
			condition = fmt.Sprintf("t::text LIKE '%%%s%%' AND t::text NOT LIKE '%%%s%%'", p.tenants[owner].uuid, p.tenants[other].uuid)
		}
		if condition != "" {
			fmt.Fprintf(&b, "WHEN %s THEN %d ", condition, owner)
		}
	}
	if p.orphans(t) {
		fmt.Fprintf(&b, "WHEN nullif(t.%s::text, '') IS NULL THEN %d ", quote(t.class.Column), unclaimed)
	}
	if b.Len() == 0 {
		return "WHEN false THEN 0 "
	}
	return b.String()
}

// harm is what an attempt did to a tenant whose session it was not.
type harm struct {
	// what says it in a phrase; empty when nothing was done.
	what string
	// relation is where.
	relation string
}

// harm compares what is there behind an attempt with what was there before.
func (p *prover) harm(o outcome, session int) harm {
	for key, was := range o.base {
		if was.owner == nobody || was.owner == session {
			continue
		}
		if now, there := o.after[key]; !there || now.digest != was.digest {
			relation := p.holder(key)
			return harm{fmt.Sprintf("rows of %s in %s are changed or gone", whoseRow(was.owner), relation), relation}
		}
	}
	for key, now := range o.after {
		if _, there := o.base[key]; !there && now.owner != nobody && now.owner != session && now.owner != unclaimed {
			relation := p.holder(key)
			return harm{fmt.Sprintf("a row of %s appears in %s", whoseRow(now.owner), relation), relation}
		}
	}
	return harm{}
}

func whoseRow(owner int) string {
	if owner == unclaimed {
		return "no tenant yet"
	}
	return "tenant " + strings.ToUpper(letter(owner))
}

// holder names the table that a row is in: for a partition that was made here, the table that it is one of.
func (p *prover) holder(key mark) string {
	t := p.tables[key.table]
	if t.made {
		return t.rel.PartitionOf.String()
	}
	return t.rel.Name.String()
}
