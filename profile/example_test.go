package profile_test

import (
	"errors"
	"fmt"

	"provsim/macro"
	"provsim/profile"
)

func ExampleParseRule() {
	phone := macro.Map{"MA": "0021f2011b19", "PN": "IP542N"}
	rule, err := profile.ParseRule("[--key ‘123456’] http://neptune.speak.net:8080/prov/$PN/$MA.conf")
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := rule.Expand(phone, macro.Sipura).Target("")
	fmt.Println(rule.Redacted())
	fmt.Println(target.Scheme, target.Host, target.Port, target.Path, err)
	// Output:
	// [--key ******]http://neptune.speak.net:8080/prov/$PN/$MA.conf
	// http neptune.speak.net 8080 /prov/IP542N/0021f2011b19.conf <nil>
}

func ExampleRuleError() {
	_, err := profile.ParseRule("[--key 123456]htp://prov.call.com/CW$MA.conf")
	var wrong *profile.RuleError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Caret())
		fmt.Println(wrong)
	}
	// Output:
	// [--key ******]htp://prov.call.com/CW$MA.conf
	//               ^
	// column 15: found "htp", want one of http, https and tftp before ://; http is probably meant
}

func ExampleParseOption66() {
	for _, value := range []string{"192.168.20.151", "http://prov.call.com/cpe/"} {
		rule, extended, err := profile.ParseOption66(value, "$PN.conf")
		fmt.Println(rule, extended, err)
	}
	// Output:
	// tftp://192.168.20.151/$PN.conf false <nil>
	// http://prov.call.com/cpe/$PN.conf true <nil>
}

func ExampleConfig_Merge() {
	stored, _ := profile.ParseConfig([]byte("DBID_DBASE_VERSION=2207\nDBID_IPMODE=0\n"))
	file, _ := profile.ParseConfig([]byte("DBID_DBASE_VERSION=2208\n"))
	fmt.Printf("%s", stored.Merge(file).Append(nil))
	// Output:
	// DBID_DBASE_VERSION=2208
	// DBID_IPMODE=0
}

func ExampleLint() {
	table := profile.NewTable([]profile.Parameter{
		{Name: "DBID_DBASE_VERSION", Type: profile.Version},
		{Name: "DBID_RESYNC_PERIODIC", Web: "Resync Periodic", Type: profile.Seconds},
	})
	body := []byte("DBID_DBASE_VERSION=2207\nDBID_RESYNC_PERIODIC=hourly\n")
	for _, finding := range profile.Lint("IP542N.conf", body, table) {
		fmt.Println(finding)
	}
	// Output:
	// IP542N.conf:2:22: DBID_RESYNC_PERIODIC: found "hourly", want whole seconds from 0 to 2147483647 (the phone keeps its old value)
}
