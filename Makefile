# Modules of their own, so that what they need stays out of the tool's go.mod.
modules = $(patsubst %/go.mod,%,$(wildcard testdata/*/go.mod))

fuzztime ?= 5s

.PHONY: oracle oracle-live bench-live build demo test lint servers bench fuzz defects noninterference differential histories shadow-differential race clean

build:
	go build -o bin/ ./cmd/tenantvet

# Runs the tool on an application with planted leaks, and on a running database with some, which make exit code 1 right.
demo: build
	./testdata/demo/run
	@echo; echo '$$ tenantvet audit --demo'
	@bin/tenantvet audit --demo || [ $$? = 1 ]

test: servers lint
	TENANTVET_REQUIRE_SERVERS=1 go test ./...
	@set -e; for module in $(modules); do echo "cd $$module && go test ./..."; \
		(cd $$module && TENANTVET_REQUIRE_SERVERS=1 go test ./...); done

# Analyzer fixtures are left alone by gofmt: they may be ill-formed on purpose.
lint:
	go vet ./...
	@unformatted=$$(find . -name '*.go' -not -path '*/testdata/*' -exec gofmt -l {} +); \
		if [ -n "$$unformatted" ]; then echo "gofmt has something to say about:"; echo "$$unformatted"; exit 1; fi

# Installs the PostgreSQL, PgBouncer and Redis servers that the tests start, and the browser that looks at the HTML report.
servers:
	.ci/servers

# With REPO=path-of-a-checkout also time and memory of a whole run there.
bench:
	TENANTVET_BENCH_REPO=$(abspath $(REPO)) go test -run '^$$' -bench . -benchmem ./...

# A whole run of tenantvet schema against the linter squawk, on the same 10,000 statements in 500 files.
race:
	npm install --silent --no-audit --no-fund --prefix bin/race squawk-cli@2.66.0
	TENANTVET_RACE_WITH=$$(ls -d $(CURDIR)/bin/race/node_modules/@squawk-cli/*/bin/squawk) \
		go test -count 1 -v -run '^TestRace$$' ./cmd/tenantvet

# The row-security oracle: the verdict on schemas whose truth real servers gave.
oracle:
	go test -count=1 -v -run '^TestOracle$$' ./schemacheck

# The verdict on executed statements whose truth is measured on each version: a table of both axes.
oracle-live: servers
	TENANTVET_REQUIRE_SERVERS=1 TENANTVET_TRUTH=all go test -count=1 -v -run '^TestStatementShapes$$' ./livecheck

# What an audit costs on each version, in seconds beside the target: reading 20,000 tables in 1,000 schemas, judging 5,000
# statements, the drift of 1,000 schemas, 60 databases at a time beyond connecting, probing 5,000 tables. Loads its data.
bench-live: servers
	TENANTVET_REQUIRE_SERVERS=1 go test -timeout 0 -p 1 -run '^$$' -bench '^Benchmark(Read|Statements|Drift|Catalogs|Probes)$$' -benchtime 3x \
		./pgschema/catalog ./livecheck ./livecheck/fleet

# go test fuzzes one target of one package at a time.
fuzz:
	@set -e; grep -rE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+\(' . | \
		sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]+).*|\1 \2|' | \
		while read -r dir target; do echo "$$dir $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(fuzztime) "$$dir"; done

# Real defects and their fixes: make defects CHECKOUTS=folder-with-work-trees
defects: build
	go run ./testdata/defects $(CHECKOUTS)

# Random statements, judged and run on a server. SEED and FIRST of a failure repeat it with N=1.
noninterference: N ?= 20000
noninterference: SEED ?= 1
noninterference: FIRST ?= 0
noninterference:
	TENANTVET_REQUIRE_SERVERS=1 TENANTVET_STATEMENTS=$(N) TENANTVET_SEED=$(SEED) TENANTVET_FIRST=$(FIRST) \
		go test -count 1 -timeout 0 -v -run '^TestPinnedStatementsDoNotInterfere$$' ./sqlcheck/noninterference

# Random histories of statements, replayed and applied to servers. The SEED of a failure repeats it with N=1.
histories: N ?= 1000
histories: SEED ?= 1
histories:
	TENANTVET_REQUIRE_SERVERS=1 TENANTVET_HISTORIES=$(N) TENANTVET_SEED=$(SEED) \
		go test -count 1 -timeout 0 -v -run '^TestHistories$$' ./pgschema/replay

# Replay against what a shadow server makes of the same migrations, in each checkout of a folder.
shadow-differential:
	TENANTVET_REQUIRE_SERVERS=1 TENANTVET_CHECKOUTS=$(abspath $(CHECKOUTS)) go test -count 1 -timeout 0 -v -run '^TestReplayOfCheckouts$$' ./shadow

# Random schemas, judged from their text and tried on servers of all versions. SEED and FIRST of a failure repeat it with N=1.
differential: N ?= 20000
differential: SEED ?= 1
differential: FIRST ?= 0
differential:
	TENANTVET_REQUIRE_SERVERS=1 TENANTVET_SCHEMAS=$(N) TENANTVET_SEED=$(SEED) TENANTVET_FIRST=$(FIRST) \
		go test -count 1 -timeout 0 -v -run '^TestVerdictsHoldOnServers$$' ./prove/differential

clean:
	rm -rf bin
	go clean -testcache
