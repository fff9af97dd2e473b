package device

import (
	"testing"

	"pgregory.net/rapid"
)

// What is written for a device reads back, whatever bytes a server sent.
func TestStoredReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mac := MAC{0, 1, 2, 3, 4, 5}
		bytes := rapid.SliceOf(rapid.Byte())
		s := &Stored{
			Version: string(bytes.Draw(t, "version")), Software: string(bytes.Draw(t, "software")),
			UpgradeURL: rapid.String().Draw(t, "url"), Cause: 4,
			Certificates: &Certificates{CA: bytes.Draw(t, "CA"), Pass: "x"},
		}
		s.Config, _ = s.Config.With("A", rapid.StringMatching(`[ -~]*`).Draw(t, "value"))
		text, err := s.Encode(mac)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeStored(text, mac)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Encode(mac)
		if err != nil || string(again) != string(text) || back.Version != s.Version || back.Software != s.Software {
			t.Fatalf("%s\nreads back as\n%s (%v)", text, again, err)
		}
		if _, err := DecodeStored(text, MAC{9}); err == nil {
			t.Fatal("another device's memory is accepted")
		}
	})
}

func FuzzDecodeStored(f *testing.F) {
	mac := MAC{0, 1, 2, 3, 4, 5}
	text, err := (&Stored{Version: "1"}).Encode(mac)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"mac":"000102030405","config":"!"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := DecodeStored(text, mac)
		if err != nil {
			return
		}
		if _, err := s.Encode(mac); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
