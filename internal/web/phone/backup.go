package phone

import (
	"context"
	"fmt"
	"mime"
	"net/http"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/profile"
)

// downloadConfig answers with the stored settings as a configuration file.
func (p *Page) downloadConfig(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": s.fileName()}))
	w.Write(s.backup())
	return nil
}

// fileName is what the vendor's phones ask for as a file of their own.
func (s *snapshot) fileName() string {
	p := s.model.Personality
	for i := range p.Tree.Files {
		if f := &p.Tree.Files[i]; f.Own && f.Class == device.ConfigClass && f.Name != "" {
			return p.TreeName(f, s.status.Identity)
		}
	}
	return s.status.Identity.MAC.String() + ".conf"
}

// backup returns all that a file of the vendor's format can restore, with the version:
// to the phone, the server's file of that version is then unchanged.
func (s *snapshot) backup() []byte {
	config := s.stored.Config
	if v, ok := s.model.Parameters.First(profile.Version); ok && s.stored.Version != "" {
		if with, err := config.With(v.Name, s.stored.Version); err == nil {
			config = with
		}
	}
	return s.model.Personality.Tree.Write(s.stored.Version, config, nil)
}

func (p *Page) uploadConfig(w http.ResponseWriter, r *http.Request) error {
	_, body, err := uploaded(r)
	if err != nil {
		return p.answer(w, r, "", "", err)
	}
	n, leftOut, err := p.restore(r.Context(), body)
	good := fmt.Sprintf("%d settings of the file are stored. They take effect when the phone reboots.", n)
	return p.answer(w, r, good, list(leftOut), err)
}

// restore stores the settings of a file. It leaves out what the phone would not
// apply, and says so (FV-CFG-2, FV-CFG-5). The version may be the stored one,
// because a person asks for the change.
func (p *Page) restore(ctx context.Context, body []byte) (n int, leftOut []string, err error) {
	s, err := p.look(ctx)
	if err != nil {
		return 0, nil, err
	}
	config, err := s.model.Personality.Parse(body)
	if err != nil {
		return 0, nil, app.BadRequest("it is not a configuration: " + err.Error())
	}
	for _, bad := range config.Bad() {
		leftOut = append(leftOut, fmt.Sprintf("Line %d is left out: %s.", bad.Line, bad.Why))
	}
	good := config.Filter(func(name, value string) bool {
		known, ok := s.model.Parameters.Named(name)
		if !ok {
			return true
		}
		err := s.model.Personality.Check(s.model.Quirks, known, value)
		if err != nil {
			leftOut = append(leftOut, fmt.Sprintf("%s is left out: %v.", name, err))
		}
		return err == nil
	})
	if good.Len() > 0 {
		p.tell(device.Input{Kind: device.Configure, Config: good})
	}
	return good.Len(), leftOut, nil
}
