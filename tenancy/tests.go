package tenancy

import (
	"slices"
	"strings"
)

// testSupport are the beginnings of names of packages that exist for tests.
var testSupport = []string{
	"testcontainer", "testdb", "testdata", "testenv", "testfixture", "testharness", "testhelper", "testing", "testinfra",
	"testkit", "testlib", "testserver", "testsuite", "testsupport", "testutil",
}

// IsTestName reports whether a Go package or a folder of that name exists for tests, by the names in
// use: tests, httptest, testutil.
func IsTestName(name string) bool {
	return name == "tests" || strings.HasSuffix(name, "test") && name != "test" ||
		slices.ContainsFunc(testSupport, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}
