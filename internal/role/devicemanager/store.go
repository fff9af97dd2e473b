package devicemanager

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// lockTime is how long an open waits for another manager to let the database go.
const lockTime = 2 * time.Second

// store is the database. One goroutine writes at a time.
type store struct{ db *bbolt.DB }

// openStore opens the database of a folder, and makes both where they are
// missing.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "manager.db")
	db, err := bbolt.Open(name, 0o600, &bbolt.Options{Timeout: lockTime, FreelistType: bbolt.FreelistMapType})
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: another manager has it open", name)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, bucket := range []string{deviceBucket, tenantBucket, agentBucket, stateBucket} {
			if _, err := tx.CreateBucketIfNotExists([]byte(bucket)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &store{db}, nil
}

// load hands all that the database has to a machine.
func (s *store) load(m *Machine) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		for _, bucket := range []string{stateBucket, tenantBucket, agentBucket, deviceBucket} {
			err := tx.Bucket([]byte(bucket)).ForEach(func(key, value []byte) error { return m.Load(bucket, string(key), value) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// write has the entries on the disk when it returns without an error, or none of
// them.
func (s *store) write(entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, e := range entries {
			bucket := tx.Bucket([]byte(e.Bucket))
			if e.Value == nil {
				if err := bucket.Delete([]byte(e.Key)); err != nil {
					return err
				}
				continue
			}
			if err := bucket.Put([]byte(e.Key), e.Value); err != nil {
				return err
			}
		}
		return nil
	})
}
