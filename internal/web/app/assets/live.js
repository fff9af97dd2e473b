// What pages do beyond HTML: they stay up to date, count down, and show a
// preview as one types. Every page works without it.
"use strict";

// fill puts new HTML, made and escaped by the server, into the elements whose ids
// it is for, except where the keyboard is.
function fill(parts) {
  for (const [id, html] of Object.entries(parts)) {
    const element = document.getElementById(id);
    if (!element || element.contains(document.activeElement)) continue;
    element.innerHTML = html;
    start(element);
  }
}

// start turns the seconds that a countdown has left into the instant of its end.
function start(root) {
  for (const c of root.querySelectorAll("[data-left]")) {
    c.end = performance.now() + 1000 * Number(c.dataset.left);
  }
}

// spoken writes seconds as the server does.
function spoken(seconds) {
  const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60;
  if (h > 0) return `${h} h ${m} min ${s} s`;
  return m > 0 ? `${m} min ${s} s` : `${s} s`;
}

function tick() {
  for (const c of document.querySelectorAll("[data-left]")) {
    c.textContent = spoken(Math.max(0, Math.ceil((c.end - performance.now()) / 1000)));
  }
}

// follow keeps a page up to date. A phone that reboots ends the session, so the
// login is what comes after it.
function follow(path) {
  const link = document.getElementById("link");
  const source = new EventSource(path);
  source.addEventListener("parts", event => {
    link.hidden = true;
    fill(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    link.hidden = false;
    if (source.readyState === EventSource.CLOSED) returnTo("/login?next=" + encodeURIComponent(location.pathname));
  });
}

// returnTo goes to a page as soon as there is somebody to show it.
async function returnTo(path) {
  for (;;) {
    try {
      await fetch(path, { cache: "no-store", redirect: "manual" });
      location.assign(path);
      return;
    } catch {
      await new Promise(done => setTimeout(done, 1000));
    }
  }
}

// preview sends a form as it is typed and shows what the server makes of it.
function preview(form) {
  let timer, latest = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++latest;
      try {
        const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (!answer.ok || mine !== latest) return;
        const parts = await answer.json();
        fill(parts);
        mark(form);
      } catch { /* the phone does not answer; Save will say so */ }
    }, 250);
  });
}

// mark tells assistive technology which fields have a fault.
function mark(form) {
  for (const input of form.querySelectorAll("[data-fault]")) {
    const fault = document.getElementById(input.dataset.fault);
    input.setAttribute("aria-invalid", String(fault.querySelector(".wrong") !== null));
  }
}

start(document);
setInterval(tick, 1000);
if (document.body.dataset.live) follow(document.body.dataset.live);
for (const form of document.querySelectorAll("form[data-preview]")) preview(form);
for (const e of document.querySelectorAll("[data-return]")) setTimeout(() => returnTo(e.dataset.return), 2000);
for (const only of document.querySelectorAll("[data-script]")) only.hidden = false;
