package snapshotstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// tarBlock is the length of a header, and what contents are filled up to.
const tarBlock = 512

// tarHeader returns the header of an entry: a file of the ustar format with everything in it fixed but name, length and
// sum. The name must have less than 100 bytes.
func tarHeader(name string, size int64) []byte {
	b := make([]byte, tarBlock)
	copy(b, name)
	copy(b[100:], "0000644\x00")                  // mode
	copy(b[108:], "0000000\x000000000\x00")       // owner and group
	copy(b[124:], fmt.Sprintf("%011o\x00", size)) // length
	copy(b[136:], "00000000000\x00")              // time
	copy(b[148:], "        0")                    // blanks in place of the sum; an ordinary file
	copy(b[257:], "ustar\x0000")                  // format and its version
	copy(b[329:], "0000000\x000000000\x00")       // device numbers
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// writeEntry writes a header, so many bytes, and zeros up to a whole block.
func writeEntry(w io.Writer, name string, size int64, content io.Reader) error {
	if _, err := w.Write(tarHeader(name, size)); err != nil {
		return err
	}
	if n, err := io.Copy(w, content); err != nil {
		return err
	} else if n != size {
		return fmt.Errorf("%s has %d bytes, its index says %d", name, n, size)
	}
	_, err := w.Write(make([]byte, padding(size)))
	return err
}

func padding(size int64) int64 { return (tarBlock - size%tarBlock) % tarBlock }

// readHeader reads a header and refuses any that writeEntry does not write.
func readHeader(r io.Reader) (name string, size int64, err error) {
	b := make([]byte, tarBlock)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", 0, cutShort(err)
	}
	text, _, _ := bytes.Cut(b[:100], []byte{0})
	size, err = strconv.ParseInt(string(b[124:135]), 8, 64)
	if err != nil || size < 0 || !bytes.Equal(b, tarHeader(string(text), size)) {
		return "", 0, fmt.Errorf("%w: it has a header that is none of Export's, of %.100q", ErrForeign, text)
	}
	return string(text), size, nil
}

// readPadding reads the zeros behind so many bytes.
func readPadding(r io.Reader, size int64) error { return readZeros(r, padding(size)) }

func readZeros(r io.Reader, n int64) error {
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return cutShort(err)
	}
	if !bytes.Equal(b, make([]byte, n)) {
		return fmt.Errorf("%w: it has something other than zeros between its parts or at its end", ErrForeign)
	}
	return nil
}

// readEnd reads what ends a file, and that nothing stands behind it.
func readEnd(r io.Reader) error {
	if err := readZeros(r, 2*tarBlock); err != nil {
		return err
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("%w: something stands behind its end", ErrForeign)
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// cutShort says that a file ends too early, where that is what an error says.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it is cut short", ErrForeign)
	}
	return err
}
