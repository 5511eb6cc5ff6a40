module example.com/rls

go 1.24

require (
	github.com/jackc/pgx/v5 v5.7.0
	modernc.org/sqlite v1.49.1
)

replace (
	github.com/jackc/pgx/v5 => ../../../testdata/stubs/pgx
	modernc.org/sqlite => ../stubs/sqlite
)
