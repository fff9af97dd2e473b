package limits

import "time"

// Thresholds say when this machine was the limit. Shares are of 1; a threshold
// that is not above 0 is not watched.
type Thresholds struct {
	LagP99 time.Duration // of a hundred starts, one may be later than this
	LagMax time.Duration // no device may be later than this with whatever it does
	Memory float64       // share of the memory that the process can have
	CPU    float64       // share of the processors, over [Thresholds.Window]
	Lacks  int           // failures for lack of something; one more is too many

	Window time.Duration // over which the share of the processors counts
	Near   float64       // share of descriptors, ports, memory and processors from which there is a warning
}

// DefaultThresholds are for load in which seconds matter: where phones wake within a
// random delay of 40 seconds (FV-RS-3), a twentieth of a second makes no difference.
func DefaultThresholds() Thresholds {
	return Thresholds{
		LagP99: 50 * time.Millisecond, LagMax: time.Second,
		Memory: 0.95, CPU: 0.95, Window: 10 * time.Second, Near: 0.8,
	}
}
