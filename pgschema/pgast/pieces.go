package pgast

// Split cuts a source into its statements as Parse does, without refusing any: Node is nil in one
// that does not parse, which a newer server may still understand.
func Split(source *Source) []*Statement {
	var statements []*Statement
	for _, span := range split(source.Text) {
		node, err := parseOne(source, span)
		if err == nil && node == nil {
			continue
		}
		statements = append(statements, &Statement{Node: node, Source: source, Start: span.start, End: span.end})
	}
	return statements
}
