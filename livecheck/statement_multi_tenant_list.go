package livecheck

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

// multiTenantList reports the tables of which the plan reads the rows of several tenants.
func (j *judgement) multiTenantList() {
	seen := map[*pgschema.Relation]bool{}
	for _, s := range j.reach.scans {
		on := root(j.schema, s.relation)
		text := j.text[on]
		asList := s.scope == listed || s.scope == pinned && squashed(j.executed.text, s.table.Columns) ||
			s.scope <= derived && text != nil && badness(text) == 1
		if !asList || seen[on] {
			continue
		}
		seen[on] = true
		name := on.Name.String()
		j.statement.confine(TenantList, "whoever fills the list of tenants decides whose rows of "+name+" are read", "")
		j.report(finding.New("statement-multi-tenant-list", finding.Position{}, name,
			"the plan reads rows of a list of tenants in %s, and whoever fills the list decides whose: %s", name, j.excerpt()), "plan: "+describe(s))
	}
}

// squashedList is how version 18 writes a list of constants: the plan of it is that of one constant.
var squashedList = regexp.MustCompile(`(?i)(\w+)"?\s+IN\s*\(\s*\$\d+\s*/\*, \.\.\. \*/\s*\)`)

func squashed(text string, columns []string) bool {
	for _, m := range squashedList.FindAllStringSubmatch(text, -1) {
		if slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, m[1]) }) {
			return true
		}
	}
	return false
}
