package shadow

// Made are the roles that no statement created.
func (d *Database) Made() []string { return d.made }
