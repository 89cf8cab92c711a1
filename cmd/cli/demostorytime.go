package cli

import (
	"fmt"
	"io"
)

// command tells a command line with what it prints.
func (s *story) command(line string, show func(w io.Writer) error) error {
	return s.inset(func(w io.Writer) error {
		fmt.Fprintf(w, "$ projector %s\n", line)
		return show(w)
	})
}

func (s *story) named(one *shownSnapshot) {
	s.say("\n6  What the models hold gets a name: snapshot %s, %s at event %s, in %s.\n", one.Name, plural(one.rows(), "row"),
		grouped(one.StreamSequence), bytesText(one.Bytes))
}

func (s *story) lookBack() {
	s.say("\n8  The past answers as it did, and what changed since a snapshot can be seen.\n")
}

func (s *story) goBack() {
	s.say("\n9  The live models go back to the snapshot, and come again.\n")
}

func (s *story) wentBack(t *demoTime) {
	s.say("\n   There every digest was that of the snapshot, and now it is again that of event %s.\n", grouped(t.Undone.Sequence))
}
