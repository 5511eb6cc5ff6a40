module example.com/predicate

go 1.24

require (
	github.com/jackc/pgx/v5 v5.7.0
	github.com/jmoiron/sqlx v1.4.0
	gorm.io/gorm v1.31.2
)

replace (
	github.com/jackc/pgx/v5 => ../../../testdata/stubs/pgx
	github.com/jmoiron/sqlx => ../../../testdata/stubs/sqlx
	gorm.io/gorm => ../../../testdata/stubs/gorm
)
