package pgast

import "reflect"

// Clone returns a deep copy of a tree, for a Rewrite that must leave the original alone.
func Clone(node *Node) *Node {
	if node == nil {
		return nil
	}
	return clone(reflect.ValueOf(node)).Interface().(*Node)
}

func clone(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		message := reflect.New(v.Type().Elem())
		for i, from := 0, v.Elem(); i < from.NumField(); i++ {
			if to := message.Elem().Field(i); to.CanSet() {
				to.Set(clone(from.Field(i)))
			}
		}
		return message
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		return clone(v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			list.Index(i).Set(clone(v.Index(i)))
		}
		return list
	}
	return v
}

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
