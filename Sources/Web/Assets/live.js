// Keeps a part of a page up to date: the server draws it, this fetches it again. With `data-events` at each event of
// that address, else every `data-every` milliseconds while the page is seen. `data-done` ends it.
import { page } from "./api.js";
import { enhance, toast } from "./app.js";
import { follow } from "./events.js";

/// Takes the fresh state of the part with this id; focus stays on what has the same id or address.
export async function refresh(id, url = location.href) {
  const fresh = (await page(url)).getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old) return old;
  enhanceQuietly(fresh);
  if (signature(fresh) === signature(old)) return old;
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const again = active && (active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") && `a[href="${CSS.escape(active.getAttribute("href"))}"]`);
  // The modules of the old one go on with the new one, so it must not start them again.
  if ("started" in old.dataset) fresh.dataset.started = fresh.dataset.ready = "";
  old.replaceWith(fresh);
  enhance(fresh);
  if (again) fresh.querySelector(again)?.focus();
  return fresh;
}

function enhanceQuietly(fresh) { fresh.querySelectorAll("[data-started]").forEach((element) => delete element.dataset.started); }

/// Compares what the server drew; what scripts changed since (relative times, canvases) does not count.
function signature(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("canvas").forEach((canvas) => canvas.remove());
  copy.querySelectorAll("time").forEach((time) => { time.textContent = ""; time.removeAttribute("title"); });
  copy.querySelectorAll("[data-drawn], [data-started]").forEach((part) => {
    for (const name of ["drawn", "started", "ready"]) delete part.dataset[name];
  });
  return copy.innerHTML;
}

export function start(element) {
  const { id } = element;
  const { events, every } = element.dataset;
  if ("done" in element.dataset) return;
  const update = async () => {
    const now = await refresh(id);
    return !now || "done" in now.dataset;
  };
  if (events) {
    follow(events, update).catch((error) => toast(error.message));
  } else {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      try { if (await update()) clearInterval(timer); } catch { /* the health dot tells */ }
    }, Number(every));
  }
}

