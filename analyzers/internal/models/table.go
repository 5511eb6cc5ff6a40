package models

// The packages whose calls are known. A path stands for all its functions and methods below.
const (
	sqlPkg  = "database/sql"
	pgxV5   = "github.com/jackc/pgx/v5"
	pgxV4   = "github.com/jackc/pgx/v4"
	poolV5  = pgxV5 + "/pgxpool"
	poolV4  = pgxV4 + "/pgxpool"
	sqlxPkg = "github.com/jmoiron/sqlx"
	gormPkg = "gorm.io/gorm"
	bunPkg  = "github.com/uptrace/bun"
	goPgPkg = "github.com/go-pg/pg/v10"
	scanyV2 = "github.com/georgysavva/scany/v2"
	scanyV1 = "github.com/georgysavva/scany"
	popPkg  = "github.com/ory/pop/v6"
	dbrPkg  = "github.com/gocraft/dbr/v2"
)

var kinds = map[string]Kind{
	sqlPkg + ".DB": Pool, sqlPkg + ".Conn": Conn, sqlPkg + ".Tx": Tx, sqlPkg + ".Stmt": Stmt,
	pgxV5 + ".Conn": Conn, pgxV5 + ".Tx": Tx, pgxV5 + ".Batch": Batch,
	pgxV4 + ".Conn": Conn, pgxV4 + ".Tx": Tx, pgxV4 + ".Batch": Batch,
	poolV5 + ".Pool": Pool, poolV5 + ".Conn": Conn, poolV5 + ".Tx": Tx,
	poolV4 + ".Pool": Pool, poolV4 + ".Conn": Conn, poolV4 + ".Tx": Tx,
	sqlxPkg + ".DB": Pool, sqlxPkg + ".Conn": Conn, sqlxPkg + ".Tx": Tx,
	sqlxPkg + ".Stmt": Stmt, sqlxPkg + ".NamedStmt": Stmt,
	bunPkg + ".DB": Pool, bunPkg + ".Conn": Conn, bunPkg + ".Tx": Tx,
	goPgPkg + ".DB": Pool, goPgPkg + ".Conn": Conn, goPgPkg + ".Tx": Tx,
}

// handles are further types that run SQL; of which kind their values are, the type does not say.
var handles = map[string]bool{
	gormPkg + ".DB": true, bunPkg + ".IDB": true, popPkg + ".Connection": true,
	"github.com/doug-martin/goqu/v9.Database": true, dbrPkg + ".Session": true, dbrPkg + ".Tx": true,
}

var table = makeTable()

