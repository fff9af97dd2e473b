package store

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
)

const (
	formatName    = "provsim-state"
	formatVersion = "1"
)

// maxSize returns the size in bytes of the file of the largest body.
func maxSize(body int) int64 {
	return int64(len(fmt.Sprintf("%s %s %d \n", formatName, formatVersion, body)) + 2*sha256.Size + body)
}

// A DamagedError says that a file is not what Save wrote.
type DamagedError struct {
	Path            string
	Found, Expected string // without any part of the body, which holds passwords
}

// Error says as well what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("stored state %s is damaged and left as it is: found %s, want %s; "+
		"put a good copy in its place, or move it away to start afresh", e.Path, e.Found, e.Expected)
}

// header returns the line that stands before a body, its line end included. The
// body's parts stand one behind the other.
func header(parts ...[]byte) []byte {
	digest, size := sha256.New(), 0
	for _, p := range parts {
		digest.Write(p)
		size += len(p)
	}
	return fmt.Appendf(nil, "%s %s %d %x\n", formatName, formatVersion, size, digest.Sum(nil))
}

// decode returns the body of a file's content. There is one right header for a
// body, so that a wrong one is taken apart only to say what is wrong.
func decode(path string, content []byte) ([]byte, error) {
	end := bytes.IndexByte(content, '\n') + 1
	body := content[end:]
	if bytes.Equal(content[:end], header(body)) {
		return body, nil
	}
	damaged := &DamagedError{Path: path}
	fields := strings.Split(strings.TrimSuffix(string(content[:end]), "\n"), " ")
	switch {
	case len(fields) != 4 || fields[0] != formatName:
		damaged.Found = "no header in the first line"
		damaged.Expected = fmt.Sprintf("%q", formatName+" "+formatVersion+" LENGTH SHA256")
	case fields[1] != formatVersion:
		damaged.Found = fmt.Sprintf("format version %.20q", fields[1])
		damaged.Expected = formatVersion + ", the one of this release"
	case fields[2] != strconv.Itoa(len(body)):
		damaged.Found = fmt.Sprintf("%d bytes of body", len(body))
		damaged.Expected = fmt.Sprintf("%.20q as the header says", fields[2])
	default:
		damaged.Found = "a body of another SHA-256"
		damaged.Expected = "the header's"
	}
	return nil, damaged
}
