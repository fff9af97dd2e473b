package heap

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type number int

func (n number) Before(o number) bool { return n < o }

// A heap gives what a sorted list gives.
func TestHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Heap[number]
		var sorted []number
		insert := func(n number) {
			i, _ := slices.BinarySearch(sorted, n)
			sorted = slices.Insert(sorted, i, n)
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				n := number(rapid.IntRange(0, 20).Draw(t, "n"))
				h.Push(n)
				insert(n)
			},
			"pop": func(t *rapid.T) {
				if len(sorted) == 0 {
					t.Skip("the heap is empty")
				}
				if got := h.Pop(); got != sorted[0] {
					t.Fatalf("popped %d, want %d", got, sorted[0])
				}
				sorted = sorted[1:]
			},
			"replace": func(t *rapid.T) {
				if len(sorted) == 0 {
					t.Skip("the heap is empty")
				}
				n := number(rapid.IntRange(0, 20).Draw(t, "n"))
				h.Replace(n)
				sorted = sorted[1:]
				insert(n)
			},
			"": func(t *rapid.T) {
				if len(h) != len(sorted) || len(h) > 0 && h[0] != sorted[0] {
					t.Fatalf("the heap is %v, want the things of %v", h, sorted)
				}
			},
		})
	})
}
