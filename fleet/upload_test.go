package fleet

import (
	"testing"

	"provsim/device"
	"provsim/resync"
)

// A modelled server takes what is uploaded, however often, and knows its size.
func TestAModelledServerTakesUploads(t *testing.T) {
	var f fileServer
	for _, method := range []device.Method{device.Write, device.Post} {
		reply, answer := f.find(0, 0, &device.Request{Method: method, Class: device.StatusClass, Body: func() []byte { return make([]byte, 700) }})
		if answer != resync.None || reply.Outcome != resync.Sent || reply.Bytes != 700 {
			t.Errorf("%v: %+v, %v", method, reply, answer)
		}
	}
	reply, answer := f.find(0, 0, &device.Request{Method: device.Write})
	if answer != resync.None || reply.Outcome != resync.Sent || reply.Bytes != 0 {
		t.Errorf("nothing: %+v, %v", reply, answer)
	}
}
