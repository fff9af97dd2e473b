package wire

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func frame(t testing.TB, payload []byte) []byte {
	t.Helper()
	f, err := AppendFrame(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The vectors of the specification: headers (IPO-DL-1), a test (IPO-DL-2) and a read
// with its answer (IPO-LNK-1, IPO-LNK-2).
func TestFrames(t *testing.T) {
	for n, want := range map[int]string{0x7ffc: "497fff", 0x7ffd: "49810001", 0x10000: "49820004"} {
		f := frame(t, make([]byte, n))
		if got := hex.EncodeToString(f[:len(want)/2]); got != want {
			t.Errorf("the header of %x bytes is %s, want %s", n, got, want)
		}
		payload, err := ReadFrame(bufio.NewReader(bytes.NewReader(f)))
		if err != nil || len(payload) != n {
			t.Errorf("%x bytes are read as %x, error %v", n, len(payload), err)
		}
	}
	test := New(Test, 0x01020304).Uint32(4).Bytes([]byte("ping"))
	if got := hex.EncodeToString(frame(t, test)); got != "490013002a0001010203040000000470696e67" {
		t.Errorf("the test is %s", got)
	}
	read := New(Read, 1).Sized("nasystem/who_is3")
	if got := hex.EncodeToString(frame(t, read)); got != "49001e003000410000000100116e6173797374656d2f77686f5f69733300" {
		t.Errorf("the read is %s", got)
	}
	answer := Reply(Read, 1, OK).Bytes(make([]byte, 106))
	if got := hex.EncodeToString(frame(t, answer)); !strings.HasPrefix(got, "490079803000410000000100000000") {
		t.Errorf("the answer is %s", got)
	}
}

// The largest frame is sent and read, one byte more is refused (IPO-LNK-6).
func TestLargestFrame(t *testing.T) {
	most := make([]byte, MaxFrame-4)
	payload, err := ReadFrame(bufio.NewReader(bytes.NewReader(frame(t, most))))
	if err != nil || len(payload) != len(most) {
		t.Errorf("read %d bytes, error %v", len(payload), err)
	}
	if _, err := AppendFrame(nil, append(most, 0)); err == nil {
		t.Error("a frame of more than 4194303 bytes is made")
	}
}

func TestBrokenFrames(t *testing.T) {
	for _, text := range []string{"16030100", "4900", "490007", "49000a00", "4980000800000000", "49ff8000"} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFrame(bufio.NewReader(bytes.NewReader(b))); err == nil {
			t.Errorf("%s is a frame", text)
		}
	}
	if _, err := ReadFrame(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\n"))); !errors.Is(err, ErrFrame) {
		t.Errorf("an HTTP request is %v, want ErrFrame", err)
	}
}

// Names that ask who a unit is, and others (IPO-TFTP-6).
func TestWhoIsNames(t *testing.T) {
	for name, want := range map[string]bool{
		"nasystem/who_is": true, "nasystem/who_is3": true, "NASYSTEM/Who_Is": true, "nasystem/whois": true,
		"nasystem/who": false, "who_is": false, "nasystem/who_is/x": false, "nasystem/user_list": false, "nasystem/who_is\n": false,
	} {
		if IsWhoIs(name) != want {
			t.Errorf("%q asks who a unit is: %v, want %v", name, !want, want)
		}
	}
}

// Whatever arrives is a frame that is the same when it is sent again, or an error.
func FuzzFrame(f *testing.F) {
	f.Add(frame(f, New(Read, 1).Sized("nasystem/who_is3")))
	f.Add(frame(f, New(Test, 7).Uint32(4).Bytes([]byte("ping"))))
	f.Add([]byte("I\x80\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		payload, err := ReadFrame(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		if again := frame(t, payload); !bytes.HasPrefix(b, again) {
			t.Errorf("%x is sent again as %x", b, again)
		}
		r := Parse(payload)
		r.Uint32()
		r.Text()
		r.Sized()
		r.Rest()
	})
}
