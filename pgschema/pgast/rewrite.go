package pgast

import (
	"reflect"

	"google.golang.org/protobuf/proto"
)

// Clone returns a deep copy of a tree, for a Rewrite that must leave the original alone.
func Clone(node *Node) *Node { return proto.Clone(node).(*Node) }

// Rewrite calls visit for every *Node in a tree message, parents first; visit may put another node's
// content in its place and returns whether to go on below.
func Rewrite(message any, visit func(*Node) bool) {
	rewrite(reflect.ValueOf(message), visit)
}

func rewrite(v reflect.Value, visit func(*Node) bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			rewrite(v.Elem(), visit)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if node, ok := v.Interface().(*Node); ok && !visit(node) {
			return
		}
		rewrite(v.Elem(), visit)
	case reflect.Slice:
		if kind := v.Type().Elem().Kind(); kind == reflect.Pointer {
			for i := range v.Len() {
				rewrite(v.Index(i), visit)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				rewrite(v.Field(i), visit)
			}
		}
	}
}
