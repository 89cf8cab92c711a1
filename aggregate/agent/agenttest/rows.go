package agenttest

import (
	"encoding/json"
	"fmt"
)

// rows is one table.
type rows[K comparable, T any] struct {
	kept    map[K]kept[T]
	changed []error // of rows that are no longer there
}

// kept is a row as it was put, and what it was at that moment.
type kept[T any] struct {
	row  *T
	then string
}

func (r *rows[K, T]) get(k K) (*T, bool) {
	found, ok := r.kept[k]
	return found.row, ok
}

func (r *rows[K, T]) put(k K, row *T) {
	if r.kept == nil {
		r.kept = make(map[K]kept[T])
	}
	if old, ok := r.kept[k]; ok {
		if err := old.unchanged(); err != nil {
			r.changed = append(r.changed, err)
		}
	}
	r.kept[k] = kept[T]{row, picture(row)}
}

// check returns an error for every row that was changed after it was put, even if it has been replaced since.
func (r *rows[K, T]) check() []error {
	errs := append([]error(nil), r.changed...)
	for _, k := range r.kept {
		if err := k.unchanged(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (k kept[T]) unchanged() error {
	if now := picture(k.row); now != k.then {
		return &Flaw{fmt.Sprintf("%T", *k.row), "", ErrChanged, fmt.Sprintf("%s was %s", now, k.then)}
	}
	return nil
}

// picture is all that a row holds. Rows hold nothing that JSON cannot write.
func picture(row any) string {
	out, err := json.Marshal(row)
	if err != nil {
		panic(fmt.Sprintf("agenttest: %T: %v", row, err))
	}
	return string(out)
}
