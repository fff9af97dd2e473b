// Package inventory says who the devices of a fleet are.
//
// An [Inventory] is made of a scenario: it gives each device its address, product,
// stored settings, site and first start. All of these are functions of the
// device's number, and what is drawn at random depends on the seed and that number
// only. So an inventory holds no list of devices, a device is the same alone and
// among a million, and a [Shard] of a fleet has the devices that the whole has.
package inventory
