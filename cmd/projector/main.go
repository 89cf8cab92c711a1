// Command projector runs and asks projection workers for CIM's event stream: see package cli.
package main

import "github.com/thecowboyai/cim-projector/cmd/cli"

func main() { cli.Main(cli.Options{}) }