func makeTable() map[string]Sink {
	t := map[string]Sink{}
	add := func(s Sink, receivers []string, methods ...string) {
		for _, r := range receivers {
			for _, m := range methods {
				t[r+"."+m] = s
			}
		}
	}
	plain := Sink{Query: 0, Context: None, Args: 1, Handle: Receiver}
	withContext := Sink{Query: 1, Context: 0, Args: 2, Handle: Receiver}
	prepares := func(s Sink) Sink { s.Prepares, s.Args = true, None; return s }
	named := func(s Sink) Sink { s.Named = true; return s }
	into := func(s Sink) Sink { s.Query++; s.Args++; return s } // a destination stands before the text

	sql := []string{"(*" + sqlPkg + ".DB)", "(*" + sqlPkg + ".Conn)", "(*" + sqlPkg + ".Tx)"}
	add(plain, []string{sql[0], sql[2]}, "Exec", "Query", "QueryRow") // a Conn has them with a context only
	add(withContext, sql, "ExecContext", "QueryContext", "QueryRowContext")
	add(prepares(plain), []string{sql[0], sql[2]}, "Prepare")
	add(prepares(withContext), sql, "PrepareContext")

	for _, v := range []string{pgxV5, pgxV4} {
		pgx := []string{"(*" + v + ".Conn)", "(" + v + ".Tx)", "(*" + v + "/pgxpool.Pool)",
			"(*" + v + "/pgxpool.Conn)", "(*" + v + "/pgxpool.Tx)"}
		add(withContext, pgx, "Exec", "Query", "QueryRow")
		add(Sink{Query: 1, Context: 0, Args: 3, Handle: Receiver}, pgx, "QueryFunc")
		add(Sink{Query: 2, Context: 0, Args: None, Handle: Receiver, Prepares: true}, pgx[:2], "Prepare")
		add(plain, []string{"(*" + v + ".Batch)"}, "Queue")
	}
	add(Sink{Query: 1, Context: 0, Args: None, Handle: Receiver}, []string{"(*github.com/jackc/pgx/v5/pgconn.PgConn)",
		"(*github.com/jackc/pgconn.PgConn)"}, "Exec", "ExecParams")

	sqlx := []string{"(*" + sqlxPkg + ".DB)", "(*" + sqlxPkg + ".Tx)", "(*" + sqlxPkg + ".Conn)"}
	add(plain, sqlx, "Exec", "Query", "QueryRow", "Queryx", "QueryRowx", "MustExec")
	add(withContext, sqlx, "ExecContext", "QueryContext", "QueryRowContext", "QueryxContext", "QueryRowxContext", "MustExecContext")
	add(into(plain), sqlx, "Get", "Select")
	add(into(withContext), sqlx, "GetContext", "SelectContext")
	add(named(plain), sqlx, "NamedExec", "NamedQuery")
	add(named(withContext), sqlx, "NamedExecContext", "NamedQueryContext")
	add(prepares(plain), sqlx, "Preparex", "Prepare")
	add(prepares(withContext), sqlx, "PreparexContext", "PrepareContext")
	add(named(prepares(plain)), sqlx, "PrepareNamed")
	add(named(prepares(withContext)), sqlx, "PrepareNamedContext")
	// sqlx.Get(q, dest, query, args...) and its like take the handle as their first argument.
	pkg := []string{sqlxPkg}
	add(Sink{Query: 2, Context: None, Args: 3, Handle: 0}, pkg, "Get", "Select")
	add(Sink{Query: 3, Context: 0, Args: 4, Handle: 1}, pkg, "GetContext", "SelectContext")
	add(Sink{Query: 1, Context: None, Args: 2, Handle: 0}, pkg, "MustExec")
	add(Sink{Query: 1, Context: None, Args: 2, Handle: 0, Named: true}, pkg, "NamedExec", "NamedQuery")
	add(Sink{Query: 2, Context: 0, Args: 3, Handle: 1, Named: true}, pkg, "NamedExecContext", "NamedQueryContext")

	for _, v := range []string{scanyV2, scanyV1} {
		scany := []string{v + "/pgxscan", v + "/sqlscan"}
		add(Sink{Query: 3, Context: 0, Args: 4, Handle: 1}, scany, "Get", "Select")
	}

	gorm := plain
	gorm.Lists = true
	add(gorm, []string{"(*" + gormPkg + ".DB)"}, "Raw", "Exec")
	bun := []string{"(*" + bunPkg + ".DB)", "(" + bunPkg + ".Tx)", "(" + bunPkg + ".Conn)", "(" + bunPkg + ".IDB)"}
	add(plain, bun, "NewRaw", "Exec", "Query", "QueryRow")
	add(withContext, bun, "ExecContext", "QueryContext", "QueryRowContext")
	goPg := []string{"(*" + goPgPkg + ".DB)", "(*" + goPgPkg + ".Conn)", "(*" + goPgPkg + ".Tx)"}
	add(plain, goPg, "Exec", "ExecOne")
	add(withContext, goPg, "ExecContext", "ExecOneContext")
	add(into(plain), goPg, "Query", "QueryOne")
	add(into(withContext), goPg, "QueryContext", "QueryOneContext")
	add(plain, []string{"(*" + popPkg + ".Connection)"}, "RawQuery")
	add(plain, []string{"(*" + dbrPkg + ".Session)", "(*" + dbrPkg + ".Tx)"}, "SelectBySql", "UpdateBySql", "InsertBySql", "DeleteBySql")
	return t
}
