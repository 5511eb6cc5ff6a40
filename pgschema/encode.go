package pgschema

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"reflect"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Encode writes the schema for Decode, as for a cache: the trees are kept, so that nothing has to be
// parsed again. Only a program of the same build reads it.
func (s *Schema) Encode(w io.Writer) error {
	e := &encoder{index: map[any]uint64{}}
	e.string(fingerprint)
	e.value(reflect.ValueOf(s).Elem())
	if e.err != nil {
		return fmt.Errorf("encode schema: %w", e.err)
	}
	_, err := w.Write(e.out)
	return err
}

// encoder writes values by their Go types. Strings, expressions, statements and sources are written
// where they are first met and by number from then on.
type encoder struct {
	out   []byte
	index map[any]uint64
	err   error
}

func (e *encoder) uint(n uint64) { e.out = binary.AppendUvarint(e.out, n) }

func (e *encoder) bytes(b []byte) {
	e.uint(uint64(len(b)))
	e.out = append(e.out, b...)
}

// met writes the number of something met before, or 0 for one that is new.
func (e *encoder) met(key any) bool {
	if n, ok := e.index[key]; ok {
		e.uint(n)
		return true
	}
	e.uint(0)
	e.index[key] = uint64(len(e.index) + 1)
	return false
}

func (e *encoder) string(s string) {
	if !e.met(s) {
		e.bytes([]byte(s))
	}
}

func (e *encoder) value(v reflect.Value) {
	switch x := v.Interface().(type) {
	case *pgast.Node:
		data, err := pgast.Marshal(x)
		if err != nil {
			e.err = err
		}
		e.bytes(data)
		return
	case *pgast.Source:
		e.source(x)
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			e.uint(1)
		} else {
			e.uint(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.out = binary.AppendVarint(e.out, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.uint(v.Uint())
	case reflect.Float64:
		e.uint(math.Float64bits(v.Float()))
	case reflect.String:
		e.string(v.String())
	case reflect.Pointer:
		e.pointer(v)
	case reflect.Struct:
		for i := range v.NumField() {
			e.value(v.Field(i))
		}
	case reflect.Slice:
		e.uint(uint64(v.Len()))
		for i := range v.Len() {
			e.value(v.Index(i))
		}
	case reflect.Map:
		e.uint(uint64(v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			e.value(entries.Key())
			e.value(entries.Value())
		}
	default:
		e.err = fmt.Errorf("no way to write a %s", v.Type())
	}
}

// pointer writes 0 for nil, 1 before what it points to, or 2 and the number of what was written.
func (e *encoder) pointer(v reflect.Value) {
	if v.IsNil() {
		e.uint(0)
		return
	}
	key := v.Interface()
	if n, ok := e.index[key]; ok {
		e.uint(2)
		e.uint(n)
		return
	}
	e.index[key] = uint64(len(e.index) + 1)
	e.uint(1)
	e.value(v.Elem())
}

func (e *encoder) source(s *pgast.Source) {
	if e.met(s) {
		return
	}
	e.string(s.File)
	e.bytes([]byte(s.Text))
	at, fixed := s.Fixed()
	e.value(reflect.ValueOf(fixed))
	e.value(reflect.ValueOf(at))
}

// fingerprint names the types that are written, so that another build's data is refused.
var fingerprint = typeText(reflect.TypeFor[Schema](), map[reflect.Type]bool{})

func typeText(t reflect.Type, seen map[reflect.Type]bool) string {
	switch t {
	case reflect.TypeFor[*pgast.Node](), reflect.TypeFor[*pgast.Source]():
		return t.String()
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return t.Kind().String() + " " + typeText(t.Elem(), seen)
	case reflect.Map:
		return "map " + typeText(t.Key(), seen) + " " + typeText(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] {
			return t.Name()
		}
		seen[t] = true
		text := t.Name() + "{"
		for i := range t.NumField() {
			text += t.Field(i).Name + " " + typeText(t.Field(i).Type, seen) + ";"
		}
		return text + "}"
	}
	return t.Kind().String()
}

// Decode reads a schema that Encode wrote.
func Decode(r io.Reader) (*Schema, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	d := &decoder{in: data, met: []any{nil}}
	if d.string() != fingerprint {
		return nil, fmt.Errorf("decode schema: written by another build")
	}
	s := &Schema{}
	d.value(reflect.ValueOf(s).Elem())
	if d.err != nil {
		return nil, fmt.Errorf("decode schema: %w", d.err)
	}
	return s, nil
}

// decoder reads what an encoder wrote. After an error it reads zeros.
type decoder struct {
	in  []byte
	met []any // by number
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
	d.in = nil
}

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.in)
	if size <= 0 {
		d.fail("the data ends early")
		return 0
	}
	d.in = d.in[size:]
	return n
}

// length reads how many elements follow, each of which takes at least one byte unless it is empty.
func (d *decoder) length() int {
	n := d.uint()
	if n > uint64(len(d.in)) {
		d.fail("a length of %d does not fit the data", n)
		return 0
	}
	return int(n)
}

func (d *decoder) bytes() []byte {
	n := d.length()
	b := d.in[:n]
	d.in = d.in[n:]
	return b
}

// known reads a number and returns what it stands for; false announces something new.
func known[T any](d *decoder, n uint64) (value T, ok bool) {
	if n == 0 {
		return value, false
	}
	if n < uint64(len(d.met)) {
		if value, ok = d.met[n].(T); ok {
			return value, true
		}
	}
	d.fail("there is no element %d of the right kind", n)
	return value, true
}

func (d *decoder) string() string {
	if s, ok := known[string](d, d.uint()); ok {
		return s
	}
	s := string(d.bytes())
	d.met = append(d.met, s)
	return s
}

func (d *decoder) value(v reflect.Value) {
	if d.err != nil {
		return
	}
	switch v.Type() {
	case reflect.TypeFor[*pgast.Node]():
		node, err := pgast.Unmarshal(d.bytes())
		if err != nil {
			d.fail("%w", err)
		}
		v.Set(reflect.ValueOf(node))
		return
	case reflect.TypeFor[*pgast.Source]():
		v.Set(reflect.ValueOf(d.source()))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.uint() == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, size := binary.Varint(d.in)
		if size <= 0 {
			d.fail("the data ends early")
			return
		}
		d.in = d.in[size:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(d.uint())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(d.uint()))
	case reflect.String:
		v.SetString(d.string())
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Struct:
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	case reflect.Slice:
		if n := d.length(); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				d.value(v.Index(i))
			}
		}
	case reflect.Map:
		d.entries(v)
	}
}

