package cachekey

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// tenantIn returns the first mention of a tenant below a node.
func (c *checker) tenantIn(n ast.Node) (string, bool) {
	if found := c.tenantsIn(n); len(found) > 0 {
		return text(found[0]), true
	}
	return "", false
}

// tenantsIn finds the mentions of tenants below a node, other than in calls that write logs.
func (c *checker) tenantsIn(n ast.Node) []ast.Expr {
	var found []ast.Expr
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			fn, _ := typeutil.Callee(c.info, n).(*types.Func)
			if isLogging(fn) {
				return false
			}
			if c.tenant.Accessor(fn) {
				found = append(found, n)
				return false
			}
		case *ast.KeyValueExpr:
			// Params{TenantID: x}: the value is what the reader knows.
			if v := c.fieldKey(n); v != nil {
				inner := c.tenantsIn(n.Value)
				if len(inner) == 0 && c.carries(v) && !c.isConstant(n.Value) {
					inner = []ast.Expr{n.Value}
				}
				found = append(found, inner...)
				return false
			}
		case *ast.SelectorExpr:
			if v, ok := c.info.ObjectOf(n.Sel).(*types.Var); ok && c.carries(v) {
				found = append(found, n)
				return false
			}
		case *ast.Ident:
			if v, ok := c.info.ObjectOf(n).(*types.Var); ok && c.carries(v) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

func (c *checker) fieldKey(kv *ast.KeyValueExpr) *types.Var {
	id, ok := kv.Key.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := c.info.ObjectOf(id).(*types.Var)
	if !ok || !v.IsField() {
		return nil
	}
	return v
}

func (c *checker) carries(v *types.Var) bool {
	return c.tenant.Match(v.Name()) || c.tenant.MatchType(v.Type())
}

// isLogging reports whether a function writes logs, metrics or traces: a tenant that it is given
// says nothing about the value.
func isLogging(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	for _, name := range []string{"log", "slog", "zap", "zerolog", "logrus", "attribute", "otel", "trace", "metric", "sentry", "attr", "logging", "telemetry", "metrics"} {
		if fn.Pkg().Name() == name {
			return true
		}
	}
	return false
}
