package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// skews compares the migrations of members of one template.
func (f *Fleet) skews(members []string) []finding.Finding {
	byTool := map[string][]Version{}
	var tools []string
	for _, v := range f.Versions {
		if !slices.Contains(members, v.Member) {
			continue
		}
		if byTool[v.Tool] == nil {
			tools = append(tools, v.Tool)
		}
		byTool[v.Tool] = append(byTool[v.Tool], v)
	}
	var findings []finding.Finding
	for _, tool := range tools {
		findings = append(findings, f.skewOf(tool, byTool[tool])...)
	}
	return findings
}

// skewOf compares the migrations that one tool applied.
func (f *Fleet) skewOf(tool string, versions []Version) []finding.Finding {
	byDigest := map[string][]Version{}
	for _, v := range versions {
		byDigest[v.Digest] = append(byDigest[v.Digest], v)
	}
	var groups [][]Version
	for _, group := range byDigest {
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b []Version) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), compareVersions(b[0].Newest, a[0].Newest), cmp.Compare(a[0].Digest, b[0].Digest))
	})
	usual := groups[0][0]
	var findings []finding.Finding
	for _, group := range groups[1:] {
		odd := group[0]
		var names []string
		for _, v := range group {
			names = append(names, v.Member)
		}
		lacks, has := minus(f.Histories[usual.Digest], f.Histories[odd.Digest]), minus(f.Histories[odd.Digest], f.Histories[usual.Digest])
		how := "beside"
		switch order := compareVersions(odd.Newest, usual.Newest); {
		case order < 0 && len(has) == 0 || tool == singleVersion && order < 0:
			how = "behind"
		case order > 0 && len(lacks) == 0 || tool == singleVersion && order > 0:
			how = "ahead of"
		}
		others := fmt.Sprintf("the %d others at", len(groups[0]))
		if len(groups[0]) == 1 {
			others = usual.Member + " at"
		}
		is := "is"
		if len(names) > 1 {
			is = "are"
		}
		fd := finding.New("migration-version-skew", finding.Position{}, strings.Join(few(names), ", "),
			"%s %s %s %s migration %s: the service meets two schemas, at %s there (%s)",
			strings.Join(few(names), ", "), is, how, others, orNone(usual.Newest), orNone(odd.Newest), tool)
		if len(lacks) > 0 && tool != singleVersion {
			fd.Evidence = append(fd.Evidence, "not applied there: "+strings.Join(few(lacks), ", "))
		}
		if len(has) > 0 && tool != singleVersion {
			fd.Evidence = append(fd.Evidence, "applied only there: "+strings.Join(few(has), ", "))
		}
		if len(names) > most {
			fd.Evidence = append(fd.Evidence, "in "+strings.Join(names, ", "))
		}
		fd.Fix = &finding.Fix{Message: fmt.Sprintf("run the migrations of %s, found in %s, there, or finish the rollout", tool, odd.Table)}
		findings = append(findings, fd)
	}
	return findings
}

// singleVersion is the tool that keeps the last version alone.
const singleVersion = "golang-migrate"

// failures reports the migrations that stopped half way.
func (f *Fleet) failures() []finding.Finding {
	var findings []finding.Finding
	for _, v := range f.Versions {
		if v.Failed == "" {
			continue
		}
		fd := finding.New("migration-version-skew", finding.Position{}, v.Member,
			"migration %s of %s stopped half way: the schema is neither the old nor the new one (%s says so)", v.Failed, v.Member, v.Table)
		fd.Fix = &finding.Fix{Message: "finish or undo the migration by hand, then tell " + v.Tool + " which it is"}
		findings = append(findings, fd)
	}
	return findings
}

// minus returns what is in a and not in b.
func minus(a, b []string) []string {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	var rest []string
	for _, s := range a {
		if !in[s] {
			rest = append(rest, s)
		}
	}
	return rest
}

// most is how many names a sentence lists.
const most = 3

// few shortens a list.
func few(names []string) []string {
	if len(names) <= most {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
}

func orNone(version string) string {
	if version == "" {
		return "none"
	}
	return version
}
