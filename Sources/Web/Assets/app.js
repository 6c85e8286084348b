// What every page has: theme, shortcuts, token, copying, health, and the parts that ask for a module of their own.
import { authorization, token } from "./api.js";
import { times } from "./format.js";
import { placeholders } from "./thumbhash.js";

const find = (selector) => document.querySelector(selector);

/// Brings what was just put into the page to life; safe to call again.
export function enhance(root) {
  times(root);
  placeholders(root);
  for (const element of root.querySelectorAll("[data-module]:not([data-started])")) {
    if (element.dataset.module === "shell") continue;
    element.dataset.started = "";
    import(`./${element.dataset.module}.js`).then((module) => {
      module.start(element);
      element.dataset.ready = "";
    });
  }
}

export function toast(text) {
  const line = find(".toast");
  line.textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { line.textContent = ""; }, 4000);
}

function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  dispatchEvent(new CustomEvent("theme", { detail: theme }));
  toast(`Theme: ${theme}`);
}

async function copy(button) {
  const auth = token.get() ? ` -H "Authorization: Bearer $TOKEN"` : "";
  const text = button.dataset.copy.replaceAll("{origin}", location.origin).replaceAll("{auth}", auth);
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast(`Copy this: ${text}`);
  }
}

function openAccount() {
  const visitor = find(".top").dataset.visitor;
  const who = token.get() ? "A token is in use in this tab." : visitor ? `You are ${visitor}, because you sit at this machine.` : "Nobody yet: show a token.";
  find("#account [data-part=who]").textContent = who;
  find("#account").showModal();
}

/// Pages are fetched without the token, because a browser sends none when it navigates; with one in this tab the page
/// is fetched again and takes the place of what a stranger sees.
async function showAsVisitor() {
  if (!token.get() || find(".top").dataset.visitor) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html", ...authorization() } });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.status === 401) { token.set(null); toast("This token was not accepted."); return; }
  for (const selector of ["main", ".top .account"]) find(selector).replaceWith(fresh.querySelector(selector));
  find(".top").dataset.visitor = fresh.querySelector(".top").dataset.visitor;
  document.title = fresh.title;
  enhance(find("main"));
}

async function useToken(form) {
  token.set(new FormData(form).get("token").trim());
  find(".top").dataset.visitor = "";
  find("#account").close();
  form.reset();
  await showAsVisitor();
}

async function checkHealth() {
  const mark = find(".health");
  let state = "bad", words = "Server not reached";
  try {
    const response = await fetch("/health/ready");
    state = response.ok ? "good" : "bad";
    words = response.ok ? "Healthy" : "Not ready";
  } catch { /* said by the words */ }
  mark.dataset.state = state;
  mark.title = words;
  mark.querySelector("span").textContent = words;
}

let leader = 0;

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select") || find("dialog[open]")) return;
  const afterG = Date.now() - leader < 1200;
  leader = 0;
  const places = { h: "/", m: "/memes", j: "/jobs", d: "/dashboard/" };
  const actions = {
    "/": () => (find("main .search input") ?? find(".search input")).focus(),
    "?": () => find("#shortcuts").showModal(),
    t: switchTheme,
    u: () => { location.href = "/upload"; },
    g: () => { leader = Date.now(); },
  };
  const action = afterG && places[event.key] ? () => { location.href = places[event.key]; } : actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-action]");
  if (!button) return;
  if (button.dataset.copy) copy(button);
  if (button.dataset.action === "theme") switchTheme();
  if (button.dataset.action === "account") openAccount();
});
document.addEventListener("submit", (event) => {
  if (event.target.dataset.action !== "token") return;
  event.preventDefault();
  useToken(event.target);
});
document.addEventListener("keydown", onKey);
addEventListener("offline", () => toast("You are offline. What runs on the server goes on."));
addEventListener("online", () => toast("You are online again."));

enhance(document);
showAsVisitor();
checkHealth();
setInterval(() => { if (!document.hidden) checkHealth(); }, 30000);
setInterval(() => times(document), 10000);

