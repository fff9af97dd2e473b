package phone

import (
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"provsim/device"
	"provsim/internal/web/app"
)

// securityView is the data of the Administration/Security page.
type securityView struct {
	Types     []updateType
	Installed []installed
	Software  string
	Image     bool // the page takes a firmware image
	Version   string
	Stored    int // settings
	BootTime  string
}

func (p *Page) securityPage(w http.ResponseWriter, r *http.Request) error {
	return p.showSecurity(w, r, http.StatusOK, nil)
}

func (p *Page) showSecurity(w http.ResponseWriter, r *http.Request, status int, n *app.Notice) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	return p.app.Render(w, r, app.Page{
		Name: "security", Title: "Administration/Security", Status: status, Notice: n,
		Data: securityView{
			Types: updateTypes, Installed: describe(certificates(s.stored), time.Now()), Software: s.status.Identity.Software,
			Image:   s.model.Personality.TakesImage,
			Version: s.stored.Version, Stored: s.stored.Config.Len(), BootTime: spoken(int64(p.model.BootTime.Seconds() + 0.5)),
		},
	})
}

// certificates returns what was uploaded to a phone.
func certificates(s *device.Stored) *device.Certificates {
	if s.Certificates == nil {
		return &device.Certificates{}
	}
	return s.Certificates
}

// answer shows the page again, with the result of an upload.
func (p *Page) answer(w http.ResponseWriter, r *http.Request, good, warning string, err error) error {
	if known, ok := err.(*app.Error); ok {
		return p.showSecurity(w, r, http.StatusUnprocessableEntity, &app.Notice{Kind: "bad", Text: sentence(known.Text)})
	}
	if err != nil {
		return err
	}
	kind := "good"
	if warning != "" {
		kind, good = "warn", good+"\n"+warning
	}
	app.Of(r).Tell(kind, good)
	http.Redirect(w, r, "/security", http.StatusSeeOther)
	return nil
}

// uploaded reads the file of a form.
func uploaded(r *http.Request) (name string, body []byte, err error) {
	files := []*multipart.FileHeader{}
	if r.MultipartForm != nil {
		files = r.MultipartForm.File["file"]
	}
	if len(files) != 1 {
		return "", nil, app.BadRequest("no file was chosen")
	}
	file, err := files[0].Open()
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	body, err = io.ReadAll(file)
	if err == nil && len(body) == 0 {
		err = app.BadRequest("the file has no bytes")
	}
	return files[0].Filename, body, err
}

func (p *Page) uploadCertificate(w http.ResponseWriter, r *http.Request) error {
	u, ok := findUpdateType(r.PostFormValue("type"))
	if !ok {
		return p.answer(w, r, "", "", app.BadRequest("an Update Type has to be chosen"))
	}
	_, body, err := uploaded(r)
	if err != nil {
		return p.answer(w, r, "", "", err)
	}
	warning, err := p.install(r, u, body, r.PostFormValue("pass"))
	return p.answer(w, r, u.Title+" is stored.", warning, err)
}

// install stores a file of an update type after its checks.
func (p *Page) install(r *http.Request, u updateType, body []byte, pass string) (warning string, err error) {
	if len(body) > certificateLimit {
		return "", &app.Error{Status: http.StatusRequestEntityTooLarge, Text: "the file is too large for a certificate"}
	}
	s, err := p.look(r.Context())
	if err != nil {
		return "", err
	}
	next, warning, err := u.upload(*certificates(s.stored), body, pass, time.Now())
	if err != nil {
		return "", err
	}
	p.tell(device.Input{Kind: device.Configure, Certificates: &next})
	return warning, nil
}
