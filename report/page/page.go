// Package page renders a report as one HTML file that needs nothing else: no network, no other file.
// Its policy (Content Security Policy Level 3, hashes of inline scripts) lets run what is embedded here
// and nothing that the data brings along.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"strings"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	style string
	//go:embed script/*.js
	scripts embed.FS
	script  = joined("elements.js", "grid.js", "overview.js", "sections.js", "tenants.js", "page.js")
)

// joined is one script of several files, which share their names.
func joined(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		text, err := scripts.ReadFile("script/" + name)
		if err != nil {
			panic(err) // it is embedded
		}
		b.Write(text)
	}
	return b.String()
}

var page = template.Must(template.New("page").Parse(markup))

// Write writes the file.
func Write(w io.Writer, p *Page) error {
	data, err := json.Marshal(p) // escapes <, > and &, so no text ends the element it stands in
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		*Page
		Policy string
		Style  template.CSS
		Script template.JS
		Data   template.JS
	}{
		Page:   p,
		Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " + hash(style) + "; script-src " + hash(script),
		Style:  template.CSS(style), Script: template.JS(script), Data: template.JS(data),
	})
}

// hash is the source expression that allows one inline text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
