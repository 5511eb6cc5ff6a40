package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// run is a function that runs in a session, and whose rights it has.
type run struct {
	function *pgschema.Function
	as       session
}

// runIn is a function that runs in the session of a role.
type runIn struct {
	run
	session session
}

// rightsOf returns whose rights a function has that is called or fired with the rights of a role.
func (p *pass) rightsOf(f *pgschema.Function, caller session) session {
	if !f.SecurityDefiner {
		return caller
	}
	return session{role: p.roles.orDefault(f.Owner)}
}

// body is what runs with the rights of a role: a function's own statements, or those of one that it calls.
type body struct {
	*routine
	as session
}

// maxBodies bounds the bodies that one function is followed into, as functions may call each other.
const maxBodies = 50

// bodiesOf returns the body of a function and those of the functions that it calls in turn, in whose statements the
// arguments stand for what the call gives. What the session may also call by itself, with the same rights, is left out.
func (p *pass) bodiesOf(f run, s session) []body {
	key := runIn{f, s}
	bodies, ok := p.followed[key]
	if !ok {
		bodies = p.followCalls(f, s)
		p.followed[key] = bodies
	}
	return bodies
}

func (p *pass) followCalls(f run, s session) []body {
	bodies := []body{{p.routine(f.function), f.as}}
	seen := map[string]bool{}
	for i := 0; i < len(bodies) && len(bodies) < maxBodies; i++ {
		caller := bodies[i]
		for _, stmt := range caller.statements {
			pgast.Walk(stmt.Node, func(n any) bool {
				call, ok := n.(*pgast.FuncCall)
				if !ok {
					return true
				}
				for _, g := range p.called(call) {
					as := p.rightsOf(g, caller.as)
					if g == f.function || g.Extension != "" || g.Returns == "trigger" || g.SecurityDefiner && p.mayExecute(s, g) {
						continue
					}
					text, _ := pgast.DeparseExpr(&pgast.Node{Node: &pgast.Node_FuncCall{FuncCall: call}})
					if key := fmt.Sprint(functionObject(g), as, text, caller.names); !seen[key] {
						seen[key] = true
						bodies = append(bodies, body{p.callee(caller.routine, call, g), as})
					}
				}
				return true
			})
		}
	}
	if len(bodies) >= maxBodies {
		bodies = append(bodies, body{&routine{function: f.function, opaque: "it calls more functions than are followed"}, f.as})
	}
	return bodies
}

// callee returns the routine of a function as one call runs it: what the session is, constants and fields of the
// caller's row are put in the place of its arguments.
func (p *pass) callee(caller *routine, call *pgast.FuncCall, g *pgschema.Function) *routine {
	r := *p.routine(g)
	r.by, r.trigger, r.function = g, caller.trigger, caller.function
	r.guarded = r.guarded || caller.guarded
	r.names = slices.Clone(r.names)
	given := map[int32]*pgast.Node{}
	for i, arg := range call.Args {
		if named := arg.GetNamedArgExpr(); named != nil {
			i, arg = slices.Index(g.ArgNames, named.Name), named.Arg
		}
		if i < 0 || i >= r.arguments {
			continue
		}
		if ref := arg.GetParamRef(); ref != nil && ref.Number > 0 && int(ref.Number) <= len(caller.names) {
			if name := caller.names[ref.Number-1]; strings.HasPrefix(name, "new.") || strings.HasPrefix(name, "old.") {
				r.names[i] = name
			}
		} else if p.isSessionValue(arg) || constantOf(arg) != nil {
			given[int32(i+1)] = arg
		}
	}
	r.statements = make([]*pgast.Statement, len(r.statements))
	for i, stmt := range p.routine(g).statements {
		copied := *stmt
		copied.Node = pgast.Clone(stmt.Node)
		pgast.Rewrite(copied.Node, func(n *pgast.Node) bool {
			if value := given[n.GetParamRef().GetNumber()]; value != nil {
				n.Node = value.Node
				return false
			}
			return true
		})
		r.statements[i] = &copied
	}
	return &r
}
