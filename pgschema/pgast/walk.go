package pgast

import (
	"reflect"
	"sync"
)

// Children calls visit for each direct child of a tree message, such as a *SelectStmt, in the
// order of the parser's fields. Children arrive unwrapped: *RangeVar, never the *Node around it.
func Children(message any, visit func(child any)) {
	if message = Unwrap(message); message == nil || reflect.ValueOf(message).IsNil() {
		return
	}
	v := reflect.ValueOf(message).Elem()
	for _, field := range childFields(v.Type()) {
		f := v.Field(field.index)
		switch {
		case field.list:
			for i := range f.Len() {
				if child := Unwrap(f.Index(i).Interface()); child != nil {
					visit(child)
				}
			}
		case !f.IsNil():
			if child := Unwrap(f.Interface()); child != nil {
				visit(child)
			}
		}
	}
}

// Walk calls visit for a message and, where it returns true, for everything below.
func Walk(message any, visit func(any) bool) {
	if message = Unwrap(message); message != nil && visit(message) {
		Children(message, func(child any) { Walk(child, visit) })
	}
}

// Unwrap returns the message inside a *Node, another message as it is, and nil for none.
func Unwrap(message any) any {
	node, ok := message.(*Node)
	if !ok {
		return message
	}
	if node == nil || node.Node == nil {
		return nil
	}
	v := reflect.ValueOf(node.Node).Elem().Field(0)
	if v.IsNil() {
		return nil
	}
	return v.Interface()
}

// childField is a field of a message that holds messages.
type childField struct {
	index int
	list  bool
}

var childFieldCache sync.Map // reflect.Type -> []childField

func childFields(t reflect.Type) []childField {
	if fields, ok := childFieldCache.Load(t); ok {
		return fields.([]childField)
	}
	var fields []childField
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		switch {
		case isMessage(f.Type):
			fields = append(fields, childField{index: i})
		case f.Type.Kind() == reflect.Slice && isMessage(f.Type.Elem()):
			fields = append(fields, childField{index: i, list: true})
		}
	}
	childFieldCache.Store(t, fields)
	return fields
}

func isMessage(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}
