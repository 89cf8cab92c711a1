package eventlogtest

import (
	"errors"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func boundsOfEmpty(b *bench) {
	got := b.bounds()
	if got.First != 1 || got.Last != 0 || got.Messages != 0 || got.Deleted != 0 {
		b.Fatalf("Bounds of an empty log = %+v, want First 1, Last 0 and nothing held", got)
	}
	if got.Stream.Name == "" || got.Stream.Created.IsZero() {
		b.Fatalf("Bounds name the stream %v, want a name and a moment of creation", got.Stream)
	}
	if again := b.bounds(); again != got {
		b.Fatalf("Bounds changed from %+v to %+v though nothing happened", got, again)
	}
	if _, err := b.Log.Seek(b.ctx, 1); !errors.Is(err, eventlog.ErrNotFound) {
		b.Fatalf("Seek in an empty log: %v, want ErrNotFound", err)
	}
}

func boundsCount(b *bench) {
	stream := b.bounds().Stream
	records := b.fill(5)
	b.Gap(b.T, 2)
	records = append(records, b.fill(3)...)
	got := b.bounds()
	want := eventlog.Bounds{
		Stream: stream, First: 1, Last: 10, LastTime: records[7].Time, Messages: 8, Deleted: 2, Bytes: got.Bytes,
	}
	if got != want {
		b.Fatalf("Bounds = %+v, want %+v", got, want)
	}
	if got.Bytes == 0 {
		b.Fatal("Bounds say that eight records hold no bytes")
	}
}

func boundsAllGone(b *bench) {
	b.Gap(b.T, 4)
	got := b.bounds()
	if got.First != 5 || got.Last != 4 || got.Messages != 0 || got.Deleted != 0 {
		b.Fatalf("Bounds = %+v, want First 5, Last 4: nothing is held, and 4 was the last sequence assigned", got)
	}
	if r := b.fill(1)[0]; r.Seq != 5 {
		b.Fatalf("the next record got sequence %s, want 5", r.Seq)
	}
}

func seek(b *bench) {
	records := b.fill(3)
	b.Gap(b.T, 3)
	records = append(records, b.fill(2)...) // 7, 8
	b.Gap(b.T, 1)                           // 9
	tests := []struct {
		from eventlog.Seq
		want int // index into records; -1 = none
	}{
		{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 3}, {6, 3}, {7, 3}, {8, 4}, {9, -1}, {10, -1}, {1 << 40, -1},
	}
	for _, test := range tests {
		got, err := b.Log.Seek(b.ctx, test.from)
		switch {
		case test.want < 0 && errors.Is(err, eventlog.ErrNotFound):
		case test.want < 0:
			b.Fatalf("Seek(%s) = %s, %v, want ErrNotFound", test.from, got.Seq, err)
		case err != nil:
			b.Fatalf("Seek(%s): %v", test.from, err)
		default:
			RequireEqual(b.T, []eventlog.Record{got}, records[test.want:test.want+1])
		}
	}
}

func gone(b *bench) {
	b.Gap(b.T, 3)
	records := b.fill(2)
	for _, from := range []eventlog.Seq{0, 1, 3} {
		if _, err := b.Log.Read(b.ctx, from, 0); !errors.Is(err, eventlog.ErrGone) {
			b.Errorf("Read from %s of a log that begins at 4: %v, want ErrGone", from, err)
		}
	}
	RequireEqual(b.T, b.read(4, 5).toEnd(5), records)
}

func beyond(b *bench) {
	b.fill(3)
	for _, from := range []eventlog.Seq{5, 6, 1 << 50} {
		for _, to := range []eventlog.Seq{0, from} {
			if _, err := b.Log.Read(b.ctx, from, to); !errors.Is(err, eventlog.ErrBeyond) {
				b.Errorf("Read(%s, %s) of a log that ends at 3: %v, want ErrBeyond", from, to, err)
			}
		}
	}
	b.read(4, 0) // right behind the end is where a reader that is up to date begins
}

func dropped(b *bench) {
	records := b.fill(10)
	late := b.read(1, 0)
	b.DropBefore(b.T, 8)
	if got := b.bounds(); got.First != 8 || got.Messages != 3 {
		b.Fatalf("Bounds = %+v, want First 8 and three records", got)
	}
	if _, err := b.Log.Read(b.ctx, 5, 0); !errors.Is(err, eventlog.ErrGone) {
		b.Fatalf("Read from 5 after everything below 8 was dropped: %v, want ErrGone", err)
	}
	RequireEqual(b.T, b.read(8, 10).toEnd(10), records[7:])
	if got := late.until(10); len(got) < 3 {
		b.Fatalf("a cursor that was open when the head was dropped got %v, want at least 8 to 10", seqs(got))
	}
}
