// Package embeddedtest starts embedded servers for tests: [Start] in the test's own process, [StartProcess] in one that can
// be killed.
//
// There is no other binary: StartProcess runs the test binary itself again, and [ServeIfAsked], which the package's TestMain
// calls first, makes a server of it.
//
//	func TestMain(m *testing.M) {
//		embeddedtest.ServeIfAsked()
//		os.Exit(m.Run())
//	}
//
// # Guarantees
//
// Ports are free ones, directories are the test's own. Nothing outlives the test: a child ends when its standard input
// does, so also when the test's process dies.
//
// # Caveats
//
// Between Kill and Restart the port is free for anyone. Restart tries for ten seconds to get it back.
package embeddedtest
