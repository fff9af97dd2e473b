// Package encrypt encrypts and decrypts configuration files with a key, as the
// `[--key …]` of a Profile Rule asks for (FV-ENC-1 to FV-ENC-4).
//
// [Lookup] finds a [Cipher] by its name, and [Ciphers] lists all of them.
// [Cipher.Encrypt] and [Cipher.Decrypt] do the work. [Detect] says whether a file
// is encrypted. Nothing here reads a clock or a source of randomness: Encrypt
// takes its [Entropy] as an argument, so the same input gives the same bytes.
//
// # The vendor's cipher
//
// The cipher of the vendor's encrypt_file is not public. The ciphers whose names
// begin with "openssl-" stand in for it. They are the parent firmware's, which
// reads what `openssl enc -aes-256-cbc` writes. That program decrypts the files
// that are encrypted here, and the other way round. Whether a real phone decrypts
// them is not known (FV-ENC-2).
//
// # Wrong keys
//
// CBC has no authentication. About one wrong key in 256 leaves something that
// looks like padding, and Decrypt then returns noise instead of [ErrKey]. After an
// openssl cipher, parse the plain text: if it does not parse, the key is probably
// wrong (FV-ENC-4). The provsim container is authenticated, so Decrypt always
// finds a wrong key there.
//
// # The provsim container
//
// For those who control both ends there is a container with a strong key
// derivation and authentication (FV-ENC-3). All sizes are in bytes:
//
//	offset  size  content
//	     0     8  "provsim" and a zero byte
//	     8     1  version, 1
//	     9     1  scrypt: binary logarithm of N
//	    10     1  scrypt: r
//	    11     1  scrypt: p
//	    12    16  scrypt: salt
//	    28    24  nonce
//	    52   n+16 XChaCha20-Poly1305 of the n bytes of plain text
//
// The key is scrypt's (RFC 7914) first 32 bytes; the 52 bytes of header are the
// associated data, so a change to any of them is found as well. A header that
// asks for more than 64 MiB of memory is refused before any is used.
package encrypt
