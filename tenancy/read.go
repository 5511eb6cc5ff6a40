package tenancy

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// MaxSQLFile is the size of the largest SQL file that is read. A schema stays far below; what is
// larger holds data.
const MaxSQLFile = 32 << 20

// ReadSQL reads an SQL file. It is an error when the file is larger than MaxSQLFile.
func ReadSQL(path string) (string, error) {
	text, err := readAtMost(path, MaxSQLFile+1)
	if err != nil {
		return "", err
	}
	if len(text) > MaxSQLFile {
		return "", fmt.Errorf("%s: larger than %d MB; give a dump of the schema without data (pg_dump --schema-only)",
			path, MaxSQLFile>>20)
	}
	return string(text), nil
}

// readAtMost reads a regular file up to a limit in bytes. Anything else is refused unopened: to open
// a named pipe waits for a writer that may never come.
func readAtMost(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead))
	_, err = text.ReadFrom(io.LimitReader(f, limit))
	return text.Bytes(), err
}
