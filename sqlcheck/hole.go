package sqlcheck

// holeBase is the number of the parameter that stands for the first hole of a statement; PostgreSQL
// has at most 65535 parameters.
const holeBase = 70_000

func isHole(parameter int) bool { return parameter >= holeBase }
