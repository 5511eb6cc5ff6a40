package tenancy

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Error is one thing that is wrong in a model file.
type Error struct {
	finding.Position
	// Message says what is wrong and how to mend it.
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Position, e.Message) }

// Errors is everything that is wrong in a model file, in order of the file.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}
