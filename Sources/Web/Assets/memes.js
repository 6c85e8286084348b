// Finding memes: searches while one types, adds what follows while one scrolls, copies the n-th picture by its digit.
import { call } from "./api.js";
import { enhance, toast } from "./app.js";
import { copyPicture } from "./clipboard.js";
import { longList } from "./longlist.js";

// Below what a hand notices; equal answers come from the server's cache.
const pause = 120;
// So many memes stay in the page while one scrolls, however many there are.
const mostShown = 300;

export function start(panel) {
  const form = panel.querySelector("form.finder");
  const field = form.elements.q;
  const found = () => document.getElementById("found");
  let stop = new AbortController();
  let timer;
  let shown = address();
  let list;

  function address() {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    return query.size ? `?${query}` : "";
  }

  async function show(query, { isFinal = false } = {}) {
    stop.abort();
    stop = new AbortController();
    found().setAttribute("aria-busy", "true");
    try {
      const response = await call(isFinal ? `/memes${query}` : `/memes/found${query}`, { signal: stop.signal, headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("found");
      found().replaceWith(fresh);
      panel.querySelector("[data-part=summary]").textContent = fresh.dataset.summary;
      enhance(fresh);
      watch();
      history.replaceState(null, "", `/memes${query}`);
      shown = query;
    } catch (error) {
      if (error.name === "AbortError") return;
      found().removeAttribute("aria-busy");
      toast(error.message);
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => { if (address() !== shown) show(address()); }, pause);
  }

  async function now() {
    clearTimeout(timer);
    await show(address(), { isFinal: true });
    found().querySelector(".meme a")?.focus();
  }

  field.addEventListener("input", soon);
  form.addEventListener("change", (event) => { if (event.target !== field) show(address(), { isFinal: true }); });
  form.addEventListener("submit", (event) => { event.preventDefault(); now(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); found().querySelector(".meme a")?.focus(); }
    if (event.key === "Escape" && !field.value) field.blur();
  });

  /// The link to what follows is followed by itself when it comes near.
  const near = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting) return;
    const link = entry.target;
    near.disconnect();
    if (list.goDown()) return watch();
    if (!link.href) return;
    try {
      const response = await call(link.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("found");
      if (!link.isConnected) return;
      fresh.querySelectorAll("kbd").forEach((digit) => digit.remove());
      list.append([...fresh.querySelectorAll(".memes > li")]);
      const further = fresh.querySelector("[rel=next]");
      if (further) link.replaceWith(further); else link.remove();
      watch();
    } catch (error) { toast(error.message); }
  }, { rootMargin: "600px" });

  /// What went above comes back when its place comes near.
  const back = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting && list.goUp()) watch();
  }, { rootMargin: "600px" });

  function watch() {
    near.disconnect();
    back.disconnect();
    const grid = found().querySelector(".memes");
    if (!grid) return;
    if (list?.grid !== grid) list = { grid, ...longList(grid, mostShown, enhance) };
    back.observe(list.spacer);
    const end = found().querySelector("[rel=next]") ?? found().querySelector(".pages");
    if (end) near.observe(end);
  }

  async function copy(meme, name) {
    const what = await copyPicture(meme, name);
    if (!what || !document.querySelector(".top").dataset.visitor) return;
    const body = JSON.stringify({ id: meme.dataset.meme, query: field.value, kind: "sent" });
    call("/feedback", { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => { /* it was copied all the same */ });
  }

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action=copy-picture]");
    if (button) copy(button.closest(".meme"), "the picture");
  });
  document.addEventListener("keydown", (event) => {
    if (!panel.isConnected || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const types = event.target.closest("input, select, textarea");
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    // In the field a digit is a letter of the query, unless Alt is held.
    if (digit && (event.altKey || !types)) {
      const meme = [...found().querySelectorAll(".meme kbd")].find((mark) => mark.textContent === digit)?.closest(".meme");
      if (meme) { event.preventDefault(); copy(meme, `picture ${digit}`); }
    } else if (!types && event.key === "e") {
      form.elements.explain.click();
    } else if (!types && ["ArrowLeft", "ArrowRight"].includes(event.key) && !event.altKey) {
      const all = [...found().querySelectorAll(".meme > a")];
      const at = all.indexOf(document.activeElement);
      all[at < 0 ? 0 : at + (event.key === "ArrowRight" ? 1 : -1)]?.focus();
    } else if (event.key === "Escape" && found().contains(document.activeElement)) {
      field.focus();
    }
  });
  watch();
}
