package sqlflow

import (
	"slices"
	"strings"
	"unicode"
)

// initialisms are abbreviations that make one word of a name whatever follows them.
var initialisms = strings.NewReplacer(
	"API", "Api", "ASCII", "Ascii", "CPU", "Cpu", "CSS", "Css", "DNS", "Dns", "EOF", "Eof", "GUID", "Guid", "HTML", "Html",
	"HTTP", "Http", "HTTPS", "Https", "ID", "Id", "IP", "Ip", "JSON", "Json", "LHS", "Lhs", "QPS", "Qps", "RAM", "Ram", "RHS", "Rhs",
	"RPC", "Rpc", "SLA", "Sla", "SMTP", "Smtp", "SSH", "Ssh", "TLS", "Tls", "TTL", "Ttl", "UID", "Uid", "UI", "Ui", "UUID", "Uuid",
	"URI", "Uri", "URL", "Url", "UTF8", "Utf8", "VM", "Vm", "XML", "Xml", "XSRF", "Xsrf", "XSS", "Xss",
)

// snake is a name in snake case as gorm writes it: a word begins at a capital that a small letter comes before or after.
func snake(name string) string {
	runes := []rune(initialisms.Replace(name))
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsUpper(runes[i]) }
	for i, c := range runes {
		goesOn := i+1 < len(runes) && !upper(i+1) && !unicode.IsDigit(runes[i+1])
		if upper(i) && i > 0 && runes[i-1] != '_' && (!upper(i-1) || goesOn) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// plural is the plural of an English noun as gorm writes it, for the last word of a name.
func plural(name string) string {
	at := strings.LastIndexByte(name, '_') + 1
	last := name[at:]
	if irregular, ok := irregulars[last]; ok {
		return name[:at] + irregular
	}
	ends := func(suffixes ...string) bool {
		return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(last, s) })
	}
	switch {
	case ends("data"):
		return name
	case ends("sis"):
		return name[:len(name)-2] + "es"
	case ends("s", "x", "z", "ch", "sh"):
		if ends("s") && !ends("ss", "us", "is", "as") {
			return name // a plural already
		}
		return name + "es"
	case ends("y") && len(last) > 1 && !strings.ContainsRune("aeiou", rune(last[len(last)-2])):
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

var irregulars = map[string]string{
	"person": "people", "child": "children", "man": "men", "woman": "women", "datum": "data", "medium": "media", "matrix": "matrices",
	"index": "indices", "vertex": "vertices", "ox": "oxen", "mouse": "mice", "quiz": "quizzes", "leaf": "leaves", "half": "halves",
	"equipment": "equipment", "information": "information", "rice": "rice", "money": "money", "species": "species", "series": "series",
	"fish": "fish", "sheep": "sheep", "jeans": "jeans", "police": "police", "media": "media",
}
