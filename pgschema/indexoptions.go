package pgschema

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// defaultClasses are operator classes that PostgreSQL takes when none is named, and that need not be.
var defaultClasses = []string{
	"array_ops", "bit_ops", "bool_ops", "bpchar_ops", "bytea_ops", "char_ops", "cidr_ops", "date_ops", "enum_ops", "float4_ops",
	"float8_ops", "inet_ops", "int2_ops", "int4_ops", "int8_ops", "interval_ops", "jsonb_ops", "macaddr_ops", "macaddr8_ops",
	"name_ops", "numeric_ops", "oid_ops", "range_ops", "multirange_ops", "record_ops", "text_ops", "time_ops", "timestamp_ops",
	"timestamptz_ops", "timetz_ops", "tsquery_ops", "tsvector_ops", "uuid_ops", "varbit_ops", "xid8_ops",
}

// IndexOptions returns the Options of an index from the elements of CREATE INDEX.
func IndexOptions(elements []*pgast.Node) map[int]string {
	var options map[int]string
	for i, node := range elements {
		e := node.GetIndexElem()
		var words []string
		if c := last(e.GetCollation()); c != "" {
			words = append(words, "COLLATE "+c)
		}
		if class := last(e.GetOpclass()); class != "" && !slices.Contains(defaultClasses, class) {
			words = append(words, class)
		}
		descending := e.GetOrdering() == pgast.SortByDir_SORTBY_DESC
		if descending {
			words = append(words, "DESC")
		}
		// NULL counts as larger than everything unless the statement says otherwise.
		switch nulls := e.GetNullsOrdering(); {
		case descending && nulls == pgast.SortByNulls_SORTBY_NULLS_LAST:
			words = append(words, "NULLS LAST")
		case !descending && nulls == pgast.SortByNulls_SORTBY_NULLS_FIRST:
			words = append(words, "NULLS FIRST")
		}
		if len(words) == 0 {
			continue
		}
		if options == nil {
			options = map[int]string{}
		}
		options[i] = strings.Join(words, " ")
	}
	return options
}

// last returns the last part of a qualified name.
func last(names []*pgast.Node) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1].GetString_().GetSval()
}
