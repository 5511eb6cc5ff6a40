// Package docs holds the pages about the rules, for tenantvet explain.
package docs

import "embed"

//go:embed rules/*.md
var pages embed.FS

// Page returns the page about a rule, in Markdown; it is empty for a rule that does not exist.
func Page(rule string) string {
	page, err := pages.ReadFile("rules/" + rule + ".md")
	if err != nil {
		return ""
	}
	return string(page)
}

// Pages returns the names of all rules that have a page.
func Pages() []string {
	entries, err := pages.ReadDir("rules")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()[:len(e.Name())-len(".md")]
	}
	return names
}
