package rule_test

import (
	"errors"
	"fmt"

	"provsim/macro"
	"provsim/profile/rule"
)

func ExampleParse() {
	phone := macro.Map{"MA": "0021f2011b19", "PN": "IP542N"}
	r, err := rule.Parse("[--key ‘123456’] http://neptune.speak.net:8080/prov/$PN/$MA.conf")
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := r.Expand(phone, macro.Sipura).Target("")
	fmt.Println(r.Redacted())
	fmt.Println(target.Scheme, target.Host, target.Port, target.Path, err)
	// Output:
	// [--key ******]http://neptune.speak.net:8080/prov/$PN/$MA.conf
	// http neptune.speak.net 8080 /prov/IP542N/0021f2011b19.conf <nil>
}

func ExampleError() {
	_, err := rule.Parse("[--key 123456]htp://prov.call.com/CW$MA.conf")
	var wrong *rule.Error
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
		r, extended, err := rule.ParseOption66(value, "$PN.conf")
		fmt.Println(r, extended, err)
	}
	// Output:
	// tftp://192.168.20.151/$PN.conf false <nil>
	// http://prov.call.com/cpe/$PN.conf true <nil>
}
