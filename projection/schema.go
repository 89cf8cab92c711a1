package projection

import (
	"fmt"
	"reflect"
	"regexp"
)

// kind says what a table is for.
type kind uint8

const (
	primary kind = iota // the state itself: in the digest
	derived             // follows from primary rows: kept and checked, outside the digest
	record              // dead letters and anomalies: digested under a root of their own
)

// spec is one declared table.
type spec struct {
	name   string
	index  int
	kind   kind
	encode func(row any) ([]byte, error)
	decode func(raw []byte) (any, error)
}

// Schema is the set of tables of one projection, in the order in which they were declared. Declare tables when the
// projection is made, and not later.
type Schema struct {
	specs     []*spec
	counts    Table[Counts]
	letters   Table[Letter]
	anomalies Table[AnomalyRow]
}

// NewSchema returns a schema that has the tables which every projection keeps: counters, dead letters, anomalies.
func NewSchema() *Schema {
	s := &Schema{}
	s.counts = declare[Counts](s, "_counts", primary)
	s.letters = declare[Letter](s, "_letters", record)
	s.anomalies = declare[AnomalyRow](s, "_anomalies", record)
	return s
}

// Primary declares a table of the state itself.
func Primary[V any](s *Schema, name string) Table[V] {
	return declare[V](s, checkedName(name), primary)
}

// Derived declares a table whose rows follow from the primary tables: an index, an adjacency.
func Derived[V any](s *Schema, name string) Table[V] {
	return declare[V](s, checkedName(name), derived)
}

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func checkedName(name string) string {
	if !tableName.MatchString(name) {
		panic(fmt.Sprintf("projection: table name %q does not match %s", name, tableName))
	}
	return name
}

func declare[V any](s *Schema, name string, k kind) Table[V] {
	checkRowType(reflect.TypeFor[V](), map[reflect.Type]bool{})
	for _, other := range s.specs {
		if other.name == name {
			panic(fmt.Sprintf("projection: table %q is declared twice", name))
		}
	}
	t := &spec{name: name, index: len(s.specs), kind: k}
	t.encode = encodeRow
	t.decode = func(raw []byte) (any, error) {
		row := new(V)
		if err := decodeRow(raw, row); err != nil {
			return nil, err
		}
		return row, nil
	}
	s.specs = append(s.specs, t)
	return Table[V]{spec: t}
}

// Table is a typed, ordered map from keys to rows of type V. Rows are handed around as pointers and must not be changed
// once they were read or put: a changed row is a new value.
type Table[V any] struct {
	spec *spec
}

// Get returns the row under key.
func (t Table[V]) Get(r Reader, key Key) (*V, bool) {
	row, ok := r.get(t.spec, key)
	if !ok {
		return nil, false
	}
	return row.(*V), true
}

// Scan calls yield for the rows whose keys begin with prefix, by rising key, from the first one at or after from, until
// yield returns false. yield must not write to the table: collect what to write, and write it behind the scan. Doing
// otherwise is a fault of the projection.
func (t Table[V]) Scan(r Reader, prefix, from Key, yield func(key Key, row *V) bool) {
	r.scan(t.spec, prefix, from, func(key Key, row any) bool { return yield(key, row.(*V)) })
}

// Put stores a row under key, which must not be empty and holds MaxKeyBytes at most.
func (t Table[V]) Put(tx *Tx, key Key, row *V) {
	if row == nil {
		panic("projection: Put without a row in table " + t.spec.name)
	}
	tx.put(t.spec, key, row)
}

// Delete removes the row under key, if there is one.
func (t Table[V]) Delete(tx *Tx, key Key) { tx.remove(t.spec, key) }

// DeleteRange removes all rows whose keys begin with prefix, at the cost of one write, however many there are. The
// prefix must not be empty.
func (t Table[V]) DeleteRange(tx *Tx, prefix Key) { tx.removeRange(t.spec, prefix) }

// Reader is what a table can be read through: a [Tx] while events are applied, a [View] when queries are answered. A
// reader that fails keeps its first error, and finds nothing from then on.
type Reader interface {
	get(t *spec, key Key) (any, bool)
	scan(t *spec, prefix, from Key, yield func(Key, any) bool)

	// Err returns the first error that reading met.
	Err() error
}
