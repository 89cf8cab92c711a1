package projection

import (
	"encoding/binary"
	"errors"
	"strings"
	"unsafe"
)

// Key is a row's place in its table. Keys are built from components so that they sort as their components mean:
// texts by bytes, numbers by size, and a key before every longer key that begins with the same components.
type Key string

// MaxKeyBytes is the longest key that a table takes; the file format ends at 32 KiB.
const MaxKeyBytes = 16 * 1024

// MakeKey returns the key of these texts.
func MakeKey(texts ...string) Key {
	n := 0
	for _, t := range texts {
		n += len(t) + 2
	}
	b := make([]byte, 0, n)
	for _, t := range texts {
		b = appendText(b, t)
	}
	return ownKey(b)
}

// ownKey makes a key of bytes that nobody else has, without another copy.
func ownKey(b []byte) Key { return Key(unsafe.String(unsafe.SliceData(b), len(b))) }

// Text returns the key with one more text: its bytes with 00 written as 00 FF, ended by 00 01.
func (k Key) Text(t string) Key {
	b := make([]byte, len(k), len(k)+len(t)+2)
	copy(b, k)
	return ownKey(appendText(b, t))
}

// Uint returns the key with one more number: 8 bytes, big-endian.
func (k Key) Uint(n uint64) Key {
	b := make([]byte, len(k), len(k)+8)
	copy(b, k)
	return ownKey(binary.BigEndian.AppendUint64(b, n))
}

func appendText(b []byte, t string) []byte {
	for {
		i := strings.IndexByte(t, 0)
		if i < 0 {
			break
		}
		b = append(b, t[:i]...)
		b = append(b, 0, 0xff)
		t = t[i+1:]
	}
	b = append(b, t...)
	return append(b, 0, 1)
}

var errKey = errors.New("projection: key does not have the asked component")

// CutText splits the first text off a key.
func (k Key) CutText() (string, Key, error) {
	var b strings.Builder
	rest := string(k)
	for {
		i := strings.IndexByte(rest, 0)
		if i < 0 || i+1 == len(rest) {
			return "", "", errKey
		}
		b.WriteString(rest[:i])
		end := rest[i+1]
		rest = rest[i+2:]
		switch end {
		case 1:
			return b.String(), Key(rest), nil
		case 0xff:
			b.WriteByte(0)
		default:
			return "", "", errKey
		}
	}
}

// CutUint splits the first number off a key.
func (k Key) CutUint() (uint64, Key, error) {
	if len(k) < 8 {
		return 0, "", errKey
	}
	return binary.BigEndian.Uint64([]byte(k[:8])), k[8:], nil
}

// HasPrefix tells whether the key begins with these components.
func (k Key) HasPrefix(prefix Key) bool { return strings.HasPrefix(string(k), string(prefix)) }
