package sqlcheck

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Hole is what is known of text that is put into a statement at run time.
type Hole int

const (
	// NoHole marks literal text.
	NoHole Hole = iota
	// AnyText can be anything: an expression, a list of conditions, a whole clause, nothing.
	AnyText
	// ValueText is a number or a quoted literal.
	ValueText
	// NameText is a quoted identifier.
	NameText
)

// Part is a piece of SQL text, or a hole in it.
type Part struct {
	Text string
	Hole Hole
}

// Place says where a byte of a part stands in the source; the offset of a hole is 0.
type Place func(part, offset int) finding.Position

// Text is SQL text as one literal part.
func Text(text string) []Part { return []Part{{Text: text}} }

// Prepare parses SQL text as programs write it: with the placeholders ?, $1, :name and @name, with
// sqlc's macros, and with holes. Positions are those of the text as written. A nil place means that
// the parts make up a whole file.
//
// A hole is filled so that the text parses: by a parameter beyond PostgreSQL's last, by a name, or by
// nothing, which leaves a gap in the source. Analyze knows all three.
func Prepare(file string, parts []Part, place Place) ([]*pgast.Statement, []*pgast.Error) {
	if len(parts) == 1 && parts[0].Hole == NoHole && !strings.ContainsAny(parts[0].Text, "?:@"+string(holeByte)) {
		if place == nil {
			return pgast.Parse(pgast.NewSource(file, parts[0].Text))
		}
		return pgast.Parse(pgast.NewEmbedded(file, parts[0].Text, func(offset int) finding.Position { return place(0, offset) }))
	}
	d := newDraft(file, parts, place)
	statements, broken := pgast.Parse(d.source())
	for tries := 0; len(broken) > 0 && tries < maxTries && d.change(broken[0].Position); tries++ {
		next, nextBroken := pgast.Parse(d.source())
		statements, broken = next, nextBroken
	}
	return statements, broken
}

// maxTries bounds how often holes are filled in another way.
const maxTries = 40

// holeByte stands for a hole in the joined text; no SQL text holds it outside quotes.
const holeByte = '\x01'

// draft is text with holes and placeholders on its way to text that parses.
type draft struct {
	file   string
	place  Place
	text   string // the parts joined, each hole one byte
	starts []int  // offset of each part
	pieces []piece
	holes  []*hole
	// parameters are the placeholders as written, by the number that each was given.
	parameters map[int]string
	lines      *pgast.Source // for positions where place is nil
}

// piece is a run of the text that stays as it is, or is replaced.
type piece struct {
	start, end int
	hole       *hole
	with       string
	keep       bool
}

type hole struct {
	number int
	at     int // offset in the joined text
	form   form
	tried  int
	fixed  bool
}

func newDraft(file string, parts []Part, place Place) *draft {
	d := &draft{file: file, place: place, parameters: map[int]string{}}
	var b strings.Builder
	kinds := map[int]Hole{}
	for _, p := range parts {
		d.starts = append(d.starts, b.Len())
		if p.Hole != NoHole {
			kinds[b.Len()] = p.Hole
			b.WriteByte(holeByte)
			continue
		}
		b.WriteString(strings.ReplaceAll(p.Text, string(holeByte), " "))
	}
	d.text = b.String()
	if place == nil {
		d.lines = pgast.NewSource(file, d.text)
	}
	d.scan(kinds)
	return d
}

// scan finds what has to be replaced.
func (d *draft) scan(kinds map[int]Hole) {
	var previous pgast.Lexeme
	names := map[string]int{}
	next := highestParameter(d.text) + 1
	parameter := func(key, written string) string {
		n, ok := names[key]
		if key == "" || !ok {
			n = next
			next++
			names[key] = n
			d.parameters[n] = written
		}
		return "$" + strconv.Itoa(n)
	}
	done := 0
	for l := range pgast.Lexemes(d.text) {
		if l.Start < done {
			continue
		}
		token := d.text[l.Start:l.End]
		switch {
		case (l.Kind == '\'' || l.Kind == '"') && strings.IndexByte(token, holeByte) >= 0:
			filling := "…"
			if l.Kind == '"' {
				filling = holeName
			}
			d.replace(l.Start, l.End, strings.ReplaceAll(token, string(holeByte), filling))
		case l.Kind == holeByte:
			d.addHole(l, previous, kinds[l.Start])
		case l.Kind == '?' && !endsOperand(previous, d.text):
			d.replace(l.Start, l.End, parameter("", "?"))
			l.Kind = '$'
		case l.Kind == '?' && strings.HasPrefix(d.text[l.End:], "?"):
			d.replace(l.Start, l.End+1, "?") // ?? is an escaped operator
			done = l.End + 1
		case (l.Kind == ':' || l.Kind == '@') && d.named(l, previous):
			end := l.End
			for end < len(d.text) && isWordByte(d.text[end]) {
				end++
			}
			d.replace(l.Start, end, parameter(d.text[l.End:end], d.text[l.Start:end]))
			done, l.Kind, l.End = end, '$', end
		}
		previous = l
	}
	d.keepTo(len(d.text))
}

