package tenancy

import (
	"fmt"
	"io"
	"os"
)

// MaxSQLFile is the size of the largest SQL file that is read. A schema stays far below; what is
// larger holds data.
const MaxSQLFile = 32 << 20

// ReadSQL reads an SQL file. It is an error when the file is larger than MaxSQLFile.
func ReadSQL(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: not a regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxSQLFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > MaxSQLFile {
		return "", fmt.Errorf("%s: larger than %d MB; give a dump of the schema without data (pg_dump --schema-only)",
			path, MaxSQLFile>>20)
	}
	return string(text), nil
}
