// Package cli is the projector's command line, as a package: a program with projections of its own gets all of it.
//
//	func main() {
//		cli.Main(cli.Options{Projections: append(cli.DefaultProjections(), mine.New())})
//	}
//
// [Main] is a whole program; [Execute] runs one command line and returns its exit status; [New] returns the tree of commands.
// The command run is the worker; demo is all of it on nothing; every other command asks a running worker over NATS.
//
// # Guarantees
//
// Answers go to standard output; logs, progress and errors go to standard error. With --json standard output holds one JSON
// document, or JSON Lines where a command reports several things, and nothing else. An error is one sentence. The exit status is
// one of the Status constants. Secrets are never printed: settings hold the paths of files, and passwords in URLs are masked.
//
// A setting comes from its flag, else from the environment, else from the file that --config names, else it is the default; the
// command config shows each with its source.
//
// # Caveats
//
// The command demo does not look at the environment or at a configuration file, so that it can never touch a stream or a data
// directory that somebody uses.
package cli
