package finding

import "cmp"

func (u Undecided) compare(v Undecided) int {
	return cmp.Or(u.Position.Compare(v.Position), cmp.Compare(u.Code, v.Code),
		cmp.Compare(u.Object, v.Object), cmp.Compare(u.Reason, v.Reason))
}

func (s Skipped) compare(t Skipped) int {
	return cmp.Or(s.Position.Compare(t.Position), cmp.Compare(s.What, t.What), cmp.Compare(s.Reason, t.Reason))
}
