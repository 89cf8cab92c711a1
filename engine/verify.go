package engine

import (
	"context"

	"github.com/thecowboyai/cim-projector/projection"
)

// Verify reads every row of every projection, proves what can be proved of it, and returns the digests. It reads committed state
// and holds nobody up.
func (w *Worker) Verify(ctx context.Context) (Verification, error) {
	return VerifyStore(ctx, w.store, w.config.Projections)
}

// VerifyStore is Verify for a store that no worker has open.
func VerifyStore(ctx context.Context, store *projection.Store, projections []projection.Projection) (Verification, error) {
	out := Verification{Projections: []Digest{}}
	for _, p := range projections {
		if err := context.Cause(ctx); err != nil {
			return out, err
		}
		d, err := verifyOne(store, p)
		if err != nil {
			return out, err
		}
		out.Projections = append(out.Projections, d)
	}
	return out, nil
}

func verifyOne(store *projection.Store, p projection.Projection) (Digest, error) {
	v, err := store.View(p.Name())
	if err != nil {
		return Digest{}, err
	}
	defer v.Close()
	out := Digest{Name: p.Name(), Version: p.Version(), Sequence: uint64(v.At().Seq), Problems: []string{}}
	out.Problems = append(out.Problems, v.Check()...)
	digests, err := v.Digest()
	if err != nil {
		out.Problems = append(out.Problems, err.Error())
	} else {
		out.Digest, out.RecordsDigest, out.Rows = digests.State.String(), digests.Records.String(), digests.Rows
	}
	out.OK = len(out.Problems) == 0
	return out, nil
}

// OK tells whether no projection has a problem.
func (v Verification) OK() bool {
	for _, d := range v.Projections {
		if !d.OK {
			return false
		}
	}
	return true
}
