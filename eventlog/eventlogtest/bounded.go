package eventlogtest

import "github.com/thecowboyai/cim-projector/eventlog"

func boundInTheMiddle(b *bench) {
	records := b.fill(20)
	RequireEqual(b.T, b.read(1, 7).toEnd(7), records[:7])
	RequireEqual(b.T, b.read(7, 7).toEnd(7), records[6:7])
}

func boundCaptured(b *bench) {
	records := b.fill(5)
	open, limited := b.read(1, 1<<60), b.read(3, 8)
	b.fill(5)
	RequireEqual(b.T, open.toEnd(5), records)
	RequireEqual(b.T, limited.toEnd(5), records[2:])
}

func boundMissing(b *bench) {
	records := b.fill(3)
	b.Gap(b.T, 3)
	b.fill(2)
	for to := eventlog.Seq(4); to <= 6; to++ {
		RequireEqual(b.T, b.read(1, to).toEnd(to), records)
	}
	RequireEqual(b.T, b.read(4, 5).toEnd(5), nil)
}

func boundTailMissing(b *bench) {
	records := b.fill(3)
	b.Gap(b.T, 3)
	RequireEqual(b.T, b.read(1, 6).toEnd(6), records)
	RequireEqual(b.T, b.read(1, 100).toEnd(6), records)
	RequireEqual(b.T, b.read(1, 5).toEnd(5), records)
	RequireEqual(b.T, b.read(5, 6).toEnd(6), nil)
}

func boundOverNothing(b *bench) {
	RequireEqual(b.T, b.read(1, 5).toEnd(0), nil)
	b.fill(3)
	RequireEqual(b.T, b.read(4, 9).toEnd(3), nil)
	RequireEqual(b.T, b.read(3, 1).toEnd(2), nil)
}

func boundDeleted(b *bench) {
	records := b.fill(10)
	middle, end := b.read(1, 6), b.read(1, 10)
	for _, seq := range []eventlog.Seq{6, 9, 10} {
		b.Delete(b.T, seq)
	}
	// The cursors may have had some of these in hand already; they must end all the same.
	if got := middle.toEnd(6); len(got) < 5 {
		b.Fatalf("got %v, want at least 1 to 5", seqs(got))
	}
	if got := end.toEnd(10); len(got) < 7 {
		b.Fatalf("got %v, want at least 1 to 8 without 6", seqs(got))
	}
	RequireEqual(b.T, b.read(1, 6).toEnd(6), records[:5])
	RequireEqual(b.T, b.read(7, 0).until(10), records[6:8])
}

func deleted(b *bench) {
	records := b.fill(9)
	for _, seq := range []eventlog.Seq{3, 4, 8} {
		b.Delete(b.T, seq)
	}
	want := append(append([]eventlog.Record{}, records[:2]...), records[4], records[5], records[6], records[8])
	RequireEqual(b.T, b.read(1, 9).toEnd(9), want)
	if got := b.bounds(); got.Deleted != 3 || got.Messages != 6 || got.First != 1 || got.Last != 9 {
		b.Fatalf("Bounds = %+v, want 6 records in 1 to 9, and 3 deleted", got)
	}
	b.Delete(b.T, 1)
	if got := b.bounds(); got.First != 2 {
		b.Fatalf("Bounds = %+v after the first record was deleted, want First 2", got)
	}
}
