package page

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func written(t testing.TB, p *Page) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, p))
	return out.String()
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// Whatever stands in a name, the page has the two scripts that were put there, and the name comes back whole.
func TestHostileNamesStayNames(t *testing.T) {
	for _, name := range []string{hostile, `<!--<script>`, "]]>\u2028\u2029", `{{.Data}} ${1} \u003c/script>`} {
		p := sample()
		p.Headline, p.Basis, p.Version, p.When = name, name, name, name
		p.Databases[0].Name, p.Relations[0].Name, p.Findings[0].Message = name, name, name
		text := written(t, p)
		assert.Equal(t, 2, strings.Count(text, "<script"), name)
		assert.Equal(t, 2, strings.Count(text, "</script"), name)
		assert.False(t, strings.Contains(text, "<img"), name)
		var back Page
		require.NoError(t, json.Unmarshal([]byte(dataElement.FindStringSubmatch(text)[1]), &back))
		assert.Equal(t, p, &back)
	}
}

// The file needs nothing else, and its policy lets nothing else in.
func TestSelfContained(t *testing.T) {
	text := dataElement.ReplaceAllString(written(t, sample()), "")
	assert.Empty(t, regexp.MustCompile(`(?i)\b(src|srcset|action)\s*=|@import|url\(|<link|<iframe|<object`).FindAllString(text, -1))
	assert.Empty(t, regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function`).FindAllString(script, -1))
	assert.Contains(t, text, "default-src &#39;none&#39;")
	assert.NotContains(t, text, "unsafe-inline")
	for _, hashed := range []string{style, script} {
		assert.True(t, strings.Contains(text, ">"+hashed+"</"), "the text is not what was hashed")
	}
}

func TestEqualPagesForEqualReports(t *testing.T) {
	assert.Equal(t, written(t, sample()), written(t, sample()))
}

var color = regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)`)

// Text has the contrast that WCAG 2.2 asks for (success criterion 1.4.3), in both themes.
func TestContrast(t *testing.T) {
	colors := map[string][2]string{}
	for _, m := range color.FindAllStringSubmatch(style, -1) {
		colors[m[1]] = [2]string{m[2], m[3]}
	}
	for _, pair := range [][2]string{
		{"text", "page"}, {"text", "card"}, {"text", "sunk"}, {"faint", "page"}, {"faint", "card"}, {"faint", "sunk"}, {"link", "card"}, {"link", "sunk"},
		{"bad", "bad-soft"}, {"good", "good-soft"}, {"fair", "fair-soft"}, {"info", "info-soft"}, {"bad", "card"}, {"good", "card"}, {"fair", "card"}, {"card", "text"},
	} {
		for theme := range 2 {
			front, back := luminance(t, colors[pair[0]][theme]), luminance(t, colors[pair[1]][theme])
			contrast := (max(front, back) + .05) / (min(front, back) + .05)
			assert.GreaterOrEqual(t, contrast, 4.5, "%s on %s in theme %d", pair[0], pair[1], theme)
		}
	}
}

// luminance is the relative luminance of a colour as WCAG defines it.
func luminance(t *testing.T, hex string) float64 {
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	require.Len(t, hex, 6)
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
