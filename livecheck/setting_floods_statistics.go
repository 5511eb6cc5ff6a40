package livecheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// flood is the least number of texts of one setting that is more than a handful of constants.
const flood = 100

var setStatement = regexp.MustCompile(`(?is)^\s*SET\s+(?:(?:SESSION|LOCAL)\s+)?(ROLE\b|SESSION\s+AUTHORIZATION\b|[\w."]+)`)

// settingsFlooding looks for settings that have an entry in the statistics for each value: up to
// version 17 a utility statement is kept as it is written, with the tenant's id in clear.
func settingsFlooding(w *Workload) []finding.Finding {
	texts := map[string]map[string]bool{}
	for _, e := range w.entries {
		m := setStatement.FindStringSubmatch(e.text)
		if m == nil {
			continue
		}
		name := strings.ToLower(strings.ReplaceAll(strings.Join(strings.Fields(m[1]), " "), `"`, ""))
		if texts[name] == nil {
			texts[name] = map[string]bool{}
		}
		texts[name][e.text] = true
	}
	var found []finding.Finding
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		n := len(texts[name])
		if n < flood {
			continue
		}
		f := finding.New("setting-floods-statistics", finding.Position{}, name,
			"pg_stat_statements has %d entries of SET %s, one for each tenant: they displace the entries of real queries, and show the tenants' ids in clear", n, name)
		f.Evidence = []string{fmt.Sprintf("%d of %d entries are in use, %d of them by this setting", w.size, w.max, n)}
		f.Fix = &finding.Fix{Message: "set it by a function call, whose argument is normalized", Code: fmt.Sprintf("SELECT set_config('%s', $1, true)", strings.ReplaceAll(name, " ", "_"))}
		found = append(found, f)
	}
	return found
}
