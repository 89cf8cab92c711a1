// Package ask reads the parameters of a projection's questions, and gathers their answers within bounds.
//
// [Params] reads members of a request one by one and keeps the first thing that it does not understand. A [Walk] counts
// the rows that a question reads, and ends it with its context. A [Page] gathers one page of a list that goes by in
// order; a [List] gathers all of a short list beside an answer. All three keep the first reason to end, so that a
// question asks for it once, at its end.
//
// # Guarantees
//
// Whatever is refused is a *projection.QueryError that names the parameter. An answer holds at most [MaxBytes] of opaque
// parts. A walk sees that its context has ended after at most 256 rows.
//
// # Caveats
//
// Values serve one question on one goroutine. What a method of Params returns after an error is not to be used.
package ask
