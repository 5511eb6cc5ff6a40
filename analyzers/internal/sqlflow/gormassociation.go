package sqlflow

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// association is one that a chain reads besides its own rows.
type association struct {
	name       string // "Lines", or a way: "Lines.Product"; empty where it is not known
	method     string // Preload, Joins or InnerJoins
	conditions ssa.Value
	call       ssa.Value
}

// nameOf returns the text of a value that is one constant, or "".
func (r *resolver) nameOf(v ssa.Value) string {
	text := r.text(v)
	if len(text) != 1 || !text[0].Constant() {
		return ""
	}
	return strings.TrimSpace(text[0].String())
}

// gormReads are the methods that fill rows, with their associations.
var gormReads = []string{"Find", "First", "Last", "Take", "FirstOrInit", "FirstOrCreate", "FindInBatches"}

// gormAssociations returns what the end of a chain reads besides its own rows: each association of a way once, by a
// statement of its own that finds rows by the keys of those read before. Joins reads the same rows in one statement.
func (c *collector) gormAssociations(site callSite) []*Call {
	name, _, args := gormMethod(site.instr)
	if !slices.Contains(gormReads, name) {
		return nil
	}
	var calls []*Call
	states, chain := c.gormEnded(site)
	for _, s := range states {
		model := args[0]
		if s.row != nil {
			model = s.row
		}
		for _, a := range s.associations {
			owner, rows, way := modelOf(model), s, ""
			for step := range strings.SplitSeq(a.name, ".") {
				way = strings.TrimPrefix(way+"."+step, ".")
				read := Statement{Verb: "SELECT", Columns: literal("*")}
				owner = c.gormAssociated(&read, rows, owner, step, site, a)
				if way == a.name {
					c.gormAssociationConditions(&read, a)
				}
				calls = addAssociation(calls, chain, a, way, within(site.fn, read.render()))
				rows = read
			}
		}
	}
	return calls
}

// addAssociation adds the text that reads an association to its call, which is made where it is the first.
func addAssociation(calls []*Call, chain *Call, a association, way string, text []Template) []*Call {
	for _, known := range calls {
		if known.Association.Name == way {
			known.Templates = union(known.Templates, text)
			return calls
		}
	}
	call := *chain
	call.Association = &Association{Method: a.method, Name: way, Pos: a.call.Pos()}
	call.Templates = text
	return append(calls, &call)
}

// gormAssociated makes a statement the one that reads an association of the rows of another, and returns its model, nil
// where that is not known.
func (c *collector) gormAssociated(read *Statement, rows Statement, owner *types.Named, step string, site callSite, a association) *types.Named {
	at := Place{Pos: a.call.Pos(), Fixed: true}
	link, ok := linkOf(owner, step)
	if !ok {
		read.Table = hole(codeCall, a.call)
		read.Suffix = concat(literal(" "), hole(codeCall, a.call))
		return nil
	}
	rows.Verb, rows.Columns = "SELECT", literal(columnsOf(link.keys))
	keys := placed(rows.render(), Place{Pos: site.instr.Pos(), Fixed: true})
	if link.join != "" {
		keys = concat(literal("SELECT "+columnsOf(link.targets)+" FROM "+link.join+" WHERE "+rowOf(link.owners)+" IN ("), keys, literal(")"))
	}
	read.Table = placed(c.tableOf(link.model, a.call), at)
	read.Where = concat(literal(rowOf(link.columns)+" IN ("), keys, literal(")"))
	return link.model
}

func columnsOf(names []string) string { return strings.Join(names, ", ") }

func rowOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "(" + columnsOf(names) + ")"
}

// placed puts all text at one place.
func placed(set []Template, at Place) []Template {
	return each(set, func(t Template) []Template {
		out := Template{Pieces: slices.Clone(t.Pieces)}
		for i := range out.Pieces {
			out.Pieces[i].Places = []Place{at}
		}
		return []Template{out}
	})
}

// gormAssociationConditions adds what Preload or Joins is given besides the name: functions that are given the chain of
// the association, and a condition.
func (c *collector) gormAssociationConditions(read *Statement, a association) {
	values, ok := variadic(a.conditions)
	if !ok {
		read.Suffix = then(read.Suffix, concat(literal(" "), hole(codeValue, a.conditions)))
		return
	}
	var condition []ssa.Value
	for _, value := range values {
		if m, ok := value.(*ssa.MakeInterface); ok && isScope(m.X.Type()) {
			c.gormScope(read, m.X, a.call)
			continue
		}
		condition = append(condition, value)
	}
	if len(condition) > 0 {
		read.Where = and(read.Where, c.gormComparison(read, condition[0], condition[1:]))
	}
}

func isScope(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() == 1 && isGorm(sig.Params().At(0).Type())
}
