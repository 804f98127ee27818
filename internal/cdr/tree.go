package cdr

import "slices"

// maxNodes limits the nodes of a record. Real records have at most about 50.
const maxNodes = 4096

const (
	manyNodes    = "too many elements and attributes in a record"
	nestedRecord = "a record within a record"
)

// textNode is the name of a node for text directly in a record or in the record's
// element. It is not a valid XML name, so no element can have it.
const textNode = "#text"

// tree collects the nodes of an element below the root. It is reused for the next
// element.
type tree struct {
	nodes []Node
	// open is the stack of open elements; the first is the element below the root, usually
	// a record.
	open []frame
	// joined holds the texts of open elements whose text comes in several pieces.
	joined []byte

	// wantedElement is the name of the element that the record should contain; empty
	// accepts any. name is the name of the first such element, and empty if there is none.
	// Its nodes are nodes[from:to] until moveElementFirst moves them to nodes[:to-from].
	wantedElement string
	name          string
	from, to      int

	frameBuffer [8]frame
}

// frame is an open element.
type frame struct {
	node     int  // index in nodes, or notANode
	children bool // set when the first child element begins
	// textBegan is set when a text that is not blank begins after a child element.
	textBegan bool
	// The text is in text, or in joined[from:] if it has several pieces.
	pieces int
	text   string
	from   int
}

// notANode is the index of the record and of its element, which have no node.
const notANode = -1

// keptNodes limits the capacity of tree.nodes: init allocates at most this capacity, and a
// closed document with a larger one does not keep it.
const keptNodes = 64

// init allocates nodes for a document of size bytes. A real document has at most one
// node for every 32 bytes.
func (t *tree) init(size int) {
	if capacity := min(max(size/32, 8), keptNodes); cap(t.nodes) < capacity {
		t.nodes = make([]Node, 0, capacity)
	}
	t.open = t.frameBuffer[:0]
}

func (t *tree) begin(wantedElement string) {
	t.nodes, t.joined = t.nodes[:0], t.joined[:0]
	t.wantedElement, t.name, t.from, t.to = wantedElement, "", 0, 0
	t.open = append(t.open[:0], frame{node: notANode})
}

// read collects the nodes up to the end of the element whose start tag was scanned
// last. If it returns false, the scanner has the error.
func (t *tree) read(s *scanner) bool {
	for len(t.open) > 0 {
		switch s.next() {
		case startTag:
			switch {
			case s.name == recordElement:
				s.fail(s.start, nestedRecord)
				return false
			case len(t.nodes)+1+len(s.attributes) > maxNodes:
				s.fail(s.start, manyNodes)
				return false
			}
			t.push(s.name, s.attributes)
		case characters:
			t.addText(s.text)
		case endTag:
			t.pop(s)
		default:
			return false
		}
	}
	t.moveElementFirst()
	return true
}

func (t *tree) push(name string, attributes []Attribute) {
	t.dropBlank()
	f := frame{node: notANode}
	if len(t.open) == 1 && t.name == "" && (t.wantedElement == "" || t.wantedElement == name) {
		t.name, t.from = name, len(t.nodes)
	} else {
		f.node = len(t.nodes)
		t.nodes = append(t.nodes, Node{Name: name})
	}
	for _, a := range attributes {
		t.nodes = append(t.nodes, Node{Name: a.Name, Text: a.Value, Attribute: true})
	}
	t.open = append(t.open, f)
}

// dropBlank is called when a child of the last open element begins. If it is the first
// child and only white space precedes it, dropBlank drops the white space.
func (t *tree) dropBlank() {
	f := &t.open[len(t.open)-1]
	switch {
	case f.children:
	case f.pieces == 1 && blank(f.text):
		f.pieces, f.text = 0, ""
	case f.pieces > 1 && blank(t.joined[f.from:]):
		t.joined = t.joined[:f.from]
		f.pieces, f.text = 0, ""
	}
	f.children, f.textBegan = true, false
}

func (t *tree) addText(text string) {
	f := &t.open[len(t.open)-1]
	switch {
	case text == "" || f.children && !f.textBegan && blank(text):
		return
	case f.pieces == 0:
		f.text = text
	case f.pieces == 1:
		f.from = len(t.joined)
		t.joined = append(append(t.joined, f.text...), text...)
	default:
		t.joined = append(t.joined, text...)
	}
	f.pieces++
	f.textBegan = f.children
}

func (t *tree) pop(s *scanner) {
	f := &t.open[len(t.open)-1]
	t.open = t.open[:len(t.open)-1]
	text := f.text
	if f.pieces > 1 {
		text = s.copy(t.joined[f.from:])
		t.joined = t.joined[:f.from]
	}
	if f.node != notANode {
		n := &t.nodes[f.node]
		n.Text, n.Size = text, len(t.nodes)-f.node-1
		return
	}
	if !blank(text) {
		t.nodes = append(t.nodes, Node{Name: textNode, Text: text})
	}
	if len(t.open) == 1 {
		t.to = len(t.nodes)
	}
}

// moveElementFirst moves the nodes of the record's element before those that precede
// it.
func (t *tree) moveElementFirst() {
	if t.from > 0 {
		slices.Reverse(t.nodes[:t.from])
		slices.Reverse(t.nodes[t.from:t.to])
		slices.Reverse(t.nodes[:t.to])
	}
}
