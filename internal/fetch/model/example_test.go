package model_test

import (
	"container/heap"
	"fmt"
	"time"

	"provsim/internal/fetch/model"
)

// A building of 1,000 phones wakes up at once and asks a TFTP server that takes
// 5,000 read requests a second.
func Example() {
	cfg := model.Default()
	cfg.TFTP.Accept = model.Fixed(200 * time.Microsecond)
	server, err := model.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	var due agenda
	for device := range uint32(1000) {
		due = append(due, event{0, model.Request{Device: device, Source: device, Scheme: "tftp", Size: 2048}})
	}
	now := time.Duration(0)
	for due.Len() > 0 {
		e := heap.Pop(&due).(event)
		now = e.at
		if result := server.Arrive(now, &e.request); !result.Done {
			e.at += result.After
			heap.Push(&due, e)
		}
	}
	stats := server.Stats(now)
	fmt.Println("answered at try 1, 2, 3:", stats.TFTP.AnsweredAt[:3])
	fmt.Println("read requests dropped:", stats.TFTP.Dropped)
	fmt.Println("a buffer of", stats.TFTP.Enough, "would drop none")
	fmt.Println("or a random delay of", stats.TFTP.ShortBy)
	// Output:
	// answered at try 1, 2, 3: [257 257 257]
	// read requests dropped: 1458
	// a buffer of 999 would drop none
	// or a random delay of 148.6ms
}

type event struct {
	at      time.Duration
	request model.Request
}

type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].request.Device < a[j].request.Device
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}
