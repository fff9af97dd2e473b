// Package clientcert gives each device of a fleet a client certificate of its own
// (FV-TLS-1): made when it is first wanted, kept on disk, the same ever after.
//
// [ReadAuthority] reads who signs, a [Form] is what the certificates say, and [Open]
// brings both together over a directory. [Issuer.Pair] returns a device's certificate
// and key; [Issuer.Ahead] makes those of many devices before the first of them asks, so
// that no signature is part of a measured resync.
//
// # On disk
//
// A device's certificate and key are one PEM file, readable by its owner only:
//
//	DIR/8f2a6c01d3e4b597/1b/0021f2011b19.pem
//
// The first folder stands for the authority and the form, so that another one of
// either makes new certificates and none is mistaken. Programs such as curl take the
// file for --cert. Files appear whole or not at all; one that a crash has cut short is
// made anew. Several processes may share a directory.
package clientcert
