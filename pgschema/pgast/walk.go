package pgast

import "reflect"

// Children calls visit for each direct child of a tree message, such as a *SelectStmt, in the
// order of the parser's fields. Children arrive unwrapped: *RangeVar, never the *Node around it.
func Children(message any, visit func(child any)) {
	if message = Unwrap(message); message != nil && !reflect.ValueOf(message).IsNil() {
		visitFields(message, visit)
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
	switch {
	case !ok:
		return message
	case node == nil:
		return nil
	}
	return unwrap(node)
}

// visitNode calls visit for the message in a node, if there is one.
func visitNode(node *Node, visit func(child any)) {
	if node != nil {
		if child := unwrap(node); child != nil {
			visit(child)
		}
	}
}

func visitList(nodes []*Node, visit func(child any)) {
	for _, node := range nodes {
		visitNode(node, visit)
	}
}

func isMessage(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}
