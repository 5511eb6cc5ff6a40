package pgast

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// field is a field of a message by its name in JSON; read reads its value into the message.
type field struct {
	name string
	read func(d *decoder, message reflect.Value)
}

// fieldsOf returns the fields of a message type that trees have. Those of planned and rewritten queries, such
// as costs, are left out.
func fieldsOf(message reflect.Type) []field {
	var fields []field
	if message == reflect.TypeFor[A_Const]() {
		fields = slices.Clone(constants)
	}
	for i := range message.NumField() {
		f := message.Field(i)
		if read := reader(f.Type); read != nil && f.IsExported() {
			fields = append(fields, field{jsonName(f), func(d *decoder, message reflect.Value) { read(d, message.Field(i)) }})
		}
	}
	return fields
}

// jsonName is the name of a field in JSON.
func jsonName(f reflect.StructField) string {
	name := ""
	for _, option := range strings.Split(f.Tag.Get("protobuf"), ",") {
		if key, value, _ := strings.Cut(option, "="); key == "json" || key == "name" && name == "" {
			name = value
		}
	}
	return name
}

// reader returns what reads a value of a type into a field; nil for a type that no parsed tree has.
func reader(t reflect.Type) func(d *decoder, field reflect.Value) {
	if numbers, isEnum := enumNumbers[t]; isEnum {
		return func(d *decoder, field reflect.Value) {
			n, known := numbers[d.string()]
			if !known {
				d.fail()
			}
			field.SetInt(int64(n))
		}
	}
	switch {
	case t == reflect.TypeFor[*Node]():
		return func(d *decoder, field reflect.Value) { *field.Addr().Interface().(**Node) = d.node() }
	case t == reflect.TypeFor[[]*Node]():
		return func(d *decoder, field reflect.Value) { *field.Addr().Interface().(*[]*Node) = d.list() }
	case isMessage(t):
		fields := sync.OnceValue(func() []field { return fieldsOf(t.Elem()) })
		return func(d *decoder, field reflect.Value) {
			message := reflect.New(t.Elem())
			d.message(message.Elem(), fields())
			field.Set(message)
		}
	}
	switch t.Kind() {
	case reflect.String:
		return func(d *decoder, field reflect.Value) { field.SetString(d.string()) }
	case reflect.Bool:
		return func(d *decoder, field reflect.Value) { field.SetBool(d.boolean()) }
	case reflect.Int32, reflect.Int64:
		return func(d *decoder, field reflect.Value) { field.SetInt(d.number()) }
	case reflect.Uint32, reflect.Uint64:
		return func(d *decoder, field reflect.Value) { field.SetUint(uint64(d.number())) }
	}
	return nil
}

// constants are the values of a constant, each in a message of its own: {"ival":{"ival":5}}.
var constants = []field{
	{"ival", func(d *decoder, message reflect.Value) {
		v := &Integer{}
		d.constant("ival", func() { v.Ival = int32(d.number()) })
		message.Addr().Interface().(*A_Const).Val = &A_Const_Ival{Ival: v}
		if v.Ival == 0 && d.minus {
			d.fail()
		}
	}},
	{"fval", func(d *decoder, message reflect.Value) {
		v := &Float{}
		d.constant("fval", func() { v.Fval = d.string() })
		message.Addr().Interface().(*A_Const).Val = &A_Const_Fval{Fval: v}
	}},
	{"boolval", func(d *decoder, message reflect.Value) {
		v := &Boolean{}
		d.constant("boolval", func() { v.Boolval = d.boolean() })
		message.Addr().Interface().(*A_Const).Val = &A_Const_Boolval{Boolval: v}
	}},
	{"sval", func(d *decoder, message reflect.Value) {
		v := &String{}
		d.constant("sval", func() { v.Sval = d.string() })
		message.Addr().Interface().(*A_Const).Val = &A_Const_Sval{Sval: v}
	}},
	{"bsval", func(d *decoder, message reflect.Value) {
		v := &BitString{}
		d.constant("bsval", func() { v.Bsval = d.string() })
		message.Addr().Interface().(*A_Const).Val = &A_Const_Bsval{Bsval: v}
	}},
}

// constant reads the message of a constant's value.
func (d *decoder) constant(name string, read func()) {
	d.deeper()
	for more := d.open('{', '}'); more; more = d.more('}') {
		if d.key() != name {
			d.fail()
		}
		read()
	}
	d.depth--
}
