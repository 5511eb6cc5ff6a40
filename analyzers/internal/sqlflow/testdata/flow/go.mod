module example.com/flow

go 1.24

require (
	github.com/Masterminds/squirrel v1.5.4
	github.com/jackc/pgx/v5 v5.7.0
	github.com/jmoiron/sqlx v1.4.0
	gorm.io/gorm v1.31.2
)

replace (
	github.com/Masterminds/squirrel => ../../../../testdata/stubs/squirrel
	github.com/jackc/pgx/v5 => ../../../../testdata/stubs/pgx
	github.com/jmoiron/sqlx => ../../../../testdata/stubs/sqlx
	gorm.io/gorm => ../../../../testdata/stubs/gorm
)
