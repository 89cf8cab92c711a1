package projection

import (
	"bytes"
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// This file is the canonical encoding of rows: MessagePack with structs as arrays in the order of their fields, whole
// numbers in their shortest form, floats at their type's width, and the one map type that rows may have sorted by key.
// The same row always gives the same bytes; FORMAT.md says what may be changed without another version.

type opaqueMap = map[string]eventlog.Value

// The library writes this map type in the map's own order, which is another one each time.
func init() {
	msgpack.Register(opaqueMap(nil), encodeOpaqueMap, decodeOpaqueMap)
}

func encodeOpaqueMap(enc *msgpack.Encoder, v reflect.Value) error {
	m := v.Interface().(opaqueMap)
	if m == nil {
		return enc.EncodeNil()
	}
	if err := enc.EncodeMapLen(len(m)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := enc.EncodeString(name); err != nil {
			return err
		}
		if err := enc.EncodeBytes(m[name]); err != nil {
			return err
		}
	}
	return nil
}

func decodeOpaqueMap(dec *msgpack.Decoder, v reflect.Value) error {
	n, err := dec.DecodeMapLen()
	if err != nil {
		return err
	}
	if n < 0 {
		v.Set(reflect.ValueOf(opaqueMap(nil)))
		return nil
	}
	m := make(opaqueMap, min(n, 1024))
	for range n {
		name, err := dec.DecodeString()
		if err != nil {
			return err
		}
		if m[name], err = dec.DecodeBytes(); err != nil {
			return err
		}
	}
	v.Set(reflect.ValueOf(m))
	return nil
}

type rowEncoder struct {
	buf bytes.Buffer
	enc *msgpack.Encoder
}

var rowEncoders = sync.Pool{New: func() any {
	r := &rowEncoder{}
	r.enc = msgpack.NewEncoder(&r.buf)
	return r
}}

// encodeRow returns the canonical bytes of a row.
func encodeRow(row any) ([]byte, error) {
	r := rowEncoders.Get().(*rowEncoder)
	defer rowEncoders.Put(r)
	r.buf.Reset()
	r.enc.Reset(&r.buf)
	r.enc.UseArrayEncodedStructs(true)
	r.enc.UseCompactInts(true)
	if err := r.enc.Encode(row); err != nil {
		return nil, err
	}
	return bytes.Clone(r.buf.Bytes()), nil
}

// decodeRow reads canonical bytes into row, a pointer, and refuses bytes behind the row.
func decodeRow(raw []byte, row any) error {
	in := bytes.NewReader(raw)
	dec := msgpack.GetDecoder()
	defer msgpack.PutDecoder(dec)
	dec.Reset(in)
	if err := dec.Decode(row); err != nil {
		return err
	}
	if in.Len() > 0 {
		return fmt.Errorf("%d bytes behind the row", in.Len())
	}
	return nil
}

// checkRowType panics where a row type has no canonical encoding, or one that loses something: it is a mistake in the
// declaration of a table.
func checkRowType(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	if t != reflect.TypeFor[opaqueMap]() && encodesItself(t) {
		panic(fmt.Sprintf("projection: row type holds %s, which encodes itself; use plain fields", t))
	}
	switch t.Kind() {
	case reflect.Map:
		if t != reflect.TypeFor[opaqueMap]() {
			panic(fmt.Sprintf("projection: row type holds %s, which has no canonical order; use a sorted slice or map[string]eventlog.Value", t))
		}
	case reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		panic(fmt.Sprintf("projection: row type holds %s, which cannot be stored", t))
	case reflect.Pointer, reflect.Slice, reflect.Array:
		checkRowType(t.Elem(), seen)
	case reflect.Struct:
		checkFields(t, seen)
	}
}

func checkFields(t reflect.Type, seen map[reflect.Type]bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		_, tagged := f.Tag.Lookup("msgpack")
		switch {
		case f.Name == "_msgpack" && f.Tag.Get("msgpack") == ",as_array": // says what is done anyway
		case !f.IsExported():
			panic(fmt.Sprintf("projection: row type %s has the field %s, which is not exported and would not be stored", t, f.Name))
		case tagged:
			panic(fmt.Sprintf("projection: row type %s has a msgpack tag at %s; rows are stored field by field", t, f.Name))
		default:
			checkRowType(f.Type, seen)
		}
	}
}

// encodesItself tells whether the library would leave the encoding to a method, whose bytes nobody here knows to be
// canonical.
func encodesItself(t reflect.Type) bool {
	for _, marker := range []reflect.Type{
		reflect.TypeFor[msgpack.CustomEncoder](), reflect.TypeFor[msgpack.Marshaler](),
		reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
		reflect.TypeFor[msgpack.CustomDecoder](), reflect.TypeFor[msgpack.Unmarshaler](),
		reflect.TypeFor[encoding.BinaryUnmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	} {
		if t.Implements(marker) || reflect.PointerTo(t).Implements(marker) {
			return true
		}
	}
	return false
}
