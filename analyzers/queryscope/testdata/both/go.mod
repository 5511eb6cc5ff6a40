module example.com/both

go 1.24

require github.com/jackc/pgx/v5 v5.7.0

replace github.com/jackc/pgx/v5 => ../../../testdata/stubs/pgx
