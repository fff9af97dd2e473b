package files

import (
	"context"
	"fmt"

	"provsim/conform/check"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/profile/rule"
)

var secretsClosed = check.Check{
	ID:          "files/26",
	Title:       "no passwords in the clear",
	Requirement: "A configuration with passwords is encrypted, or given only to a client with the phone's certificate or password.",
	Source:      "provisioning guide, sections 4.2 and 4.4; CVE-2017-5260, plain configurations that anybody could fetch",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice: check.Advices{
		check.AnyServer: {Text: "encrypt the file with provsim encrypt KEY SOURCE DESTINATION and write [--key KEY] into the rule; or serve it over https with client certificates"},
		check.Nginx: {In: "server", Config: `ssl_client_certificate /etc/nginx/phones-ca.pem;
ssl_verify_client on;`},
		check.Apache: {In: "VirtualHost", Config: `SSLCACertificateFile /etc/apache2/phones-ca.pem
SSLVerifyClient require`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if p.Target.Policy.Access == check.Open {
			return check.Skip("the policy says that anybody may read the files")
		}
		files, err := fetched(ctx, p)
		switch {
		case err != nil:
			return check.Errorf("%w", err)
		case len(files) == 0:
			return check.Skip("no phone gets a file: see files/1")
		}
		return readByAnybody(ctx, p, files)
	},
}

// readByAnybody is the finding of what a client gets without certificate and
// password.
func readByAnybody(ctx context.Context, p *check.Probe, files []*file) check.Finding {
	var faults, unknown []string
	for _, f := range files {
		body := anybody(ctx, p, f.Request, f.Request.Path)
		if err := ctx.Err(); err != nil {
			return check.Errorf("phone %s: %w", f, err)
		}
		c := recognise(body)
		names := c.secrets()
		if c.own {
			config, _ := vendors.Default().Parse(body)
			names = secrets(config)
		}
		switch {
		case len(names) > 0 && c.own:
			faults = append(faults, f.String()+": anybody reads "+list(names))
		case len(names) > 0:
			faults = append(faults, fmt.Sprintf("%s: anybody reads passwords in the clear, in the format %s: %s", f, c.format, list(names)))
		case len(body) > 0 && c.format == "":
			unknown = append(unknown, f.String())
		}
	}
	switch {
	case len(faults) > 0:
		return check.Fail("nothing secret without key, certificate or password", "%s", list(faults))
	case len(unknown) > 0:
		return check.Skip("anybody reads files %s, in which passwords may be: %s", unknownFormat, list(unknown))
	}
	return check.Pass("%d files", len(files))
}

// secrets returns the names of settings that hold one.
func secrets(config profile.Config) (names []string) {
	for name, value := range config.All() {
		p, _ := known.Named(name)
		r, _ := rule.Parse(value)
		switch {
		case p.Type == profile.Secret && !blank(value):
			names = append(names, name)
		case p.Type == rule.Profile && (r.Keyed || r.Password != ""):
			names = append(names, "the key or password in "+name)
		}
	}
	return names
}
