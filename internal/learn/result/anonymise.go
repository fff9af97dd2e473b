package result

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"

	"provsim/internal/learn"
)

// Anonymise makes findings fit for others: hardware addresses are replaced by ones of
// the same maker, each by its own and the same everywhere, which the key decides; and
// names of logs, of files that are not the vendors' own, and of other clients are left
// out.
func Anonymise(f *learn.Findings, key []byte) {
	for i := range f.List {
		if p := &f.List[i]; p.Named {
			low := uint32(p.MAC[3])<<16 | uint32(p.MAC[4])<<8 | uint32(p.MAC[5])
			low = permuted(low, key, p.MAC[:3])
			p.MAC[3], p.MAC[4], p.MAC[5] = byte(low>>16), byte(low>>8), byte(low)
		}
	}
	for i := range f.Logs {
		f.Logs[i].Name, f.Logs[i].Note = fmt.Sprintf("log %d", i+1), ""
	}
	for i := range f.Names {
		if n := &f.Names[i]; !n.Known {
			ext := path.Ext(n.Name)
			if len(ext) > 5 || strings.Trim(ext, ".abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				ext = ""
			}
			n.Name = fmt.Sprintf("file-%d%s", i+1, ext)
		}
	}
	all := int64(0)
	for _, s := range f.Strangers {
		all += s.Requests
	}
	f.Strangers = []learn.Stranger{{Agent: "others", Requests: all}}
}

// permuted returns another number of 24 bits, and never the same for two: four rounds of
// a Feistel network of twelve bits each.
func permuted(n uint32, key, oui []byte) uint32 {
	const half = 12
	left, right := n>>half, n&(1<<half-1)
	for round := range byte(4) {
		sum := sha256.Sum256(append(append(append([]byte{}, key...), oui...), round, byte(right>>8), byte(right)))
		left, right = right, left^(uint32(sum[0])<<8|uint32(sum[1]))&(1<<half-1)
	}
	return left<<half | right
}
