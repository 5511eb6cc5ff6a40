package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

func (l *list) function(f *pgschema.Function) {
	args := make([]string, len(f.Args))
	for i, arg := range f.Args {
		args[i] = l.ownless(arg)
	}
	name := fmt.Sprintf("%s(%s)", l.name(f.Name), strings.Join(args, ", "))
	kind := "function"
	if f.Procedure {
		kind = "procedure"
	}
	rights := "SECURITY INVOKER"
	if f.SecurityDefiner {
		rights = "SECURITY DEFINER"
	}
	settings := "no settings"
	if len(f.Settings) > 0 {
		var set []string
		for _, name := range slices.Sorted(maps.Keys(f.Settings)) {
			set = append(set, "SET "+name+" = "+l.setting(f.Settings[name]))
		}
		settings = strings.Join(set, " ")
	}
	l.add(kind, "", name, "RETURNS "+or(l.ownless(f.Returns), "nothing"), "LANGUAGE "+f.Language, rights, onOff("leakproof", f.Leakproof),
		volatilities[f.Volatility], settings, l.body(f), l.owner(f.Owner))
	l.grants(name, f.Grants)
}

var volatilities = map[byte]string{'v': "VOLATILE", 's': "STABLE", 'i': "IMMUTABLE"}

// body names the text of a function by its length and digest; two texts of one digest are the same.
func (l *list) body(f *pgschema.Function) string {
	text := f.Body
	for _, e := range f.BodyNodes {
		text += l.statement(e) + ";\n"
	}
	text = l.ownless(strings.ReplaceAll(text, "\r\n", "\n"))
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("body of %d lines, sha256 %s", strings.Count(strings.TrimSpace(text), "\n")+1, hex.EncodeToString(sum[:6]))
}

func (l *list) typ(t *pgschema.Type) {
	name := l.name(t.Name)
	switch t.Kind {
	case 'e':
		l.add("type", "", name, "ENUM ("+strings.Join(t.Labels, ", ")+")", l.owner(t.Owner))
	case 'd':
		l.add("type", "", name, "DOMAIN AS "+l.ownless(t.Base), l.owner(t.Owner))
	default:
		attributes := make([]string, len(t.Attributes))
		for i, a := range t.Attributes {
			attributes[i] = a.Name + " " + l.ownless(a.Type)
		}
		l.add("type", "", name, "composite ("+strings.Join(attributes, ", ")+")", l.owner(t.Owner))
	}
	l.grants(name, t.Grants)
}

// granted is what one grantee has.
type granted struct{ grantee, privileges string }

// grants lists the privileges on an object, one item for each grantee.
func (l *list) grants(object string, grants []*pgschema.Grant) {
	for _, g := range l.byGrantee(grants) {
		l.add(kindGrant, object, g.grantee, g.privileges)
	}
}

// byGrantee groups privileges by grantee. MAINTAIN, which came with version 17 and is part of ALL since,
// is left out: a server of another version is no drift.
func (l *list) byGrantee(grants []*pgschema.Grant) []granted {
	if len(grants) == 0 {
		return nil
	}
	privileges := map[string][]string{}
	for _, g := range grants {
		if g.Privilege == "maintain" {
			continue
		}
		text := strings.ToUpper(g.Privilege)
		if g.GrantOption {
			text += " WITH GRANT OPTION"
		}
		grantee := l.role(g.Grantee)
		privileges[grantee] = append(privileges[grantee], text)
	}
	var all []granted
	for _, grantee := range slices.Sorted(maps.Keys(privileges)) {
		list := privileges[grantee]
		slices.Sort(list)
		all = append(all, granted{grantee, strings.Join(slices.Compact(list), ", ")})
	}
	return all
}
