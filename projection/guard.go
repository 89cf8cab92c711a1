package projection

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// crashPoint is called between the steps of everything that changes more than one file. Tests stop the process there.
var crashPoint = func(name string) {}

// guard runs fn, which touches pages of one bolt file and nothing else, and turns what bbolt does on a broken page (a
// panic, a fault in the mapped file) into a DamageError. Faults in other goroutines stay fatal.
func guard(file string, fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			err = &DamageError{File: file, Detail: broken(r)}
		}
	}()
	return fn()
}

// broken says what bbolt met, without addresses and stacks.
func broken(r any) string {
	if _, ok := r.(runtime.Error); ok {
		return "a page points outside of it"
	}
	return fmt.Sprintf("a page is inconsistent (%v)", r)
}
