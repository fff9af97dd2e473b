package lab_test

import (
	"fmt"
	"io"
	"net/http"

	"provsim/internal/lab"
)

// A file is served, and then goes wrong.
func Example() {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	l.Files.Put("IP542N.conf", []byte("DBID_DBASE_VERSION=1"))

	for _, fault := range []lab.Fault{{}, {Status: 503}, {Truncate: 8}} {
		l.Faults.Set("/", fault)
		resp, err := http.Get(l.URL("http", "IP542N.conf"))
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%d %q %v\n", resp.StatusCode, body, err)
	}
	// Output:
	// 200 "DBID_DBASE_VERSION=1" <nil>
	// 503 "Service Unavailable\n" <nil>
	// 200 "DBID_DBA" unexpected EOF
}
