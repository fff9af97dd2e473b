package http_test

import (
	"provsim/conform/internal/proof"
)

var cachingMutants = proof.Mutants{
	"http/25": {
		Setup:    header("Cache-Control", ""),
		Expected: "Cache-Control: no-store", Actual: "no Cache-Control",
	},
	"http/25 public": {
		Setup:    header("Cache-Control", "public, max-age=3600"),
		Expected: "Cache-Control: no-store", Actual: "Cache-Control: public, max-age=3600",
	},
}
