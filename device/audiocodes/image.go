package audiocodes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The head of an image (AC-FW-1). The places of the texts are ours.
const (
	headSize     = 112
	imageMagic   = 0xaaaaaaaa
	sectionMagic = 0xbbbbbbbb
	sectionHead  = 96
	nameSize     = 64

	modelAt, modelSize     = 20, 24
	versionAt, versionSize = 44, 24
	dateAt, dateSize       = 68, 20
)

// image is what an image's head says.
type image struct{ model, version string }

// readHead reads the head of an image (AC-FW-2).
func readHead(b []byte) (image, error) {
	word := binary.LittleEndian.Uint32
	switch {
	case len(b) < headSize:
		return image{}, fmt.Errorf("found %d bytes, want a head of %d", len(b), headSize)
	case word(b) != imageMagic:
		return image{}, errors.New("the first bytes are not those of an image")
	case word(b[8:]) != headSize:
		return image{}, fmt.Errorf("found a head of %d bytes, want %d", word(b[8:]), headSize)
	case word(b[12:]) != sum(b[16:headSize]):
		return image{}, errors.New("the sum of the head is wrong")
	}
	text := func(at, size int) string {
		field := b[at : at+size]
		if end := bytes.IndexByte(field, 0); end >= 0 {
			field = field[:end]
		}
		return string(field)
	}
	i := image{text(modelAt, modelSize), text(versionAt, versionSize)}
	if i.model == "" || i.version == "" {
		return image{}, errors.New("the head has no model or no version")
	}
	return i, nil
}

// checkSections reads all that follows the head.
func checkSections(b []byte) error {
	word := binary.LittleEndian.Uint32
	sections := word(b[16:])
	rest := b[headSize:]
	for n := range sections {
		if len(rest) < sectionHead || word(rest) != sectionMagic || word(rest[4:]) != sectionHead {
			return fmt.Errorf("section %d of %d has no head", n+1, sections)
		}
		total, length, padded := word(rest[80:]), word(rest[84:]), word(rest[88:])
		data := rest[sectionHead:]
		switch {
		case uint64(len(data)) < uint64(padded) || length > padded:
			return fmt.Errorf("section %d of %d is cut off", n+1, sections)
		case sum(data[:length]) != total:
			return fmt.Errorf("the sum of section %d of %d is wrong", n+1, sections)
		}
		rest = data[padded:]
	}
	return nil
}

// makeImage returns an image with one section, which is the body.
func makeImage(product, version string, body []byte) []byte {
	b := make([]byte, headSize, headSize+sectionHead+len(body)+7)
	put := binary.LittleEndian.PutUint32
	put(b, imageMagic)
	put(b[8:], headSize)
	put(b[16:], 1)
	copy(b[modelAt:modelAt+modelSize-1], product)
	copy(b[versionAt:versionAt+versionSize-1], version)
	copy(b[dateAt:dateAt+dateSize-1], "2026-01-01_00:00:00")
	put(b[12:], sum(b[16:headSize]))

	section := make([]byte, sectionHead)
	padded := (len(body) + 7) / 8 * 8
	put(section, sectionMagic)
	put(section[4:], sectionHead)
	copy(section[8:8+nameSize-1], "rootfs")
	put(section[80:], sum(body))
	put(section[84:], uint32(len(body)))
	put(section[88:], uint32(padded))
	b = append(append(b, section...), body...)
	return append(b, make([]byte, padded-len(body))...)
}

func sum(b []byte) (total uint32) {
	for _, c := range b {
		total += uint32(c)
	}
	return total
}
