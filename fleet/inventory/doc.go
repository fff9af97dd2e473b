// Package inventory says who the devices of a fleet are.
//
// An [Inventory] is made of a scenario: it gives each device its address, product,
// stored settings, site and first start. All of these are functions of the seed and the
// device's number. So an inventory holds no list of devices, a device is the same alone
// and among a million, and a [Shard] has the same devices as the whole fleet.
package inventory