// entries reads a map; an empty one is made all the same, ready for writing.
func (d *decoder) entries(v reflect.Value) {
	n := d.length()
	v.Set(reflect.MakeMapWithSize(v.Type(), n))
	for range n {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		d.value(key)
		d.value(value)
		if d.err != nil {
			return
		}
		v.SetMapIndex(key, value)
	}
}

func (d *decoder) pointer(v reflect.Value) {
	switch d.uint() {
	case 0:
	case 1:
		target := reflect.New(v.Type().Elem())
		d.met = append(d.met, target.Interface())
		d.value(target.Elem())
		v.Set(target)
	default:
		n := d.uint()
		if n == 0 || n >= uint64(len(d.met)) || reflect.TypeOf(d.met[n]) != v.Type() {
			d.fail("there is no element %d of the right kind", n)
			return
		}
		v.Set(reflect.ValueOf(d.met[n]))
	}
}

func (d *decoder) source() *pgast.Source {
	if s, ok := known[*pgast.Source](d, d.uint()); ok {
		return s
	}
	number := len(d.met)
	d.met = append(d.met, nil)
	file, text := d.string(), string(d.bytes())
	var fixed bool
	var at finding.Position
	d.value(reflect.ValueOf(&fixed).Elem())
	d.value(reflect.ValueOf(&at).Elem())
	s := pgast.NewSource(file, text)
	if fixed {
		s = pgast.NewEmbedded(file, text, func(int) finding.Position { return at })
	}
	d.met[number] = s
	return s
}
