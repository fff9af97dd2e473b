package files_test

import "provsim/conform/internal/testing/proof"

var lineMutants = proof.Mutants{
	"files/3": {
		Setup:    added("this is no setting\n"),
		Expected: "lines NAME=value", Actual: "0021f2011b1a: line 15 is skipped",
	},
	"files/4": {
		Setup:    added("DBID_WEB_SIP_SERVER_PORT=5060\n"),
		Expected: "each name in one line", Actual: "0021f2011b1a: line 15: DBID_WEB_SIP_SERVER_PORT is also in line 9",
	},
	"files/5": {
		Setup:    added("DBID_PROFLE_RULE=x\n"),
		Expected: "names that phones know", Actual: `line 15: unknown name "DBID_PROFLE_RULE", probably DBID_PROFILE_RULE`,
	},
	"files/6": {
		Setup:    edited("SERVER_PORT=5060", "SERVER_PORT=0"),
		Expected: "values that the phone takes", Actual: "DBID_WEB_SIP_SERVER_PORT in line 9",
	},
	"files/7": {
		Setup:    added("DBID_RINGTONE={{ ringtone }}\n"),
		Expected: "values as the phone is to have them", Actual: "DBID_RINGTONE in line 15 has marks of a template or a comment",
	},
	"files/7 manual": {
		Setup:    added("DBID_IPMODE=1 /0 is static, 1 is DHCP/\n"),
		Expected: "values as the phone is to have them", Actual: "DBID_IPMODE in line 15 has marks of a template or a comment",
	},
	"files/7 nothing": {
		Setup:    edited("DIS_NAME=Hall 72726", "DIS_NAME=None"),
		Expected: "values as the phone is to have them", Actual: "DBID_SIP_DIS_NAME in line 4 has marks of a template or a comment",
		Also: []string{"files/11"}, // the display name is what has changed
	},
}
