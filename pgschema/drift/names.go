package drift

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// tenant stands for the member's own name. It is an identifier that needs no quotes in SQL, so that
// texts with it still parse.
const tenant = "«tenant»"

// names writes names and expressions so that they are the same for every member.
type names struct {
	// own is the name of the schema that the objects are in, for members that are schemas.
	own string
	// roleOwn is the name that stands for the tenant in the names of roles, for members that are databases.
	roleOwn string
	// objects are set when a table or column has the name of the schema: then only a name before
	// one of these objects means the schema.
	objects map[string]bool
	// unowned leaves owners out.
	unowned     bool
	expressions *expressions
}

// ambiguous finds out whether the schema shares its name with one of its tables or columns.
func (n *names) ambiguous(p *part) {
	shared := false
	for _, r := range p.relations {
		shared = shared || r.Name.Name == n.own || r.Column(n.own) != nil
	}
	if !shared {
		return
	}
	n.objects = map[string]bool{}
	for _, r := range p.relations {
		n.objects[r.Name.Name] = true
	}
	for _, f := range p.functions {
		n.objects[f.Name.Name] = true
	}
	for _, t := range p.types {
		n.objects[t.Name.Name] = true
	}
}

// name writes the name of an object, without the schema when it is the member's own.
func (n *names) name(name pgschema.Name) string {
	if name.Schema == n.own {
		return name.Name
	}
	return name.String()
}

// schema writes the name of a schema.
func (n *names) schema(name string) string {
	if name == n.own {
		return tenant
	}
	return name
}

// part writes the name of an index, a policy and the like, which often holds the tenant's.
func (n *names) part(name string) string {
	if n.own == "" || !strings.Contains(name, n.own) {
		return name
	}
	return replaceWord(name, n.own, isWordByte)
}

func (n *names) owner(role string) string {
	if n.unowned {
		return "owner not compared"
	}
	return "owner " + n.role(role)
}

func (n *names) roles(roles []string) string {
	written := make([]string, len(roles))
	for i, r := range roles {
		written[i] = n.role(r)
	}
	slices.Sort(written)
	return strings.Join(written, ", ")
}

// role writes the name of a role with the placeholder where the tenant's name stands in it: the whole
// name of the schema or database, or what follows its first underscore, as in tenant_17 and role_17.
func (n *names) role(role string) string {
	own := n.own
	if own == "" {
		own = n.roleOwn
	}
	if own == "" || role == "public" {
		return role
	}
	if written := replaceWord(role, own, isWordByte); written != role {
		return written
	}
	if _, tail, found := strings.Cut(own, "_"); found && tail != "" {
		return replaceWord(role, tail, isWordByte)
	}
	return role
}

// ownless writes the placeholder for the schema's own name in a text.
func (n *names) ownless(text string) string {
	if n.own == "" || !strings.Contains(text, n.own) {
		return text
	}
	if n.objects != nil {
		return replaceBefore(text, n.own, n.objects)
	}
	return replaceWord(text, n.own, isNameByte)
}

// setting is ownless for the value of a setting, in which a name means a schema.
func (n *names) setting(value string) string {
	if n.own == "" {
		return value
	}
	return replaceWord(value, n.own, isNameByte)
}

// withOwn returns a text with the name of a member in place of the placeholder.
func withOwn(text, own string) string { return strings.ReplaceAll(text, tenant, own) }

// replaceWord puts the placeholder in place of a name that stands as a word of its own, that is
// neither follows nor precedes a byte that belongs to a word. Quotes around the name go.
func replaceWord(text, name string, inWord func(byte) bool) string {
	var b strings.Builder
	rest := text
	done := 0
	for {
		i := strings.Index(rest[done:], name)
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		start := done + i
		end := start + len(name)
		if start > 0 && inWord(rest[start-1]) || end < len(rest) && inWord(rest[end]) {
			done = start + 1
			continue
		}
		if start > 0 && end < len(rest) && rest[start-1] == '"' && rest[end] == '"' {
			start, end = start-1, end+1
		}
		b.WriteString(rest[:start])
		b.WriteString(tenant)
		rest, done = rest[end:], 0
	}
}

// replaceBefore is replaceWord for a name that other things have as well: only before a dot and the
// name of one of these objects it means the schema.
func replaceBefore(text, name string, objects map[string]bool) string {
	var b strings.Builder
	for {
		i := strings.Index(text, name+".")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(name)
		object := text[end+1:]
		length := 0
		for length < len(object) && isNameByte(object[length]) {
			length++
		}
		if i > 0 && isNameByte(text[i-1]) || !objects[object[:length]] {
			b.WriteString(text[:end+1])
		} else {
			b.WriteString(text[:i] + tenant + ".")
		}
		text = text[end+1:]
	}
}

// isNameByte reports whether a byte can stand in a name (PostgreSQL manual, 4.1.1).
func isNameByte(c byte) bool { return isWordByte(c) || c == '_' || c == '$' }

// isWordByte is isNameByte for the words of a name, which underscores divide.
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
