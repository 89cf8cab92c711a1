package projection

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is who holds a data directory. It stands in the file LOCK.
type Holder struct {
	Worker  string    `json:"worker"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// LockedError is a data directory that another process holds.
type LockedError struct {
	Dir    string
	Holder Holder // zero where the holder could not be read
}

// Error says who holds the directory.
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("projection: data directory %s is held by another process; stop it, or name another directory", e.Dir)
	}
	return fmt.Sprintf("projection: data directory %s is held by worker %q (process %d, since %s); stop it, or name another directory",
		e.Dir, e.Holder.Worker, e.Holder.PID, e.Holder.Started.Format(time.RFC3339))
}

// lock holds <data>/LOCK for as long as the process lives: the operating system gives it back after a crash.
type lock struct {
	file *flock.Flock
}

const lockFile = "LOCK"

// takeLock locks a data directory, or refuses at once with a LockedError.
func takeLock(dir, worker string) (*lock, error) {
	path := filepath.Join(dir, lockFile)
	f := flock.New(path)
	ok, err := f.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		return nil, &LockedError{Dir: dir, Holder: readHolder(path)}
	}
	raw, err := json.Marshal(Holder{Worker: worker, PID: os.Getpid(), Started: time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		err = os.WriteFile(path, append(raw, '\n'), 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", path, err), f.Unlock())
	}
	return &lock{file: f}, nil
}

func readHolder(path string) Holder {
	var h Holder
	if raw, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(raw, &h) // an unreadable holder is an unknown one
	}
	return h
}

func (l *lock) release() error { return l.file.Unlock() }
