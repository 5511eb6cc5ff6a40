package tenancy

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

// didYouMean writes the nearest candidate as the end of a message.
func didYouMean(name string, candidates []string) string {
	if near := finding.Nearest(name, candidates); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}
