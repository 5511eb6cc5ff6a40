package pgast

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every field that can hold a message is visited, in order.
func TestChildrenOfEveryKind(t *testing.T) {
	for name, kind := range nodeKinds {
		node, message := kind.make()
		assert.Same(t, message, Unwrap(node), name)
		var want []any
		v := reflect.ValueOf(message).Elem()
		for i := range v.NumField() {
			f, field := v.Type().Field(i), v.Field(i)
			child := &String{Sval: f.Name}
			inner := &Node{Node: &Node_String_{String_: child}}
			switch {
			case !f.IsExported():
			case f.Type == reflect.TypeFor[*Node]():
				field.Set(reflect.ValueOf(inner))
				want = append(want, child)
			case f.Type == reflect.TypeFor[[]*Node]():
				field.Set(reflect.ValueOf([]*Node{inner, {}, inner}))
				want = append(want, child, child)
			case isMessage(f.Type):
				field.Set(reflect.New(f.Type.Elem()))
				want = append(want, field.Interface())
			}
		}
		var got []any
		Children(node, func(child any) { got = append(got, child) })
		if assert.Len(t, got, len(want), name) {
			for i := range want {
				assert.Same(t, want[i], got[i], name)
			}
		}
	}
}
