package files

import (
	"context"
	"strings"

	"provsim/conform/check"
	"provsim/profile"
)

var secretsClosed = check.Check{
	ID:          "files/26",
	Title:       "passwords are not for everybody",
	Requirement: "A configuration with passwords is encrypted, or given only to who has the phone's certificate or password.",
	Source:      "provisioning guide, sections 4.2 and 4.4; CVE-2017-5260, plain configurations that anybody could fetch",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile},
	Advice: map[check.Server]string{
		check.AnyServer: "provsim encrypt KEY SOURCE DESTINATION and [--key KEY] in the rule; or https with client certificates",
		check.Nginx:     "ssl_client_certificate /etc/nginx/phones-ca.pem; ssl_verify_client on;",
		check.Apache:    "SSLCACertificateFile /etc/apache2/phones-ca.pem and SSLVerifyClient require",
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if p.Target.Policy.Access == check.Open {
			return check.Skip("the policy says that anybody may read the files")
		}
		return readByAnybody(ctx, p)
	},
}

var readByAnybody = eachPhone("nothing secret without key, certificate or password", func(ctx context.Context, p *check.Probe, f *file) ([]string, error) {
	config, _ := profile.ParseConfig(anybody(ctx, p, f.Request, f.Request.Path))
	if names := secrets(config); len(names) > 0 {
		return []string{"anybody reads " + strings.Join(names, ", ")}, ctx.Err()
	}
	return nil, ctx.Err()
})

// secrets returns the names of settings that hold one.
func secrets(config profile.Config) (names []string) {
	for name, value := range config.All() {
		p, _ := known.Named(name)
		rule, _ := profile.ParseRule(value)
		switch {
		case p.Type == profile.Secret && !blank(value):
			names = append(names, name)
		case p.Type == profile.ProfileRule && (rule.Keyed || rule.Password != ""):
			names = append(names, "the key or password in "+name)
		}
	}
	return names
}
