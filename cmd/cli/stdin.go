package cli

import (
	"context"
	"io"
)

// standardInput reads standard input in a way that ends with the context. A read that waits in the operating system cannot be
// woken; the goroutine in it ends with the input or with the process, which is all that is left then.
func (a *app) standardInput(ctx context.Context) io.ReadCloser {
	read, write := io.Pipe()
	go func() {
		_, err := io.Copy(write, a.Stdin)
		_ = write.CloseWithError(err) // of a pipe: cannot fail
	}()
	stop := context.AfterFunc(ctx, func() { _ = write.CloseWithError(ctx.Err()) }) // as well
	return &endingReader{PipeReader: read, stop: stop}
}

// endingReader no longer watches the context once it is closed.
type endingReader struct {
	*io.PipeReader

	stop func() bool
}

// Close ends the reader.
func (r *endingReader) Close() error {
	r.stop()
	return r.PipeReader.Close()
}
