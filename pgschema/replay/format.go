package replay

type formatNote struct {
	offset       int
	what, reason string
}

// upPart returns the text of a file with everything blanked that is not applied.
func upPart(f File) (string, []formatNote) {
	return f.Text, nil
}
