// Package encrypt seals and opens configuration files with a key, as the
// `[--key …]` of a Profile Rule asks for (FV-ENC-1 to FV-ENC-4).
//
// [Lookup] finds a [Cipher] by its name; [Cipher.Seal] and [Cipher.Open] do the
// work. [Detect] tells a sealed file from a plain one, and [Ciphers] lists what
// there is. Nothing here reads a clock or a source of randomness: Seal takes its
// [Entropy] as an argument, so the same input gives the same bytes.
//
// # The vendor's cipher
//
// The cipher of the vendor's encrypt_file is not public. The ciphers whose names
// begin with "openssl-" stand in for it: they are the parent firmware's, which
// reads what `openssl enc -aes-256-cbc` writes. A file that is sealed here opens
// with that program and the other way round; whether it opens on a real phone is
// not known (FV-ENC-2).
//
// # Wrong keys
//
// CBC has no authentication. About one wrong key in 256 leaves something that
// looks like padding, and Open then returns noise instead of [ErrKey]. Who opens
// an openssl container must also parse the plain text, and take a text that does
// not parse for a wrong key (FV-ENC-4). The provsim container is authenticated
// and has no such luck.
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
