package encrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// pieceSize is how much the openssl ciphers have in memory of a stream, in bytes.
const pieceSize = 256 << 10

// MaxWhole is the largest plain text of a cipher that has all of it in memory, in bytes.
// That is the provsim cipher: its authentication covers the whole file.
const MaxWhole = 256 << 20

// A Source is an encrypted file. A [bytes.Reader] is one, and an [io.SectionReader].
type Source interface {
	io.ReaderAt
	Size() int64 // in bytes
}

// EncryptStream writes to dst what Encrypt makes of all that src has. The openssl
// ciphers do it in pieces; for the others [MaxWhole] is the limit. The error is that of
// Encrypt, of src or of dst.
func (c Cipher) EncryptStream(dst io.Writer, src io.Reader, key string, entropy Entropy) error {
	if s, ok := c.container.(salted); ok {
		return s.encryptStream(dst, src, key, &entropy)
	}
	plain, err := c.whole(src, MaxWhole)
	if err != nil {
		return err
	}
	encrypted, err := c.Encrypt(nil, plain, key, entropy)
	return writeAll(dst, encrypted, err)
}

// DecryptStream writes to dst what Decrypt makes of src. It writes nothing where the
// error is that of Decrypt: the padding of an openssl cipher is at the file's end, so
// the end is decrypted first. The openssl ciphers work in pieces; for the others
// [MaxWhole] is the limit. The error is that of Decrypt, of src or of dst.
func (c Cipher) DecryptStream(dst io.Writer, src Source, key string) error {
	all := io.NewSectionReader(src, 0, src.Size())
	if s, ok := c.container.(salted); ok {
		err := s.decryptStream(dst, all, key)
		if errors.Is(err, ErrFormat) || errors.Is(err, ErrKey) {
			return fmt.Errorf("cipher %s: %w", c.Name, err)
		}
		return err
	}
	encrypted, err := c.whole(all, MaxWhole+atBody+chacha20poly1305.Overhead)
	if err != nil {
		return err
	}
	plain, err := c.Decrypt(nil, encrypted, key)
	return writeAll(dst, plain, err)
}

func (c Cipher) whole(src io.Reader, limit int) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(src, int64(limit)+1))
	if err == nil && len(text) > limit {
		return nil, fmt.Errorf("cipher %s: the file is larger than the %d MiB that this cipher takes; an openssl cipher takes any size", c.Name, MaxWhole>>20)
	}
	return text, err
}

func writeAll(dst io.Writer, text []byte, err error) error {
	if err == nil {
		_, err = dst.Write(text)
	}
	return err
}

func (s salted) encryptStream(dst io.Writer, src io.Reader, key string, entropy *Entropy) error {
	salt := entropy[:saltedSaltSize]
	block, iv, err := s.keyed(key, salt)
	if err != nil {
		return err
	}
	if _, err := dst.Write(append([]byte(saltedMagic), salt...)); err != nil {
		return err
	}
	mode := cipher.NewCBCEncrypter(block, iv)
	piece := make([]byte, pieceSize)
	for {
		n, err := io.ReadFull(src, piece)
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text := piece[:n]
		if last {
			text = append(text, padding(n)...)
		}
		mode.CryptBlocks(text, text)
		if _, err := dst.Write(text); err != nil || last {
			return err
		}
	}
}

func (s salted) decryptStream(dst io.Writer, src *io.SectionReader, key string) error {
	head := make([]byte, min(saltedHeaderSize, src.Size()))
	if _, err := io.ReadFull(src, head); err != nil {
		return err
	}
	if err := checkSalted(head, src.Size()); err != nil {
		return err
	}
	block, iv, err := s.keyed(key, head[magicSize:])
	if err != nil {
		return err
	}
	end := make([]byte, 2*aes.BlockSize) // a block, and before it the vector of its CBC
	if n, err := src.ReadAt(end, src.Size()-int64(len(end))); n < len(end) {
		return err
	}
	vector, last := end[:aes.BlockSize], end[aes.BlockSize:]
	if src.Size() == saltedHeaderSize+aes.BlockSize {
		vector = iv
	}
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(last, last)
	if _, err := unpad(last); err != nil {
		return err
	}
	mode := cipher.NewCBCDecrypter(block, iv)
	piece := make([]byte, pieceSize)
	for left := src.Size() - saltedHeaderSize; left > 0; {
		text := piece[:min(left, pieceSize)]
		if _, err := io.ReadFull(src, text); err != nil {
			return err
		}
		left -= int64(len(text))
		mode.CryptBlocks(text, text)
		if left == 0 {
			if text, err = unpad(text); err != nil {
				return err
			}
		}
		if _, err := dst.Write(text); err != nil {
			return err
		}
	}
	return nil
}
