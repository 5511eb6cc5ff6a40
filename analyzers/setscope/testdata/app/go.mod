module example.com/app

go 1.24

require (
	github.com/google/uuid v1.6.0
	github.com/jackc/pgx/v5 v5.7.0
	github.com/jmoiron/sqlx v1.4.0
	github.com/uptrace/bun v1.2.0
	gorm.io/gorm v1.30.0
)

replace (
	github.com/google/uuid => ../../../testdata/stubs/uuid
	github.com/jackc/pgx/v5 => ../../../testdata/stubs/pgx
	github.com/jmoiron/sqlx => ../../../testdata/stubs/sqlx
	github.com/uptrace/bun => ../../../testdata/stubs/bun
	gorm.io/gorm => ../../../testdata/stubs/gorm
)
