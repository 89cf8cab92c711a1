package finding

import "fmt"

// Most is how many sentences a list holds.
const Most = 100

// List is what a check has found. Its zero value is empty.
type List struct {
	problems []string
}

// Found notes a problem and tells whether more are wanted.
func (l *List) Found(format string, args ...any) bool {
	if l.Wanted() {
		l.problems = append(l.problems, fmt.Sprintf(format, args...))
	}
	return l.Wanted()
}

// Wanted tells whether more problems are wanted.
func (l *List) Wanted() bool { return len(l.problems) < Most }

// Problems returns what was found, in the order in which it was; nil where nothing was.
func (l *List) Problems() []string { return l.problems }
