package isolationtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/prove"
)

// judge turns a report into failures of a test.
func judge(t TB, r *prove.Report, classes *classify.Classes, accepted []*acceptance) {
	t.Helper()
	for _, note := range r.Notes {
		t.Logf("isolationtest: %s", note)
	}
	for _, c := range r.Cells {
		switch c.Verdict {
		case prove.Refuted:
			if a := find(accepted, c.Object, c.Command); a != nil {
				t.Logf("accepted: %s %s: %s", c.Object, c.Command, a.reason)
				continue
			}
			t.Errorf("%s %s crosses tenants: %s\n%s", c.Object, c.Command, c.Reason, script(c.Statements))
		case prove.NotTried:
			t.Logf("not tried: %s %s: %s", c.Object, c.Command, c.Reason)
		}
	}
	for _, u := range r.Unfilled {
		switch a := find(accepted, u.Object, ""); {
		case !ofTenants(classes, u.Object):
			t.Logf("no row could be made in %s: %s", u.Object, u.Reason)
		case a != nil:
			t.Logf("accepted: %s: %s", u.Object, a.reason)
		default:
			t.Errorf("nothing is proved of %s, as no rows of two tenants could be made in it: %s", u.Object, u.Reason)
		}
	}
	for _, a := range accepted {
		switch {
		case a.reason == "":
			t.Errorf("what is accepted of %s needs a reason", a.object)
		case !a.used:
			t.Errorf("nothing to accept: %s does not cross tenants any more", strings.TrimSpace(fmt.Sprintf("%s %s", a.object, a.command)))
		}
	}
	t.Logf("role %s on PostgreSQL %d: %d proved, %d refuted, %d vacuous, %d not tried", r.Role, r.Version,
		r.Count(prove.Proved), r.Count(prove.Refuted), r.Count(prove.Vacuous), r.Count(prove.NotTried))
	if !proved(r, classes) {
		t.Fatalf("nothing was proved: no table of a tenant was found whose rows role %s reaches; was the database migrated, is that the service's role, and is the tenant column known?", r.Role)
	}
}

// proved reports whether anything was learned about a table of tenants.
func proved(r *prove.Report, classes *classify.Classes) bool {
	return slices.ContainsFunc(r.Cells, func(c prove.Cell) bool {
		return c.Verdict == prove.Refuted || c.Verdict == prove.Proved && ofTenants(classes, c.Object)
	})
}

// find returns what accepts a way, and notes that it is needed.
func find(accepted []*acceptance, object string, command prove.Command) *acceptance {
	for _, a := range accepted {
		if a.object == object && (a.command == "" || a.command == command) {
			a.used = true
			return a
		}
	}
	return nil
}

// ofTenants reports whether the rows of a table belong to tenants.
func ofTenants(classes *classify.Classes, name string) bool {
	return slices.ContainsFunc(classes.Tables(), func(t *classify.Table) bool {
		return t.Relation.Name.String() == name && (t.Class == classify.Tenant || t.Class == classify.Child)
	})
}

// script writes statements as one would run them.
func script(statements []string) string {
	var b strings.Builder
	for _, s := range statements {
		fmt.Fprintf(&b, "    %s;\n", strings.ReplaceAll(s, "\n", "\n    "))
	}
	return b.String()
}
