package setscope

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// maxDepth bounds the calls that a handle is followed through.
const maxDepth = 10

// placeOf decides by the type of a handle, and where the type does not tell by how it was made.
func (c *checker) placeOf(v ssa.Value, depth int) (p place, named bool) {
	if depth > maxDepth {
		return anywhere, false
	}
	switch models.KindOf(v.Type()) {
	case models.Pool:
		return pool, false
	case models.Tx:
		return transaction, false
	case models.Conn:
		return c.connection(v), false
	}
	if isGorm(v.Type()) {
		return c.gorm(v, depth)
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return anywhere, isTxName(v.Name())
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return c.made(call), false
		}
	case *ssa.Call:
		return c.made(v), false
	case *ssa.UnOp:
		if field, ok := v.X.(*ssa.FieldAddr); ok {
			return anywhere, isTxName(fieldName(field))
		}
	}
	return anywhere, false
}

// made is the place of a handle of an interface type that a call returns.
func (c *checker) made(call *ssa.Call) place {
	fn := ssaflow.Callee(call)
	if models.Begins(fn) {
		return transaction
	}
	return anywhere
}

// connection tells the connections of a pool from one's own.
func (c *checker) connection(v ssa.Value) place {
	named := gotype.Named(v.Type())
	if named == nil || named.Obj().Pkg() == nil {
		return anywhere
	}
	switch path := named.Obj().Pkg().Path(); path {
	case "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v4":
		call, _ := v.(*ssa.Call)
		if extract, ok := v.(*ssa.Extract); ok {
			call, _ = extract.Tuple.(*ssa.Call)
		}
		if call == nil {
			return anywhere
		}
		if fn := ssaflow.Callee(call); fn != nil {
			switch fn.Name() {
			case "Connect", "ConnectConfig", "ConnectWithOptions", "Hijack":
				return own
			case "Conn": // (*pgxpool.Conn).Conn, (pgx.Tx).Conn
				return pooled
			}
		}
		return anywhere
	}
	return pooled
}

func isTxName(name string) bool {
	switch name {
	case "tx", "Tx", "txn", "trx", "transaction":
		return true
	}
	return false
}

func fieldName(addr *ssa.FieldAddr) string {
	st, ok := gotype.Deref(addr.X.Type()).Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	return st.Field(addr.Field).Name()
}
