package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/nearest"
)

// flagError says what is wrong with a flag, in the words of this program.
func flagError(fs *pflag.FlagSet, err error) error {
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var alone *pflag.ValueRequiredError
	switch {
	case errors.As(err, &missing) && len(missing.GetSpecifiedName()) == 1:
		return fmt.Errorf("unknown flag -%s", missing.GetSpecifiedName())
	case errors.As(err, &missing):
		if near, ok := nearest.Name(missing.GetSpecifiedName(), flagNames(fs)); ok {
			return fmt.Errorf("unknown flag --%s, did you mean --%s?", missing.GetSpecifiedName(), near)
		}
		return fmt.Errorf("unknown flag --%s", missing.GetSpecifiedName())
	case errors.As(err, &invalid):
		name := invalid.GetFlag().Name
		if want := wanted(invalid.GetFlag().Value.Type()); want != "" {
			return fmt.Errorf("--%s %q, want %s", name, invalid.GetValue(), want)
		}
		return fmt.Errorf("--%s: %w", name, invalid.Unwrap())
	case errors.As(err, &alone):
		return fmt.Errorf("--%s has no value", alone.GetSpecifiedName())
	}
	return err
}

// wanted describes the values of a flag's type. It is empty for a type whose own
// error does.
func wanted(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "uint64":
		return "a whole number from 0"
	case "float64":
		return "a number"
	case "duration":
		return "a time such as 90s or 1h30m"
	case "count":
		return "a whole number such as 20000, or 20k"
	}
	return ""
}

// emptyIsNoRule are the flags whose empty value means something: no rule.
var emptyIsNoRule = map[string]bool{"profile-rule": true, "upgrade-rule": true}

// checkEmpty refuses a flag without a value, which is most often a shell variable
// that is not set.
func checkEmpty(fs *pflag.FlagSet) (err error) {
	fs.Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		if (value == "" || value == "[]") && !emptyIsNoRule[f.Name] && err == nil {
			err = usage(fmt.Errorf("--%s is empty, want a value", f.Name), "leave the flag out, or check the shell variable that it takes")
		}
	})
	return err
}

// count is a number of things: 20000, 20k or 2M.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }
func (c *count) Type() string   { return "count" }

func (c *count) Set(text string) error {
	digits, factor := text, 1
	switch {
	case strings.HasSuffix(text, "k"):
		digits, factor = text[:len(text)-1], 1000
	case strings.HasSuffix(text, "M"):
		digits, factor = text[:len(text)-1], 1_000_000
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	*c = count(int(n) * factor)
	return err
}

// valueRange is what a flag takes.
type valueRange[T int | int64 | time.Duration] struct {
	flag             string
	value, low, high T
}

// check refuses a value out of the range, if the flag is given.
func (r valueRange[T]) check(given func(string) bool) error {
	if given(r.flag) && (r.value < r.low || r.value > r.high) {
		return usage(fmt.Errorf("--%s %v, want %v to %v", r.flag, r.value, r.low, r.high), "")
	}
	return nil
}

// checkListen refuses an address that no server can listen on: want HOST:PORT,
// where the host may be missing.
func checkListen(flag, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, " /") {
		return usage(fmt.Errorf("--%s %q, want ADDRESS:PORT with a port from 0 to 65535, such as 127.0.0.1:8000", flag, address), "")
	}
	return nil
}

// cannotListen is the error of a server that has no address.
func cannotListen(flag string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "another program uses that address"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		hint = "want an address of this machine"
	case errors.Is(err, syscall.EACCES):
		hint = "a port below 1024 needs privileges"
	}
	if flag != "" {
		err = fmt.Errorf("--%s: %w", flag, err)
	}
	return cannot(err, hint)
}
