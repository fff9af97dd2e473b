package device

import "fmt"

// TLSVersion is a version of TLS, 10 for TLS 1.0 up to 13 for TLS 1.3. The zero
// TLSVersion stands for the default (FV-TLS-3).
type TLSVersion uint8

// The default range of versions (FV-TLS-3), and the oldest one that there is.
const (
	OldestTLS  TLSVersion = 10
	DefaultMin TLSVersion = 12
	NewestTLS  TLSVersion = 13
)

// ParseTLSVersion reads "1.0", "1.1", "1.2" or "1.3".
func ParseTLSVersion(text string) (TLSVersion, error) {
	for v := OldestTLS; v <= NewestTLS; v++ {
		if text == v.String() {
			return v, nil
		}
	}
	return 0, fmt.Errorf("TLS version %q, want 1.0, 1.1, 1.2 or 1.3", text)
}

// String returns the form of [ParseTLSVersion], and "" for the zero TLSVersion.
func (v TLSVersion) String() string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d", v/10, v%10)
}

// MarshalText returns the form of String.
func (v TLSVersion) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what ParseTLSVersion reads.
func (v *TLSVersion) UnmarshalText(text []byte) (err error) {
	*v, err = ParseTLSVersion(string(text))
	return err
}

// TLSRange is the lowest and the highest version of TLS that a device speaks. The
// zero TLSRange is 1.2 to 1.3 (FV-TLS-3).
type TLSRange struct {
	Min TLSVersion `yaml:"min"`
	Max TLSVersion `yaml:"max"`
}

// Versions returns the range with its defaults filled in. Where only Max is
// given and lies below 1.2, it is Min as well.
func (r TLSRange) Versions() (low, high TLSVersion) {
	low, high = r.Min, r.Max
	if high == 0 {
		high = NewestTLS
	}
	if low == 0 {
		low = min(DefaultMin, high)
	}
	return low, high
}

// Check refuses a range that holds no version.
func (r TLSRange) Check() error {
	if low, high := r.Versions(); low > high {
		return fmt.Errorf("TLS versions from %v to %v, want the lowest first", low, high)
	}
	return nil
}
