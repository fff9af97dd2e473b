//go:build !unix

package main

func ignoreTerminal() {}
