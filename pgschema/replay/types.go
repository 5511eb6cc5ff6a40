package replay

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// spelledTypes are the names that format_type gives to types of pg_catalog with SQL names.
var spelledTypes = map[string]string{
	"int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
	"bool": "boolean", "varchar": "character varying", "bpchar": "character", "decimal": "numeric",
	"timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
	"time": "time without time zone", "timetz": "time with time zone", "varbit": "bit varying",
	"int": "integer",
}

// catalogTypes are the other types of pg_catalog that columns have.
var catalogTypes = wordSet(`
	bit numeric interval text name char uuid json jsonb jsonpath bytea date inet cidr macaddr macaddr8 money oid xid
	xid8 cid tid point line lseg box path polygon circle tsvector tsquery xml pg_lsn pg_snapshot txid_snapshot
	regclass regproc regprocedure regoper regoperator regtype regrole regnamespace regconfig regdictionary regcollation
	int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange
	tsmultirange tstzmultirange datemultirange void record trigger event_trigger any anyelement anyarray anynonarray
	anyenum anyrange anycompatible anycompatiblearray anymultirange cstring internal refcursor unknown language_handler
	int2vector oidvector aclitem`)

// serialTypes are the pseudo-types that make a sequence (PostgreSQL manual, 8.1.4).
var serialTypes = map[string]string{
	"smallserial": "smallint", "serial2": "smallint", "serial": "integer", "serial4": "integer",
	"bigserial": "bigint", "serial8": "bigint",
}

