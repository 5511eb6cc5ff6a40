package tenancy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Expand returns the absolute paths of the SQL files that a path names, in the order in which they
// apply. A path is a file, a folder, which stands for every SQL file in it, or a pattern in which
// * and ? stand for characters of one name and ** for any number of folders; it is relative to the
// root. Down migrations are left out of folders and patterns. It is an error when nothing matches.
func Expand(root, path string) ([]string, error) {
	full := filepath.FromSlash(path)
	if !filepath.IsAbs(full) {
		full = filepath.Join(root, full)
	}
	if !strings.ContainsAny(path, "*?") {
		return expandPath(root, path, full)
	}
	base, pattern := full, ""
	for strings.ContainsAny(base, "*?") {
		base, pattern = filepath.Dir(base), filepath.Join(filepath.Base(base), pattern)
	}
	match, err := regexp.Compile("^" + globRegexp(filepath.ToSlash(pattern)) + "$")
	if err != nil {
		return nil, fmt.Errorf("%q is no path pattern: %w", path, err)
	}
	var files []string
	err = walkSQL(base, func(file string) {
		if rest, err := filepath.Rel(base, file); err == nil && match.MatchString(filepath.ToSlash(rest)) {
			files = append(files, file)
		}
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notFound(root, path, base)
	case err != nil:
		return nil, fmt.Errorf("%q: %w", path, err)
	case len(files) == 0:
		return nil, fmt.Errorf("%q matches no SQL file%s", path, patternHint(path))
	}
	return InOrder(files), nil
}

// expandPath expands a path without wildcards.
func expandPath(root, path, full string) ([]string, error) {
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notFound(root, path, full)
	case err != nil:
		return nil, fmt.Errorf("%q: %w", path, err)
	case info.Mode().IsRegular():
		return []string{full}, nil
	case !info.IsDir():
		return nil, fmt.Errorf("%q is neither a file nor a folder", path)
	}
	var files []string
	if err := walkSQL(full, func(file string) { files = append(files, file) }); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("folder %q has no SQL file", path)
	}
	return InOrder(files), nil
}

// notFound says which part of a path does not exist, with the nearest name that does.
func notFound(root, path, full string) error {
	missing := full
	for {
		if _, err := os.Stat(filepath.Dir(missing)); err == nil || filepath.Dir(missing) == missing {
			break
		}
		missing = filepath.Dir(missing)
	}
	var names []string
	entries, err := os.ReadDir(filepath.Dir(missing))
	if err == nil {
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	near := finding.Nearest(filepath.Base(missing), names)
	if near == "" {
		return fmt.Errorf("%q matches nothing%s", path, patternHint(path))
	}
	proposal := filepath.Join(filepath.Dir(missing), near)
	if short, err := filepath.Rel(root, proposal); err == nil {
		proposal = short
	}
	return fmt.Errorf("%q matches nothing: did you mean %q?", path, filepath.ToSlash(proposal))
}

// patternHint says what to write instead of characters that are no part of this syntax.
func patternHint(path string) string {
	switch {
	case strings.Contains(path, `\`):
		return "; write / between folders"
	case strings.ContainsAny(path, "[{"):
		return "; the wildcards are *, ** and ?"
	}
	return ""
}

// globRegexp translates a pattern into a regular expression.
func globRegexp(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		switch {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString("(?:.*/)?")
			i += len("**/")
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i += len("**")
		case pattern[i] == '*':
			b.WriteString("[^/]*")
			i++
		case pattern[i] == '?':
			b.WriteString("[^/]")
			i++
		default:
			n := strings.IndexAny(pattern[i:], "*?")
			if n < 0 {
				n = len(pattern) - i
			}
			b.WriteString(regexp.QuoteMeta(pattern[i : i+n]))
			i += n
		}
	}
	return b.String()
}

// walkSQL calls visit with each SQL file in a folder that is no down migration. Foreign folders are
// passed over, and so are folders behind symbolic links, so that a cycle of links ends.
func walkSQL(dir string, visit func(file string)) error {
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	return filepath.WalkDir(resolved, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if path != resolved && foreignFolder(entry.Name()) {
				return filepath.SkipDir
			}
		case isSQL(path) && !isDown(path) && !isFolder(path):
			visit(filepath.Join(dir, strings.TrimPrefix(path, resolved)))
		}
		return nil
	})
}

// foreignFolder reports whether a folder holds no code of the repository's own: hidden, set aside by
// an underscore as the go command does, or dependencies.
func foreignFolder(name string) bool {
	return name[0] == '.' || name[0] == '_' || name == "node_modules" || name == "vendor"
}

func isSQL(path string) bool { return strings.EqualFold(filepath.Ext(path), ".sql") }

// isFolder reports whether a path is a folder or a link to one. What is neither that nor a file that
// can be read, such as a named pipe or a link to nowhere, counts as a file: reading it says why not.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

var downName = regexp.MustCompile(`(?i)(^|[._-])(down|rollback|undo)\.sql$`)

// isDown reports whether a file takes a migration back: x.down.sql, x_rollback.sql, Flyway's
// U2__x.sql, or any file in a folder named down.
func isDown(path string) bool {
	dir, name := filepath.Split(path)
	return downName.MatchString(name) || flywayUndo.MatchString(name) || strings.EqualFold(filepath.Base(dir), "down")
}

var flywayUndo = regexp.MustCompile(`^U[0-9][0-9._]*__.+\.sql$`)

// InOrder sorts files the way migration tools apply them: by folder, within a folder by version
// number, Flyway's repeatable migrations last, and by name where there is no number.
func InOrder(files []string) []string {
	slices.SortStableFunc(files, compareFiles)
	return slices.Compact(files)
}
