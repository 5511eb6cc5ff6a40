package replay

import (
	"path"
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/tenancy"
)

// formatNote is something in a file that is passed over and matters.
type formatNote struct {
	offset       int
	what, reason string
}

// upPart returns the text of a file in which everything is blank that the tool does not apply on
// the way up, so that offsets and lines stay true.
func upPart(f File) *blanker {
	format := f.Format
	if format == tenancy.Auto {
		format = detect(f)
	}
	b := &blanker{text: f.Text}
	switch format {
	case tenancy.GolangMigrate:
		if strings.HasSuffix(f.Name, ".down.sql") {
			return b.none()
		}
	case tenancy.Flyway:
		if flywayUndo.MatchString(base(f)) {
			return b.none()
		}
	case tenancy.Goose:
		b.sections(gooseMarker, "Goose needs a line -- +goose Up before the statements to apply")
	case tenancy.SQLMigrate:
		b.sections(sqlMigrateMarker, "sql-migrate needs a line -- +migrate Up before the statements to apply")
	case tenancy.Dbmate:
		b.sections(dbmateMarker, "dbmate needs a line -- migrate:up before the statements to apply")
	case tenancy.Tern:
		b.tern()
	case tenancy.Atlas:
		b.atlas()
	}
	b.psql()
	return b
}

// detect finds the format of a file from its markers and its name.
func detect(f File) tenancy.Format {
	switch name := base(f); {
	case hasMarker(f.Text, gooseMarker):
		return tenancy.Goose
	case hasMarker(f.Text, sqlMigrateMarker):
		return tenancy.SQLMigrate
	case hasMarker(f.Text, dbmateMarker):
		return tenancy.Dbmate
	case strings.HasSuffix(name, ".up.sql") || strings.HasSuffix(name, ".down.sql"):
		return tenancy.GolangMigrate
	case flywayUndo.MatchString(name):
		return tenancy.Flyway
	case strings.Contains(f.Text, ternMarker):
		return tenancy.Tern
	case strings.HasPrefix(f.Text, atlasArchive):
		return tenancy.Atlas
	}
	return tenancy.Plain
}

func base(f File) string { return path.Base(strings.ReplaceAll(f.Name, `\`, "/")) }

// flywayUndo matches the names of Flyway's undo migrations.
var flywayUndo = regexp.MustCompile(`^U[0-9][0-9._]*__`)

// ternMarker divides a tern migration; what is below it undoes what is above.
const ternMarker = "---- create above / drop below ----"

// atlasArchive begins an Atlas migration with several parts, in the txtar format.
const atlasArchive = "-- atlas:txtar"

// marker reports whether a line starts the up part or another part of a migration.
type marker func(line string) (up, found bool)

// comment returns the text of a line that is a comment alone.
func comment(line string) (string, bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
	return strings.TrimSpace(text), ok
}

// directive makes a marker of comments that begin with one of two words.
func directive(upWord, downWord string) marker {
	return func(line string) (bool, bool) {
		text, ok := comment(line)
		if !ok {
			return false, false
		}
		up, down := hasWordFold(text, upWord), hasWordFold(text, downWord)
		return up, up || down
	}
}

// hasWordFold reports whether a text begins with words, in any case and with any blanks between.
func hasWordFold(text, words string) bool {
	fields, want := strings.Fields(text[:min(len(text), 80)]), strings.Fields(words)
	return len(fields) >= len(want) && strings.EqualFold(strings.Join(fields[:len(want)], " "), words)
}

var (
	gooseMarker      = directive("+goose Up", "+goose Down")
	sqlMigrateMarker = directive("+migrate Up", "+migrate Down")
	dbmateMarker     = directive("migrate:up", "migrate:down")
)

func hasMarker(text string, m marker) bool {
	for line := range strings.Lines(text) {
		if _, found := m(line); found {
			return true
		}
	}
	return false
}

// blanker blanks parts of a text.
type blanker struct {
	text  string
	out   []byte // nil until something is blanked
	notes []formatNote
	// branches are the open conditions of psql, variables what \set gave, in order of the text.
	branches  []branch
	variables map[string]string
	replaced  []replacement
	// generating are the offsets of \gexec.
	generating []int
}

func (b *blanker) result() string {
	if b.out == nil {
		return b.text
	}
	return string(b.out)
}

// none blanks the whole text.
func (b *blanker) none() *blanker {
	b.blank(0, len(b.text))
	return b
}

// blank overwrites a part with spaces, line ends excepted.
func (b *blanker) blank(start, end int) {
	if b.out == nil {
		b.out = []byte(b.text)
	}
	for i := start; i < end; i++ {
		if b.out[i] != '\n' && b.out[i] != '\r' {
			b.out[i] = ' '
		}
	}
}

// sections keeps the up parts alone. A file without any marker is not one of the tool's.
func (b *blanker) sections(m marker, remedy string) {
	up, any, offset := false, false, 0
	for line := range strings.Lines(b.text) {
		if u, found := m(line); found {
			up, any = u, true
		}
		if !up {
			b.blank(offset, offset+len(line))
		}
		offset += len(line)
	}
	if !any && strings.TrimSpace(b.text) != "" {
		b.notes = append(b.notes, formatNote{what: "migration without sections", reason: remedy})
	}
}

// tern keeps what is above the marker.
func (b *blanker) tern() {
	if i := strings.Index(b.text, ternMarker); i >= 0 {
		b.blank(i, len(b.text))
	}
}

// atlas keeps the part migration.sql of an archive; a plain file is applied whole.
func (b *blanker) atlas() {
	if !strings.HasPrefix(b.text, atlasArchive) {
		return
	}
	keep, offset := false, 0
	for line := range strings.Lines(b.text) {
		if name, ok := archiveHeader(line); ok {
			keep = name == "migration.sql"
		}
		if !keep {
			b.blank(offset, offset+len(line))
		}
		offset += len(line)
	}
}

// archiveHeader reads a line of the form "-- name --".
func archiveHeader(line string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " --")
}
