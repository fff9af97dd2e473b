package vendor

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

var polycom = []check.Check{listedFile, pageForName, hiddenByFirst, polledAtOnce, rebootsForKey}

var listedFile = check.Check{
	ID:          "polycom/1",
	Title:       "each file that the master names is there",
	Requirement: "What CONFIG_FILES lists is there and well-formed: a phone goes on without a file that is not, and may end up without its account.",
	Source:      "PC-FILE-2, PC-CFG-1; Administrator's Guide SIP 2.0",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "serve the file under exactly the name that CONFIG_FILES has, or take the name out of the list"}},
	Run: onFiles("every listed file", func(_ context.Context, _ *check.Probe, f *check.File) (faults []string, _ error) {
		master := ""
		for i := range f.Transfers {
			switch t := &f.Transfers[i]; {
			case t.Request.Class != device.ConfigClass || t.Request.Method != device.Read || t.Expected:
			case t.Found() && master == "":
				master = t.Name()
			case t.Found() || master == "" || isPage(t.Reply.Body) || t.Fault == resync.BadKey:
			case t.Fault != resync.None:
				faults = append(faults, t.Name()+": "+t.Note)
			default:
				faults = append(faults, fmt.Sprintf("%s is %v", t.Name(), t.Reply.Outcome))
			}
		}
		return faults, nil
	}),
}

var pageForName = check.Check{
	ID:          "polycom/2",
	Title:       "what is not there is a 404 and no page",
	Requirement: "A name that the server does not have is answered with 404: phones take a page in the place of an image for another image, and in the place of a master for a bad one.",
	Source:      "PC-FILE-11, PC-IMG-1, PC-FILE-2",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "answer names that you do not serve with 404 and no page of an application"},
		check.Nginx:     {In: "server", Config: `location ~ \.(cfg|ld|xml)$ { try_files $uri =404; }`},
		check.Apache:    {In: "Directory", Config: "FallbackResource disabled"},
	},
	Run: onTransfers("files, or 404", func(t *check.Transfer) string {
		if t.Reply.Outcome == resync.None && isPage(t.Reply.Body) {
			return "an HTML page"
		}
		return ""
	}),
}

// isPage reports whether a body is HTML.
func isPage(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

var hiddenByFirst = check.Check{
	ID:          "polycom/3",
	Title:       "the phone's own file stands before the common ones",
	Requirement: "Of a parameter that several files of CONFIG_FILES have, the first one counts: a common file that stands first hides what the phone's own file says.",
	Source:      "PC-CFG-2; Administrator's Guide SIP 3.1, appendix A",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "list the phone's own file first in CONFIG_FILES"}},
	Run: onFiles("the phone's own values", func(_ context.Context, _ *check.Probe, f *check.File) (faults []string, _ error) {
		common := map[string]string{} // the common file that has a parameter first, by parameter
		values := map[string]string{}
		for _, l := range listed(f) {
			own := strings.Contains(strings.ToLower(l.name), f.Request.From.MAC.String())
			for name, value := range l.config.All() {
				before, known := values[name]
				if file := common[name]; own && file != "" && before != value {
					faults = append(faults, fmt.Sprintf("%s of %s does not count, because %s stands before it", name, l.name, file))
				}
				if !known {
					values[name] = value
					if !own {
						common[name] = l.name
					}
				}
			}
		}
		return faults, nil
	}),
}

// listedConfig is a file of CONFIG_FILES that the phone takes.
type listedConfig struct {
	name   string
	config profile.Config
}

// listed returns the files of CONFIG_FILES in their order: those after the master, whose
// name may come twice, without the overrides.
func listed(f *check.File) (all []listedConfig) {
	master := ""
	for i := range f.Transfers {
		t := &f.Transfers[i]
		name := t.Name()
		switch {
		case !t.Found() || name == master || strings.HasSuffix(name, "-phone.cfg") || strings.HasSuffix(name, "-web.cfg"):
		case master == "":
			master = name
		default:
			if config, err := t.Request.By.Parse(t.Reply.Body); err == nil {
				all = append(all, listedConfig{name, config})
			}
		}
	}
	return all
}

var polledAtOnce = check.Check{
	ID:          "polycom/4",
	Title:       "polls of a fleet are spread",
	Requirement: "With prov.polling.mode abs, which counts if nothing is said, all phones ask in the same second of the day.",
	Source:      "PC-POLL-2; UC Software Administrator Guide",
	Level:       check.Should,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: `write prov.polling.mode="random", with prov.polling.time and prov.polling.timeRandomEnd as its window`}},
	Run: onFiles("polls at times of their own, or none", func(_ context.Context, _ *check.Probe, f *check.File) ([]string, error) {
		first := map[string]string{}
		for _, l := range listed(f) {
			for _, name := range []string{"prov.polling.enabled", "prov.polling.mode", "prov.polling.time"} {
				if value, has := l.config.Get(name); has && first[name] == "" {
					first[name] = value
				}
			}
		}
		if mode := first["prov.polling.mode"]; first["prov.polling.enabled"] != "1" || mode != "" && mode != "abs" {
			return nil, nil
		}
		return []string{fmt.Sprintf("all phones poll at %.10q", cmp.Or(first["prov.polling.time"], "03:00"))}, nil
	}),
}

var rebootsForKey = check.Check{
	ID:          "polycom/5",
	Title:       "an encrypted file opens with the phone's key",
	Requirement: "A file that the phone cannot decrypt lets it reboot, again and again, until the server has one that it can.",
	Source:      "PC-ENC-1, PC-ENC-3; Administrator's Guide SIP 2.2, appendix C",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "encrypt with the key and the KeyDesc that the phone has, or serve the file as it is; tell the check the key with --set 'device.sec.configEncryption.key=Crypt=1;KeyDesc=NAME;Key=32 hex digits;'"}},
	Run:         onFault("files that open", resync.BadKey),
}
