package sqlcheck

import "slices"

// enclosing confines every tenant column of an instance when one of them is confined: a row whose
// project is known belongs to one organization, and the rows of one organization belong to no other,
// whichever of its projects they name.
func (c *closure) enclosing(i *instance) bool {
	if i.table == nil || len(i.table.Columns) < 2 {
		return false
	}
	var known []term
	var open []term
	for _, name := range i.table.Columns {
		t := c.e.column(i, name)
		if p, ok := c.pin(t); !ok {
			open = append(open, t)
		} else if !p.null && len(p.values) > 0 && known == nil {
			known = slices.Clone(p.values)
		}
	}
	if known == nil {
		return false
	}
	for _, t := range open {
		c.confine(membership{term: t, of: known})
	}
	return len(open) > 0
}
