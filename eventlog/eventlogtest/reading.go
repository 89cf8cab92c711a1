package eventlogtest

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func order(b *bench) {
	records := b.fill(50)
	RequireEqual(b.T, b.read(1, 50).toEnd(50), records)
	RequireEqual(b.T, b.read(0, 0).until(50), records)
}

func preserved(b *bench) {
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(i)
	}
	records := []eventlog.Record{
		b.append("event.graph.created", eventlog.Header{"Nats-Msg-Id": {"id-1"}}, []byte(`{"a": 1}`)),
		b.append("one", nil, nil),
		b.append("a.b.c.d.e.f.g.h", nil, []byte{}),
		b.append("event.ünïcode.型", eventlog.Header{"x-lower": {"v"}, "X-Upper": {"V"}}, []byte("\xff\xfe\x00")),
		b.append("event.many", eventlog.Header{"Multi": {"one", "two", "one"}, "Empty": {""}}, binary),
		b.append("event.text", nil, []byte("line one\nline two\r\n\t\"quoted\" \\ back\u2028")),
		b.append("event.json", nil, []byte(" {\"spaces\" : [ 1 , 2 ] , \"n\" : 1e3 , \"u\" : \"\\u00e9\" }\n")),
		b.append("event.null", nil, []byte("null")),
		b.append("event.long", eventlog.Header{"Long": {strings.Repeat("h", 8000)}}, []byte("x")),
	}
	RequireEqual(b.T, b.read(1, eventlog.Seq(len(records))).toEnd(eventlog.Seq(len(records))), records)
	for _, want := range records {
		got, err := b.Log.Seek(b.ctx, want.Seq)
		if err != nil {
			b.Fatalf("Seek(%s): %v", want.Seq, err)
		}
		RequireEqual(b.T, []eventlog.Record{got}, []eventlog.Record{want})
	}
}

func largeBody(b *bench) {
	records := []eventlog.Record{
		b.append("event.before", nil, []byte("{}")),
		b.append("event.large", nil, bytes.Repeat([]byte("0123456789abcdef"), 56<<10)), // 896 KiB
		b.append("event.after", nil, []byte("{}")),
	}
	RequireEqual(b.T, b.read(1, 3).toEnd(3), records)
}

func many(b *bench) {
	const n = 12_000
	records := b.fill(n)
	RequireEqual(b.T, b.read(1, 0).until(n), records)
	RequireEqual(b.T, b.read(5000, 11_000).toEnd(11_000), records[4999:11_000])
}

func beginAnywhere(b *bench) {
	records := b.fill(3)
	b.Gap(b.T, 2)
	records = append(records, b.fill(3)...) // 6, 7, 8
	RequireEqual(b.T, b.read(2, 0).until(8), records[1:])
	RequireEqual(b.T, b.read(4, 0).until(8), records[3:])
	RequireEqual(b.T, b.read(5, 7).toEnd(7), records[3:5])
	RequireEqual(b.T, b.read(8, 8).toEnd(8), records[5:])
}

func twoCursors(b *bench) {
	records := b.fill(300)
	one, two := b.read(1, 0), b.read(100, 250)
	one.until(50)
	two.until(150)
	one.until(300)
	RequireEqual(b.T, two.toEnd(250), records[99:250])
	RequireEqual(b.T, one.got, records)
}

func concurrent(b *bench) {
	const n = 200
	done := make(chan []eventlog.Record)
	go func() {
		var out []eventlog.Record
		defer func() { done <- out }()
		for range n {
			out = append(out, b.append("event.late", nil, []byte("{}")))
		}
	}()
	r := b.read(1, 0)
	got := r.until(n)
	RequireEqual(b.T, got, <-done)
}

func closeTwice(b *bench) {
	b.fill(3)
	c, err := b.Log.Read(b.ctx, 1, 0)
	if err != nil {
		b.Fatalf("Read: %v", err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		b.Fatalf("Close twice: %v", err)
	}
	if _, err := c.Next(b.ctx); err == nil || errors.Is(err, io.EOF) {
		b.Fatalf("Next of a closed cursor: %v, want an error that is not the end", err)
	}
}

func closedLog(b *bench) {
	b.fill(1)
	if err := errors.Join(b.Log.Close(), b.Log.Close()); err != nil {
		b.Fatalf("Close twice: %v", err)
	}
	_, bounds := b.Log.Bounds(b.ctx)
	_, seek := b.Log.Seek(b.ctx, 1)
	_, read := b.Log.Read(b.ctx, 1, 0)
	if bounds == nil || seek == nil || read == nil {
		b.Fatalf("a closed log answers: Bounds %v, Seek %v, Read %v", bounds, seek, read)
	}
}