func highestParameter(text string) int {
	highest := 0
	for l := range pgast.Lexemes(text) {
		if l.Kind == '$' {
			if n, err := strconv.Atoi(text[l.Start+1 : l.End]); err == nil && n < holeBase {
				highest = max(highest, n)
			}
		}
	}
	return highest
}

// named reports whether : or @ begins a named parameter.
func (d *draft) named(l, previous pgast.Lexeme) bool {
	if l.End >= len(d.text) || !isWordByte(d.text[l.End]) || d.text[l.End] >= '0' && d.text[l.End] <= '9' {
		return false
	}
	if l.Start == 0 {
		return true
	}
	before := d.text[l.Start-1]
	if l.Kind == ':' {
		return before != ':' && !isWordByte(before) && before != ']' && before != ')' && before != '"'
	}
	return !strings.ContainsRune("<>@&|#~!?*+-/=%^", rune(before)) || before == '='
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func (d *draft) addHole(l, previous pgast.Lexeme, kind Hole) {
	glued := previous.Kind == 'w' && previous.End == l.Start || l.End < len(d.text) && isWordByte(d.text[l.End])
	h := &hole{number: len(d.holes), at: l.Start}
	switch kind {
	case ValueText:
		h.form = asValue
		h.fixed = true
	case NameText:
		h.form = asName
		h.fixed = true
	default:
		h.form = firstForm(previous, d.text, glued)
	}
	h.tried = 1 << h.form
	d.keepTo(l.Start)
	d.pieces = append(d.pieces, piece{start: l.Start, end: l.End, hole: h})
	d.holes = append(d.holes, h)
}

func (d *draft) keepTo(offset int) {
	from := 0
	if n := len(d.pieces); n > 0 {
		from = d.pieces[n-1].end
	}
	if from < offset {
		d.pieces = append(d.pieces, piece{start: from, end: offset, keep: true})
	}
}

func (d *draft) replace(start, end int, with string) {
	d.keepTo(start)
	d.pieces = append(d.pieces, piece{start: start, end: end, with: with})
}

// source makes the text and its map of positions.
func (d *draft) source() *pgast.Source {
	var b strings.Builder
	type mark struct {
		out, in int
		keep    bool
	}
	var marks []mark
	var gaps []int
	for _, p := range d.pieces {
		marks = append(marks, mark{b.Len(), p.start, p.keep})
		switch {
		case p.keep:
			b.WriteString(d.text[p.start:p.end])
		case p.hole != nil:
			if p.hole.form == asNothing {
				gaps = append(gaps, b.Len())
			}
			b.WriteString(p.hole.form.text(p.hole.number))
		default:
			b.WriteString(p.with)
		}
	}
	source := pgast.NewEmbedded(d.file, b.String(), func(offset int) finding.Position {
		k := sort.Search(len(marks), func(i int) bool { return marks[i].out > offset }) - 1
		if k < 0 {
			return d.position(0)
		}
		in := marks[k].in
		if marks[k].keep {
			in += offset - marks[k].out
		}
		return d.position(in)
	})
	source.Gaps, source.Parameters = gaps, d.parameters
	return source
}

// position maps an offset of the joined text to the source.
func (d *draft) position(offset int) finding.Position {
	if d.place == nil {
		return d.lines.Position(offset)
	}
	k := sort.SearchInts(d.starts, offset+1) - 1
	return d.place(max(k, 0), offset-d.starts[max(k, 0)])
}

// change fills another way the hole nearest before an error that has one left; it is false when all
// have been tried.
func (d *draft) change(at finding.Position) bool {
	candidates := slices.Clone(d.holes)
	slices.SortStableFunc(candidates, func(a, b *hole) int {
		pa, pb := d.position(a.at), d.position(b.at)
		aBehind, bBehind := pa.Compare(at) > 0, pb.Compare(at) > 0
		switch {
		case aBehind != bBehind && aBehind:
			return 1
		case aBehind != bBehind:
			return -1
		case aBehind:
			return pa.Compare(pb)
		}
		return pb.Compare(pa)
	})
	for _, h := range candidates {
		for f := range forms {
			if !h.fixed && h.tried&(1<<f) == 0 {
				h.form = f
				h.tried |= 1 << f
				return true
			}
		}
	}
	return false
}
