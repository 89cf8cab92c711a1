// Package serde reads enums as serde, which CIM's producers write JSON with, spells them.
//
// A unit variant is a string, its tag; any other is an object whose only member is named by the tag and holds the
// content. Everything else has no tag.
//
// # Guarantees
//
// Functions are pure and safe for concurrent use. A tag is never empty and never longer than an identifier may be, so
// that keys can be made of it.
//
// # Caveats
//
// Enums that name their tag in a member of its own ("type") are not read here.
package serde
