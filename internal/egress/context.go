package egress

import "context"

type deviceKey struct{}

// WithDevice says for which device a transfer is, numbered from 0. [Dialer]
// takes the source address by it; a context without a device is device 0's.
func WithDevice(ctx context.Context, device int) context.Context {
	return context.WithValue(ctx, deviceKey{}, device)
}

// DeviceOf returns the device that a transfer is for.
func DeviceOf(ctx context.Context) int {
	device, _ := ctx.Value(deviceKey{}).(int)
	return device
}
