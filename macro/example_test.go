package macro_test

import (
	"fmt"

	"provsim/macro"
)

func ExampleExpand() {
	phone := macro.Map{"MA": "0021f2011b19", "MAU": "0021F2011B19"}
	fmt.Println(macro.Expand("tftp://prov.call.com/cpe/CW$MA.conf", phone, macro.Sipura))
	fmt.Println(macro.Expand("$(MAU:8:2)/$STRANGE$MAU.cfg", phone, macro.Sipura))
	// Output:
	// tftp://prov.call.com/cpe/CW0021f2011b19.conf
	// 1B/$STRANGE0021F2011B19.cfg
}

func ExampleAppend() {
	buf := make([]byte, 0, 64)
	for _, mac := range []string{"0021f2011b19", "0021f2011b1a"} {
		buf = macro.Append(buf[:0], "CW$MA.conf", macro.Map{"MA": mac}, macro.Sipura)
		fmt.Println(string(buf))
	}
	// Output:
	// CW0021f2011b19.conf
	// CW0021f2011b1a.conf
}

func ExampleSyntax_Escape() {
	phone := macro.Map{"MA": "0021f2011b19"}
	escaped := macro.Sipura.Escape("cash$MA")
	fmt.Println(escaped, macro.Expand(escaped, phone, macro.Sipura))
	// Output: cash$$MA cash$MA
}
