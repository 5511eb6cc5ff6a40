package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// injective are functions of PostgreSQL whose value tells their argument's, as far as anybody can make it: digests
// count, whose collisions nobody finds by chance.
var injective = []string{"md5", "sha224", "sha256", "sha384", "sha512", "quote_literal", "reverse", "convert_to"}

// injectiveOnIDs are functions that tell the text of uuids and of integers, which knows one case and no spaces.
var injectiveOnIDs = []string{"lower", "upper", "btrim", "trim", "ltrim", "rtrim"}

// injected returns the term of the column whose value a function call tells, or noTerm.
func (e *engine) injected(call *pgast.FuncCall, s *scope, compared bool) term {
	_, name := functionName(call)
	args := call.GetArgs()
	if len(args) == 0 || e.function(call) != nil {
		return noTerm
	}
	onAll, onIDs := slices.Contains(injective, name), slices.Contains(injectiveOnIDs, name) && len(args) == 1 || isWithoutDashes(name, args)
	if !onAll && !onIDs {
		return noTerm
	}
	t := e.termOf(operand{args[0], s}, compared)
	info := e.info(t)
	if info.inst == nil || info.inst.rel == nil {
		return noTerm
	}
	c := info.inst.rel.Column(info.column)
	if c == nil || !onAll && c.Type != "uuid" && !slices.Contains(integers, c.Type) {
		return noTerm
	}
	return t
}

// isWithoutDashes reports whether a call is replace(x, '-', ”), which tells a uuid.
func isWithoutDashes(name string, args []*pgast.Node) bool {
	return name == "replace" && len(args) == 3 && literal(args[1]).GetSval().GetSval() == "-" && isEmptyText(args[2])
}
