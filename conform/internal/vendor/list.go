package vendor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"provsim/conform/check"
)

const (
	atOnce       = 8  // phones that ask at the same time
	mostUnserved = 16 // phones without an answer, after which no others ask where none has got one
	mostExamples = 3
)

// cameOf is the result of one phone of a list.
type cameOf struct {
	asked   bool
	product string
	outcome string // "": it has its configuration
	url     string // of the last request of a failure
}

// everyPhone plays a resync of each phone of a list, several at once.
func everyPhone(ctx context.Context, p *check.Probe) check.Finding {
	all := slices.Concat(p.Target.Phones, p.Target.Rest)
	came := make([]cameOf, len(all))
	var next, silent atomic.Int32
	var served atomic.Bool
	var asking sync.WaitGroup
	for range min(atOnce, len(all)) {
		asking.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(all) || ctx.Err() != nil || silent.Load() >= mostUnserved && !served.Load() {
					return
				}
				f, err := p.Play(ctx, all[i])
				product, outcome := f.Request.From.Product, f.Ending.Outcome
				switch {
				case ctx.Err() != nil:
					return
				case err != nil:
					came[i] = cameOf{true, all[i].Product, "asks for nothing", ""}
				case outcome.Success():
					came[i] = cameOf{asked: true}
					served.Store(true)
				default:
					came[i] = cameOf{true, product, outcome.String(), f.Transfers[len(f.Transfers)-1].Request.URL()}
					if outcome.Unanswered() {
						silent.Add(1)
					}
				}
			}
		})
	}
	asking.Wait()
	return ofList(all, came)
}

// ofList sums up all results by product and outcome, with examples.
func ofList(all []check.Phone, came []cameOf) check.Finding {
	asked, bad := 0, 0
	counts := map[string]int{}
	var examples []string
	for i, c := range came {
		if c.asked {
			asked++
		}
		if c.outcome == "" {
			continue
		}
		bad++
		counts[c.product+" "+c.outcome]++
		if len(examples) < mostExamples {
			examples = append(examples, strings.TrimSpace(fmt.Sprintf("%s (%s) %s %s", all[i].MAC, c.product, c.outcome, c.url)))
		}
	}
	missed := ""
	if asked < len(all) {
		missed = fmt.Sprintf("%d of %d phones were asked for; the time was over, or none of the first got an answer", asked, len(all))
	}
	if bad > 0 {
		var words []string
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			words = append(words, fmt.Sprintf("%d %s", counts[what], what))
		}
		return check.Fail("a configuration for each phone of the list", "%s; such as %s",
			strings.Join(words, ", "), strings.Join(examples, "; ")).With("%s", missed)
	}
	if missed != "" {
		return check.Errorf("%s", missed)
	}
	return check.Pass("%d phones have their configuration", len(all))
}
