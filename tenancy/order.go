package tenancy

import (
	"cmp"
	"path/filepath"
	"strings"
)

// compareFiles orders migrations: by folder, then repeatable ones (Flyway's R__x.sql) last, then by
// name with runs of digits compared as numbers, so that 2_x stands before 10_x and V1.2__x before
// V1.10__x.
func compareFiles(a, b string) int {
	dirA, nameA := filepath.Split(a)
	dirB, nameB := filepath.Split(b)
	return cmp.Or(
		compareNatural(dirA, dirB),
		compareBool(strings.HasPrefix(nameA, "R__"), strings.HasPrefix(nameB, "R__")),
		compareNatural(flywayVersion(nameA), flywayVersion(nameB)),
		compareNatural(nameA, nameB),
		cmp.Compare(a, b),
	)
}

// flywayVersion is the version of V1_2__x.sql as "V1.2", and the whole of any other name.
func flywayVersion(name string) string {
	if version, _, ok := strings.Cut(name, "__"); ok && flywayName.MatchString(name) {
		return strings.ReplaceAll(version, "_", ".")
	}
	return name
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareNatural compares texts with runs of digits taken as numbers.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits counts the digits a text starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
