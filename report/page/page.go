// Package page renders a report as one HTML file that needs nothing else: no network, no other file.
// Its policy (Content Security Policy Level 3, hashes of inline scripts) lets run what is embedded here
// and nothing that the data brings along.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

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
