package projection

// Base is the lowest layer of one projection: sorted rows that never change. Its rows carry no tags: what is not in it
// does not exist.
type Base interface {
	// Get returns the canonical bytes of a row, which stay valid and unchanged, or nil where there is none.
	Get(table string, key Key) ([]byte, error)

	// Rows starts a walk over the rows at or after from, by rising key.
	Rows(table string, from Key) (BaseRows, error)
}

// BaseRows is a walk over rows of a base. It is used from one goroutine.
type BaseRows interface {
	// Next returns the next row, or ok = false behind the last. The slices stay valid and unchanged.
	Next() (key Key, row []byte, ok bool, err error)

	// Close ends the walk.
	Close() error
}

// EmptyBase is a base without rows.
type EmptyBase struct{}

// Get finds nothing.
func (EmptyBase) Get(string, Key) ([]byte, error) { return nil, nil }

// Rows walks over nothing.
func (EmptyBase) Rows(string, Key) (BaseRows, error) { return noRows{}, nil }

type noRows struct{}

func (noRows) Next() (Key, []byte, bool, error) { return "", nil, false, nil }
func (noRows) Close() error                     { return nil }
