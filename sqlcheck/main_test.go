package sqlcheck

import (
	"testing"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
