package tftp

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/profile"
)

// The server of the conversations, and two other senders.
var (
	requestPort = netip.MustParseAddrPort("192.0.2.1:69")
	senders     = map[string]netip.AddrPort{
		"<":     netip.MustParseAddrPort("192.0.2.1:4000"), // the server's transfer ID
		"<port": netip.MustParseAddrPort("192.0.2.1:4001"),
		"<host": netip.MustParseAddrPort("192.0.2.66:4000"),
	}
)

// TestConversations plays the files of testdata/conversations, each line a step:
//
//	get PATH [limit=N] [timeout=D] [OPTION=N …]  a new transfer is started at instant 0
//	put PATH [timeout=D] [OPTION=N …] RUNS       likewise, which writes the bytes of the runs
//	> PACKET              the transfer must send this now; no such line: it must send nothing
//	< PACKET              a packet comes from the server's transfer ID
//	<port, <host PACKET   … from another port of the server, from another host
//	at D                  the clock moves to instant D
//	tick                  Tick is called, though nothing may be due
//	deadline D            the deadline must be instant D; the clock moves there, and Tick is called
//	end OUTCOME N [NOTE]  the transfer must be over, with N bytes; success is the outcome ok
//	body RUNS             the reply's body must be this
//
// PACKET is the form of [Packet.String], with RUNS in place of a length of data:
// a*512 b*3 is 512 times the letter a and 3 times b. "hex 0004" is any bytes.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c conversation
			for i, line := range strings.Split(string(text), "\n") {
				line = strings.TrimSpace(line)
				if line == "" || line[0] == '#' {
					continue
				}
				if err := c.step(line); err != nil {
					t.Fatalf("%s:%d: %s: %v", file, i+1, line, err)
				}
			}
			if err := c.step("over"); err != nil {
				t.Fatalf("%s: at its end: %v", file, err)
			}
		})
	}
}

type conversation struct {
	transfer *Transfer
	now      time.Duration
	sent     string // what the last step made the transfer send, as a line
}

func (c *conversation) step(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	if c.sent != "" && verb != ">" {
		return fmt.Errorf("the step before made it send %q", c.sent)
	}
	switch verb {
	case ">":
		if c.sent != rest {
			return fmt.Errorf("it sent %q", c.sent)
		}
		c.sent = ""
	case "get", "put":
		return c.begin(verb, rest)
	case "at":
		return c.move(rest)
	case "tick":
		c.send(c.transfer.Tick(c.now), c.transfer.Server())
	case "deadline":
		if err := c.move(rest); err != nil {
			return err
		}
		if due := c.transfer.Deadline(); due != c.now {
			return fmt.Errorf("deadline is %v", due)
		}
		c.send(c.transfer.Tick(c.now), c.transfer.Server())
	case "end", "body":
		return c.ended(verb, rest)
	case "over":
		if _, ok := c.transfer.Done(); !ok {
			return fmt.Errorf("the transfer is not over")
		}
	default:
		from, ok := senders[verb]
		if !ok {
			return fmt.Errorf("unknown step")
		}
		packet, err := packetOf(rest)
		if err != nil {
			return err
		}
		c.send(c.transfer.Receive(c.now, from, packet), from)
	}
	return nil
}

func (c *conversation) begin(verb, line string) (err error) {
	words := strings.Fields(line)
	req := device.Request{Target: profile.Target{Path: words[0]}, Limit: 1 << 20, Timeout: time.Minute}
	var body []byte
	if verb == "put" {
		req.Method, req.Body = device.Write, func() []byte { return body }
	}
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok && strings.Contains(word, "*") {
			more, err := runs([]string{word})
			if err != nil {
				return err
			}
			body = append(body, more...)
			continue
		}
		n, numErr := strconv.Atoi(value)
		switch name {
		case "limit":
			req.Limit, err = int64(n), numErr
		case "timeout":
			req.Timeout, err = time.ParseDuration(value)
		case "interval":
			req.TFTP.Timeout, err = time.ParseDuration(value)
		case "blksize":
			req.TFTP.BlockSize, err = n, numErr
		case "windowsize":
			req.TFTP.WindowSize, err = n, numErr
		case "tsize":
			req.TFTP.Size = true
		default:
			err = fmt.Errorf("unknown setting %s", name)
		}
		if err != nil {
			return err
		}
	}
	if c.transfer, err = NewTransfer(requestPort, req, Schedule{}); err != nil {
		return err
	}
	c.now = 0
	c.send(c.transfer.Start(0), c.transfer.Server())
	return nil
}

func (c *conversation) move(instant string) (err error) {
	c.now, err = time.ParseDuration(instant)
	return err
}

// send notes a packet, and where it goes if that is not where it should.
func (c *conversation) send(packet []byte, to netip.AddrPort) {
	if packet == nil {
		return
	}
	p, err := Parse(packet)
	c.sent = p.String()
	if err != nil {
		c.sent = err.Error()
	}
	if (p.Op == OpRead || p.Op == OpWrite) != (to == requestPort) {
		c.sent += " to " + to.String()
	}
}

func (c *conversation) ended(verb, want string) error {
	reply, ok := c.transfer.Done()
	if !ok {
		return fmt.Errorf("it goes on")
	}
	if verb == "body" {
		body, err := runs(strings.Fields(want))
		if err == nil && !bytes.Equal(reply.Body, body) {
			err = fmt.Errorf("the body is %.40q…", reply.Body)
		}
		return err
	}
	outcome := reply.Outcome.String()
	if outcome == "" {
		outcome = "ok"
	}
	if got := strings.TrimSpace(fmt.Sprintf("%s %d %s", outcome, reply.Bytes, reply.Note)); got != want {
		return fmt.Errorf("it ended with %s", got)
	}
	return nil
}

// packetOf makes the packet that a line describes.
func packetOf(line string) ([]byte, error) {
	words := strings.Fields(line)
	if words[0] == "hex" {
		return hex.DecodeString(words[1])
	}
	var number int
	var err error
	if len(words) > 1 && words[0] != "OACK" {
		if number, err = strconv.Atoi(words[1]); err != nil {
			return nil, err
		}
	}
	switch words[0] {
	case "DATA":
		data, err := runs(words[2:])
		return Packet{Op: OpData, Block: uint16(number), Data: data}.Append(nil), err
	case "ACK":
		return Packet{Op: OpAck, Block: uint16(number)}.Append(nil), nil
	case "ERROR":
		message, err := strconv.Unquote(strings.SplitN(line, " ", 3)[2])
		return Packet{Op: OpError, Code: Code(number), Message: message}.Append(nil), err
	case "OACK":
		var options []Option
		for _, word := range words[1:] {
			name, value, _ := strings.Cut(word, "=")
			options = append(options, Option{name, value})
		}
		return Packet{Op: OpOptionAck, Options: options}.Append(nil), nil
	}
	return nil, fmt.Errorf("unknown packet")
}

func runs(words []string) (data []byte, err error) {
	for _, word := range words {
		letter, count, _ := strings.Cut(word, "*")
		n, err := strconv.Atoi(count)
		if err != nil {
			return nil, err
		}
		data = append(data, strings.Repeat(letter, n)...)
	}
	return data, nil
}
