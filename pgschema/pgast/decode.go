package pgast

import (
	"reflect"
	"strings"
	"sync"
)

// decode reads the statements of a tree from the JSON that the parser writes of a text, which takes less than
// half of the time of its protobuf. It reports false for what is not certain, which the protobuf then has to
// say: this JSON leaves out the value of an integer that is not above zero.
func decode(json, text string) ([]*Node, bool) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.start(json)
	d.minus = strings.Contains(text, "-")
	d.depth = 2 // a statement's node is in two messages
	statements := d.tree()
	certain := d.ended()
	d.start("")
	return statements, certain
}

// decoder reads one tree after the other.
type decoder struct {
	jsonReader
	depth int // of the messages
	// minus says that a constant of the text may be below zero.
	minus bool
	// nodes are the elements of the lists that are being read.
	nodes []*Node
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// tree reads {"version":160001,"stmts":[{"stmt":{…},"stmt_len":9}]}.
func (d *decoder) tree() []*Node {
	var statements []*Node
	for more := d.open('{', '}'); more; more = d.more('}') {
		if d.key() == "version" {
			d.number()
			continue
		}
		for more := d.open('[', ']'); more; more = d.more(']') {
			for more := d.open('{', '}'); more; more = d.more('}') {
				if d.key() == "stmt" {
					statements = append(statements, d.node())
				} else {
					d.number()
				}
			}
		}
	}
	return statements
}

// nodeKind is a kind of node.
type nodeKind struct {
	// make returns a new node and the message in it.
	make   func() (*Node, any)
	once   sync.Once
	fields []field
}

// unit is a node, the wrapper that it holds a message of one kind in, and the message: one allocation, because
// each is of no use without the others.
type unit[Wrapper, Message any] struct {
	node    Node
	wrapper Wrapper
	message Message
}

// node reads {"RangeVar":{…}}; {} is an element that is absent.
func (d *decoder) node() *Node {
	var node *Node
	d.deeper()
	for more := d.open('{', '}'); more; more = d.more('}') {
		kind := nodeKinds[d.key()]
		if kind == nil {
			d.fail()
			break
		}
		var message any
		node, message = kind.make()
		v := reflect.ValueOf(message).Elem()
		kind.once.Do(func() { kind.fields = fieldsOf(v.Type()) })
		d.message(v, kind.fields)
		if i, ok := message.(*Integer); ok && i.Ival == 0 {
			d.fail()
		}
	}
	d.depth--
	if node == nil {
		return &Node{}
	}
	return node
}

// list reads an array of nodes.
func (d *decoder) list() []*Node {
	first := len(d.nodes)
	for more := d.open('[', ']'); more; more = d.more(']') {
		d.nodes = append(d.nodes, d.node())
	}
	list := append([]*Node(nil), d.nodes[first:]...)
	clear(d.nodes[first:])
	d.nodes = d.nodes[:first]
	return list
}

// message reads the fields of a message, which arrive in their order.
func (d *decoder) message(message reflect.Value, fields []field) {
	d.deeper()
	next := 0
	for more := d.open('{', '}'); more; more = d.more('}') {
		key := d.key()
		for next < len(fields) && fields[next].name != key {
			next++
		}
		if next == len(fields) {
			d.fail()
			break
		}
		fields[next].read(d, message)
	}
	d.depth--
}

// deeper enters a message.
func (d *decoder) deeper() {
	if d.depth++; d.depth > maxDepth {
		d.fail()
	}
}
