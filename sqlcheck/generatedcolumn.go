package sqlcheck

// generatedFrom returns the term of the column of which a generated column is a copy, or noTerm.
func (e *engine) generatedFrom(t term) term {
	info := e.info(t)
	if info.inst == nil || info.inst.rel == nil {
		return noTerm
	}
	c := info.inst.rel.Column(info.column)
	if c == nil || c.Generated == nil {
		return noTerm
	}
	to := c.Generated.Node.GetTypeCast()
	name, ok := columnName(to.GetArg().GetColumnRef())
	if !ok || len(name) != 1 || info.inst.rel.Column(name[0]) == nil {
		return noTerm
	}
	if of := e.column(info.inst, name[0]); e.keepsValues(of, to.GetTypeName()) {
		return of
	}
	return noTerm
}
