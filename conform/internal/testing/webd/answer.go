package webd

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Header lets change alter the fields of each answer before they go out.
func Header(files http.Handler, change func(http.Header)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files.ServeHTTP(&altered{ResponseWriter: w, change: change}, r)
	})
}

type altered struct {
	http.ResponseWriter
	change func(http.Header)
	done   bool
}

func (a *altered) WriteHeader(status int) {
	if !a.done {
		a.done = true
		a.change(a.Header())
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *altered) Write(body []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.ResponseWriter.Write(body)
}

// Raw answers with a text as it stands, and closes the connection.
func Raw(w http.ResponseWriter, text string) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err) // HTTP/1.1 connections can be taken over
	}
	defer conn.Close()
	io.WriteString(buffered, text)
	buffered.Flush()
}

// Hold is Raw, but leaves the connection open until the client closes it.
func Hold(w http.ResponseWriter, text string) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	io.WriteString(buffered, text)
	buffered.Flush()
	io.Copy(io.Discard, buffered)
}

// Text returns the answer to a request as it goes over the wire, with further
// header lines, such as "Connection: close". It is for [Raw] and [Hold].
func Text(files http.Handler, r *http.Request, header ...string) string {
	recorded := httptest.NewRecorder()
	files.ServeHTTP(recorded, r)
	var text strings.Builder
	fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\n", recorded.Code, http.StatusText(recorded.Code))
	recorded.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	recorded.Header().Write(&text)
	for _, line := range header {
		text.WriteString(line + "\r\n")
	}
	text.WriteString("\r\n")
	if r.Method != http.MethodHead {
		recorded.Body.WriteTo(&text)
	}
	return text.String()
}
