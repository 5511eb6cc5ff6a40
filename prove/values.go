package prove

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// anything are values of types that need no variety.
var anything = map[string]string{
	"boolean": "true", "time without time zone": "10:00", "time with time zone": "10:00+00", "interval": "1 day",
	"point": "(1,1)", "line": "{1,1,1}", "lseg": "[(0,0),(1,1)]", "box": "(1,1),(0,0)", "path": "((0,0),(1,1))",
	"polygon": "((0,0),(1,1),(1,0))", "circle": "<(1,1),1>", "tsvector": "word", "tsquery": "word", "xml": "<a/>",
	"pg_lsn": "0/1", "macaddr": "08:00:2b:01:02:03", "macaddr8": "08:00:2b:01:02:03:04:05", "money": "1", "hstore": "", "ltree": "a.b",
	"regclass": "pg_class", "jsonpath": "$", "txid_snapshot": "1:1:", "pg_snapshot": "1:1:", "xid": "1", "xid8": "1", "cid": "1",
}

var typeLength = regexp.MustCompile(`^(?:character varying|character|bit|bit varying|vector)\((\d+)\)`)

// letter tells whose value it is.
func letter(owner int) string { return [...]string{"s", "a", "b"}[owner] }

// candidates returns values of a column, likely ones first. They differ from call to call as far as the
// type allows; variant turns the order of those that do not.
func (p *prover) candidates(c *column, owner, variant int) []string {
	p.serial++
	n, who := p.serial, letter(owner)
	var list []string
	switch base := c.base; {
	case strings.HasSuffix(base, "[]"):
		list = []string{"{}"}
		for _, l := range c.literals {
			list = append(list, "{"+l+"}")
		}
		return list
	case len(c.labels) > 0:
		return rotate(append(known(c.literals, c.labels), c.labels...), variant)
	case base == "boolean":
		return rotate([]string{"true", "false"}, variant)
	case base == "uuid":
		return append([]string{fmt.Sprintf("%s%07x-0000-4000-8000-%012x", map[string]string{"s": "c", "a": "a", "b": "b"}[who], n, n)}, c.literals...)
	case base == "smallint", base == "integer", base == "bigint", base == "oid":
		list = append(numbers(c.literals), strconv.Itoa(n+10), "1", "0", "-1")
		return rotateLiterals(list, len(list)-4, variant, n+10)
	case strings.HasPrefix(base, "numeric"), base == "real", base == "double precision":
		return append([]string{strconv.Itoa(n), fmt.Sprintf("0.%d", n%9+1), "1", "0"}, numbers(c.literals)...)
	case base == "date":
		return []string{fmt.Sprintf("2001-%02d-%02d", n/28%12+1, n%28+1), "2100-01-01"}
	case strings.HasPrefix(base, "timestamp"):
		return []string{fmt.Sprintf("2001-%02d-%02d 00:00:00+00", n/28%12+1, n%28+1), "2100-01-01 00:00:00+00"}
	case base == "json", base == "jsonb":
		return rotate([]string{fmt.Sprintf(`{"of": "%s", "n": %d}`, who, n), "{}", "[]", `"a"`, "1"}, variant%2)
	case base == "bytea":
		return []string{fmt.Sprintf(`\x%s%06x`, map[string]string{"s": "c0", "a": "a0", "b": "b0"}[who], n)}
	case base == "inet":
		return []string{fmt.Sprintf("10.%d.%d.%d", owner, n/256%256, n%256)}
	case base == "cidr":
		return []string{fmt.Sprintf("10.%d.%d.0/24", owner, n%256)}
	case strings.HasSuffix(base, "multirange"):
		return []string{"{}"}
	case strings.HasSuffix(base, "range"):
		return []string{span(base, 10+n), "empty"}
	case strings.HasPrefix(base, "bit"):
		return []string{strings.Repeat("1", length(base, 1))}
	case strings.HasPrefix(base, "vector"):
		return []string{"[" + strings.TrimSuffix(strings.Repeat("1,", length(base, 3)), ",") + "]"}
	}
	if v, ok := anything[c.base]; ok {
		return []string{v}
	}
	return p.words(c, who, n, variant)
}

// words are candidates of a type that is text, or unknown.
func (p *prover) words(c *column, who string, n, variant int) []string {
	word := fmt.Sprintf("%s%d", who, n)
	var list []string
	switch name := strings.ToLower(c.name); {
	case strings.Contains(name, "mail"):
		list = []string{word + "@example.com"}
	case strings.Contains(name, "url") || strings.Contains(name, "uri"):
		list = []string{"https://example.com/" + word}
	default:
		list = []string{c.name + " " + word}
	}
	upper := func(i int) byte { return byte('A' + i%26) }
	patterns := []string{word, strings.ToUpper(word), word + "@example.com", "https://example.com/" + word,

		string([]byte{upper(n), upper(n / 26)}), strings.ToLower(string([]byte{upper(n), upper(n / 26)})), string([]byte{upper(n), upper(n / 26), upper(n / 676)}), fmt.Sprint(n),
		fmt.Sprintf("%s%039x", map[string]string{"s": "c", "a": "a", "b": "b"}[who], n), fmt.Sprintf("%064x", n), fmt.Sprintf("+4930%07d", n), "#" + fmt.Sprintf("%06x", n), "{}", "1.0.0"}
	list = append(append(rotate(c.literals, variant), list...), patterns...)
	if strings.HasPrefix(c.base, "character") {
		limit := length(c.base, 1)
		for i, v := range list {
			if len(v) > limit {
				list[i] = v[len(v)-limit:]
			}
		}
	}
	return list
}

// span is the range of a type that begins at the nth value and is one value long.
func span(rangeType string, n int) string {
	if strings.HasPrefix(rangeType, "int") || strings.HasPrefix(rangeType, "num") {
		return fmt.Sprintf("[%[1]d,%[1]d]", n)
	}
	return fmt.Sprintf("[%d-01-01,%d-01-02)", 2000+n, 2000+n)
}

func length(sqlType string, otherwise int) int {
	if match := typeLength.FindStringSubmatch(sqlType); match != nil {
		if n, err := strconv.Atoi(match[1]); err == nil {
			return n
		}
	}
	if strings.HasPrefix(sqlType, "character varying") {
		return 1 << 20
	}
	return otherwise
}

func rotate(list []string, by int) []string {
	if len(list) == 0 {
		return nil
	}
	by %= len(list)
	return append(append([]string{}, list[by:]...), list[:by]...)
}

// rotateLiterals puts the constants of a number column before the made ones every other time.
func rotateLiterals(list []string, literals, variant, n int) []string {
	if literals == 0 || variant%2 == 0 {
		return append([]string{strconv.Itoa(n)}, list...)
	}
	return list
}

// known returns the constants that are labels.
func known(literals, labels []string) (found []string) {
	for _, l := range literals {
		for _, label := range labels {
			if l == label {
				found = append(found, l)
			}
		}
	}
	return found
}

func numbers(literals []string) (found []string) {
	for _, l := range literals {
		if v, err := strconv.Atoi(l); err == nil {
			found = append(found, l, strconv.Itoa(v+1), strconv.Itoa(v-1))
		}
	}
	return found
}
