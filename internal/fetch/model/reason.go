package model

import "fmt"

// A Reason says what went wrong with a transfer, as a note for the journal.
type Reason uint8

// The reasons; the zero value is Well: nothing went wrong.
const (
	Well         Reason = iota
	LostRequest         // the last packet that could have opened the transfer was lost on the way
	ServerGone          // Gone, or Stopped over TFTP
	ServerOff           // Stopped
	ServerErring        // Erring
	SourceBanned        // Ban
	Unlucky             // HTTP.Refuse
	QueueFull           // HTTP.Queue
	WaitedLong          // HTTP.WaitLimit
	WorkedLong          // HTTP.ServiceLimit
	BufferFull          // TFTP.Buffer, for the last read request
	TooBusy             // TFTP.Transfers, for the last read request
	NoAnswer            // the TFTP server has the read request and not yet answered
	CutOff              // an outage ended the transfer
	GaveUp              // the device's time was over
)

var reasonWords = [...]string{
	Well: "", LostRequest: "request lost on the way", ServerGone: "server is gone", ServerOff: "server is stopped",
	ServerErring: "server is failing", SourceBanned: "source address is banned", Unlucky: "server refuses connections",
	QueueFull: "server's queue is full", WaitedLong: "request waited too long at the server",
	WorkedLong: "server worked too long on the request", BufferFull: "server's receive buffer is full",
	TooBusy: "server has too many transfers", NoAnswer: "no answer in time", CutOff: "server went away in mid-transfer",
	GaveUp: "device gave up waiting",
}

// String returns the note, or "" for Well.
func (r Reason) String() string {
	if int(r) < len(reasonWords) {
		return reasonWords[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}
