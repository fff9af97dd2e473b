// Package web fetches files over HTTP and HTTPS in the way a phone does, and uploads
// them.
//
// [Client.Fetch] asks for one file and returns a reply with the file, or with the
// outcome word of FV-OUT-1 that says why there is no file. The zero [Client] works.
// [ParseCertificates] checks uploaded certificates before a fetch uses them.
//
// # On the wire
//
// The request is HTTP/1.1 with the headers Host and User-Agent, and with Authorization
// after a 401: a phone sends few headers, and servers recognise phones by them. There are
// no cookies, no proxies, no compression and no HTTP/2. The package therefore writes the
// request itself and reads the answer with net/http.ReadResponse: net/http.Transport
// would add headers and retry.
//
// # Uploads
//
// A write is a PUT and a post a POST, with Content-Length, and with Content-Type
// where the request names it. Any status from 200 to 299 is success. Redirects and
// challenges are answered with the body again: a PUT follows all four redirects, a
// POST 307 and 308 only, and goes out on a connection of its own each time.
//
// # One connection (FV-HTTP-3)
//
// A fetch uses one connection and closes it. Phones of a firmware that keeps connections
// leave it open for two seconds, and use it for the next request with an equal User-Agent
// (PC-FILE-8). [Client.Close] closes these connections. After an answer that leads to a
// further request to the same server, such as a 401, the connection stays open if the
// server keeps it; a redirect to another server opens another one. If a server closes a
// connection that it had offered to keep, the fetch asks once more on a new one.
//
// # Redirects (FV-HTTP-2, FV-HTTP-3)
//
// 301, 302, 307 and 308 are followed five times; the sixth is http-status. A
// redirect from https to http is refused as well, because it would give away
// what the certificates protect. User and password go only to the host and
// port of the request, or to that host's https after a redirect from http.
//
// # Outcomes (FV-OUT-1)
//
// Some failures fit more than one word. A connection that ends before the answer is
// complete, or before its first byte, is truncated; in the handshake it is tls. A header
// without end is too-large. An answer that is not HTTP is http-status. A resolver that
// does not answer is dns, also if it uses up the whole time. Whatever keeps this machine
// from connecting, such as a missing route, a firewall or a lack of ports, is
// unreachable. An uploaded CA that cannot be read is tls-untrusted, an unusable client
// certificate or key is tls-client-cert; both without a connection. Where this machine
// lacked a descriptor, a port or memory, the reply says so in Local.
//
// # TLS (FV-TLS-1)
//
// TLS 1.2 and 1.3 with the defaults of crypto/tls, but without the post-quantum
// key exchange. Phones of this age may also speak TLS 1.0; a server that offers
// nothing newer ends as outcome tls. Each fetch does a full handshake. A client verifies
// a server's chain for a name once a minute, for all devices that trust the same
// authorities.
package web
