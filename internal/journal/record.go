package journal

import (
	"cmp"
	"time"

	"provsim/device"
)

// A Record says that something happened to a device, and when.
type Record struct {
	T      time.Duration // since the run began
	Wall   time.Time     // by the wall clock; zero in virtual time
	Device device.MAC
	Number int32  // the device's among those of the run, from 0; not written
	Seq    uint32 // counts the device's records
	device.Event
}

// A Sink takes records in the order in which things happen. One goroutine at a
// time calls it. The record is the caller's, who uses it again for the next one:
// a sink changes nothing in it, and copies what it keeps. An error means that
// records are lost, and ends the run.
type Sink interface {
	Add(*Record) error
}

// Memory is a sink that keeps all records. The zero Memory is empty.
type Memory struct {
	Records []Record
}

// Add never fails.
func (m *Memory) Add(r *Record) error {
	m.Records = append(m.Records, *r)
	return nil
}

// Tee returns a sink that gives each record to all of sinks in their order, also
// after one of them has failed. Its error is the first.
func Tee(sinks ...Sink) Sink { return tee(sinks) }

type tee []Sink

func (t tee) Add(r *Record) (err error) {
	for _, s := range t {
		err = cmp.Or(err, s.Add(r))
	}
	return err
}
