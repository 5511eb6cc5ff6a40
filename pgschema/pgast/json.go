package pgast

import (
	"hash/maphash"
	"strconv"
	"strings"
)

// jsonReader reads the JSON of the parser, which has no blanks, from its start to its end. What it does not
// expect is a failure, and then there is nothing further to read.
type jsonReader struct {
	text   string
	at     int
	failed bool
	// names are strings met lately, by their hash: those of a schema repeat.
	names [512]string
}

// longestName is how long a string may be that is kept to be met again, in bytes.
const longestName = 32

var seed = maphash.MakeSeed()

// start begins with another text.
func (r *jsonReader) start(text string) { r.text, r.at, r.failed = text, 0, false }

// ended reports whether all was read.
func (r *jsonReader) ended() bool { return !r.failed && r.at == len(r.text) }

func (r *jsonReader) fail() { r.failed, r.at = true, len(r.text) }

// take passes over a byte if it is the next one.
func (r *jsonReader) take(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// open begins an object or an array and reports whether it has a first element.
func (r *jsonReader) open(begin, end byte) bool {
	if !r.take(begin) {
		r.fail()
	}
	return !r.failed && !r.take(end)
}

// more goes on behind an element and reports whether another one follows.
func (r *jsonReader) more(end byte) bool {
	switch {
	case r.take(','):
		return true
	case !r.take(end):
		r.fail()
	}
	return false
}

// key reads a key, which has no escapes, and the colon behind it.
func (r *jsonReader) key() string {
	if r.take('"') {
		if n := strings.IndexByte(r.text[r.at:], '"'); n >= 0 {
			key := r.text[r.at : r.at+n]
			r.at += n + 1
			if r.take(':') {
				return key
			}
		}
	}
	r.fail()
	return ""
}

func (r *jsonReader) number() int64 {
	start := r.at
	for r.at < len(r.text) && (r.text[r.at] >= '0' && r.text[r.at] <= '9' || r.text[r.at] == '-') {
		r.at++
	}
	n, err := strconv.ParseInt(r.text[start:r.at], 10, 64)
	if err != nil {
		r.fail()
	}
	return n
}

func (r *jsonReader) boolean() bool {
	for _, word := range []string{"true", "false"} {
		if strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			return word == "true"
		}
	}
	r.fail()
	return false
}

func (r *jsonReader) string() string {
	if !r.take('"') {
		r.fail()
		return ""
	}
	for i := r.at; i < len(r.text); i++ {
		switch r.text[i] {
		case '"':
			s := r.kept(r.text[r.at:i])
			r.at = i + 1
			return s
		case '\\':
			return r.unescaped()
		}
	}
	r.fail()
	return ""
}

// kept returns a string of its own with a text, the one that was met before where that is kept.
func (r *jsonReader) kept(text string) string {
	if len(text) > longestName {
		return strings.Clone(text)
	}
	slot := &r.names[maphash.String(seed, text)%uint64(len(r.names))]
	if *slot != text {
		*slot = strings.Clone(text)
	}
	return *slot
}

// unescaped reads the rest of a string with escapes.
func (r *jsonReader) unescaped() string {
	var s strings.Builder
	for start := r.at; r.at < len(r.text); {
		switch r.text[r.at] {
		case '"':
			s.WriteString(r.text[start:r.at])
			r.at++
			return s.String()
		case '\\':
			s.WriteString(r.text[start:r.at])
			s.WriteByte(r.escape())
			start = r.at
		default:
			r.at++
		}
	}
	r.fail()
	return ""
}

// escape reads a backslash and what stands behind it; "\u" is written for ASCII alone.
func (r *jsonReader) escape() byte {
	rest := r.text[r.at:]
	if len(rest) >= 6 && rest[1] == 'u' {
		r.at += 6
		n, err := strconv.ParseUint(rest[2:6], 16, 7)
		if err != nil {
			r.fail()
		}
		return byte(n)
	}
	if len(rest) >= 2 {
		if i := strings.IndexByte(`bfnrt"\`, rest[1]); i >= 0 {
			r.at += 2
			return "\b\f\n\r\t\"\\"[i]
		}
	}
	r.fail()
	return 0
}