// extensionTypes are the types of extensions that migrations commonly install.
var extensionTypes = map[string]string{
	"citext": "citext", "hstore": "hstore", "ltree": "ltree", "lquery": "ltree", "ltxtquery": "ltree",
	"vector": "vector", "halfvec": "vector", "sparsevec": "vector", "geometry": "postgis", "geography": "postgis",
	"box2d": "postgis", "box3d": "postgis", "cube": "cube", "isbn": "isn", "ean13": "isn", "seg": "seg",
	"roaringbitmap": "roaringbitmap", "semver": "semver",
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// columnType is a type as format_type writes it, with the type of the schema behind it if it has one.
type columnType struct {
	text   string
	user   *pgschema.Type
	row    *pgschema.Relation // the relation whose rows it stands for
	serial bool
}

// typeOfName writes a type as format_type does, with the schema of a type outside pg_catalog.
func (r *replayer) typeOfName(t *pgast.TypeName) columnType {
	if t == nil {
		return columnType{}
	}
	if t.PctType {
		return columnType{text: r.referencedType(t)}
	}
	schema, name := qualified(t.Names)
	array := len(t.ArrayBounds) > 0
	if element, ok := strings.CutPrefix(name, "_"); ok && (catalogTypes[element] || spelledTypes[element] != "") {
		name, array = element, true // the internal name of an array type
	}
	var result columnType
	switch spelled, known := spelledTypes[name]; {
	case schema == "" && serialTypes[name] != "":
		result = columnType{text: serialTypes[name], serial: true}
	case schema == catalogSchema || schema == "" && (known || catalogTypes[name]):
		if !known {
			if spelled = name; name == "char" { // the one-byte type, not CHARACTER
				spelled = `"char"`
			}
		}
		result.text = withModifier(spelled, name, t.Typmods)
	default:
		result = r.userType(schema, name)
		if mods := modifiers(t.Typmods); mods != "" {
			result.text += "(" + mods + ")"
		}
	}
	if array {
		result.text += "[]"
	}
	return result
}

// userType resolves the name of a type outside pg_catalog.
func (r *replayer) userType(schema, name string) columnType {
	if t := r.findType(schema, name); t != nil {
		return columnType{text: quoteName(t.Name), user: t}
	}
	if rel := r.find(schema, name); rel != nil {
		return columnType{text: quoteName(rel.Name), row: rel}
	}
	if in, ok := r.extensions[extensionTypes[name]]; schema == "" && ok {
		schema = in
	}
	return columnType{text: quoteName(pgschema.Name{Schema: schema, Name: name})}
}

// referencedType is the type of table.column%TYPE.
func (r *replayer) referencedType(t *pgast.TypeName) string {
	names := stringList(t.Names)
	if n := len(names); n >= 2 {
		schema := ""
		if n >= 3 {
			schema = names[n-3]
		}
		if rel := r.find(schema, names[n-2]); rel != nil {
			if c := rel.Column(names[n-1]); c != nil {
				return c.Type
			}
		}
	}
	return strings.Join(names, ".") + "%TYPE"
}

// withModifier adds the type modifier in its place.
func withModifier(spelled, name string, nodes []*pgast.Node) string {
	if name == "interval" {
		return spelled + intervalModifier(nodes)
	}
	mods := modifiers(nodes)
	switch {
	case mods == "":
		if name == "bit" {
			return "bit(1)"
		}
		return spelled
	case name == "timestamp" || name == "timestamptz" || name == "time" || name == "timetz":
		first, rest, _ := strings.Cut(spelled, " ")
		return first + "(" + mods + ") " + rest
	case (name == "numeric" || name == "decimal") && !strings.Contains(mods, ","):
		return spelled + "(" + mods + ",0)"
	}
	return spelled + "(" + mods + ")"
}

func modifiers(nodes []*pgast.Node) string {
	var mods []string
	for _, n := range nodes {
		switch m := pgast.Unwrap(n).(type) {
		case *pgast.A_Const:
			mods = append(mods, constText(m))
		case *pgast.ColumnRef:
			mods = append(mods, strings.Join(stringList(m.Fields), "."))
		}
	}
	return strings.Join(mods, ",")
}

// intervalFields are the field restrictions of an interval, by the bits of its modifier
// (INTERVAL_MASK in PostgreSQL's timestamp.h).
var intervalFields = map[int]string{
	1 << 2: " year", 1 << 1: " month", 1 << 3: " day", 1 << 10: " hour", 1 << 11: " minute", 1 << 12: " second",
	1<<2 | 1<<1: " year to month", 1<<3 | 1<<10: " day to hour", 1<<3 | 1<<10 | 1<<11: " day to minute",
	1<<3 | 1<<10 | 1<<11 | 1<<12: " day to second", 1<<10 | 1<<11: " hour to minute",
	1<<10 | 1<<11 | 1<<12: " hour to second", 1<<11 | 1<<12: " minute to second",
}

func intervalModifier(nodes []*pgast.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	text := intervalFields[int(nodes[0].GetAConst().GetIval().GetIval())]
	if len(nodes) > 1 {
		text += fmt.Sprintf("(%d)", nodes[1].GetAConst().GetIval().GetIval())
	}
	return text
}

// constText is the text of a constant without its quotes.
func constText(c *pgast.A_Const) string {
	switch v := c.GetVal().(type) {
	case *pgast.A_Const_Ival:
		return strconv.Itoa(int(v.Ival.GetIval()))
	case *pgast.A_Const_Fval:
		return v.Fval.GetFval()
	case *pgast.A_Const_Sval:
		return v.Sval.GetSval()
	case *pgast.A_Const_Boolval:
		return strconv.FormatBool(v.Boolval.GetBoolval())
	case *pgast.A_Const_Bsval:
		return v.Bsval.GetBsval()
	}
	return ""
}

// quoteName writes a qualified name as SQL.
func quoteName(n pgschema.Name) string {
	if n.Schema == "" {
		return quoteIdent(n.Name)
	}
	return quoteIdent(n.Schema) + "." + quoteIdent(n.Name)
}

// reserved are the keywords that cannot be a name without quotes (PostgreSQL manual, appendix C),
// as far as they occur as names.
var reserved = wordSet(`
	all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
	character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default
	deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant
	greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
	lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not notnull
	null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
	references returning right row select session_user setof similar smallint some substring symmetric system_user table tablesample
	then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where
	window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
	xmlserialize xmltable`)

// quoteIdent quotes a name where SQL needs it.
func quoteIdent(name string) string {
	plain := name != "" && !reserved[name]
	for i := 0; plain && i < len(name); i++ {
		c := name[i]
		plain = c == '_' || c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9')
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
