// The dashboard's numbers: live by events; when those fail, asked for every five seconds.
import { call } from "./api.js";
import { enhance } from "./app.js";
import { follow } from "./events.js";
import { bytes, number, seconds } from "./format.js";

const formats = {
  bytes, number, seconds,
  gigabytes: (value) => bytes(value * 1073741824),
  megabytes: (value) => bytes(value * 1048576),
  percent: (value) => `${Math.round(value)} %`,
  tail: (value) => `…${value.slice(-6)}`,
  text: (value) => value ?? "–",
  list: (value) => value.join(", "),
  sizes: (value) => Object.entries(value).map(([name, pixels]) => `${name} ${number(pixels)} px`).join(", "),
};

const pick = (data, path) => path.split(".").reduce((part, name) => part?.[name], data);

/// What belongs to `root` itself: the rows of a list in it are bound to their own items.
const own = (root, selector) => [...root.querySelectorAll(selector)].filter((element) => !root.contains(element.closest("[data-each]")));

function bind(root, data) {
  for (const element of own(root, "[data-bind]")) {
    const value = pick(data, element.dataset.bind);
    const text = String(formats[element.dataset.format ?? "text"](value ?? null));
    if (element.textContent !== text) element.textContent = text;
    element.classList.remove("skeleton");
  }
  for (const bar of own(root, "[data-meter]")) {
    const value = pick(data, bar.dataset.meter) ?? 0;
    bar.firstElementChild.style.setProperty("--part", Math.min(100, value));
    bar.dataset.level = value >= 90 ? "high" : "";
    bar.setAttribute("aria-valuenow", Math.round(value));
  }
}

function rows(list, items) {
  const template = list.querySelector("template");
  const made = items.map((item) => {
    const row = template.content.firstElementChild.cloneNode(true);
    bind(row, item);
    for (const link of row.querySelectorAll("[data-link]")) link.href = `${link.dataset.link}${item.job_id}`;
    for (const time of row.querySelectorAll("[data-time]")) {
      const value = item[time.dataset.time];
      if (value) time.setAttribute("datetime", value); else time.textContent = "–";
    }
    for (const status of row.querySelectorAll("[data-status]")) status.dataset.status = item.status ?? "failed";
    return row;
  });
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(template, ...made);
  enhance(list);
  if (focused) list.querySelector(`a[href="${focused}"]`)?.focus();
}

function sparkline(svg, values) {
  const top = Math.max(1, ...values);
  const points = values.map((value, index) => `${((index * 300) / (values.length - 1)).toFixed(1)},${(60 - (value * 56) / top).toFixed(1)}`);
  svg.querySelector(".area").setAttribute("d", `M0,60 L${points.join(" L")} L300,60 Z`);
  svg.querySelector(".line").setAttribute("d", `M${points.join(" L")}`);
  const sum = values.reduce((all, value) => all + value, 0);
  svg.setAttribute("aria-label", `Uploads per minute in the last hour: ${sum} in all, at most ${top} in a minute`);
  return { sum, top };
}

/// What needs a person, in words.
function troubles(data, isReady) {
  const all = [];
  if (!isReady) all.push("a part that the server needs does not answer");
  if (data.system.resources.disk_root.percent >= 90) all.push(`the disk is ${Math.round(data.system.resources.disk_root.percent)} % full`);
  if (data.celery.status !== "healthy") all.push("no worker runs in this process");
  if (data.errors.error_summary.last_hour) all.push(`${number(data.errors.error_summary.last_hour)} failed in the last hour`);
  return all;
}

async function draw(board, data) {
  const isReady = await fetch("/health/ready").then((response) => response.ok, () => false);
  bind(board, data);
  const found = troubles(data, isReady);
  const verdict = board.querySelector(".verdict");
  verdict.dataset.state = found.length ? "bad" : "good";
  verdict.querySelector("strong").textContent = found.length ? "Needs a look" : "All is well";
  verdict.querySelector("[data-part=why]").textContent = found.length ? `${found.join("; ")}.` : "Every part answers, and nothing failed in the last hour.";
  for (const icon of verdict.querySelectorAll("[data-for]")) icon.toggleAttribute("hidden", icon.dataset.for !== verdict.dataset.state);
  const { sum, top } = sparkline(board.querySelector(".spark"), data.processing.uploads_per_minute);
  board.querySelector("[data-part=hour]").textContent = `${number(sum)} in the last hour, at most ${number(top)} a minute`;
  for (const list of board.querySelectorAll("[data-each]")) {
    const items = pick(data, list.dataset.each);
    const key = JSON.stringify(items);
    if (list.dataset.key !== key) rows(list, items);
    list.dataset.key = key;
    list.closest("section").querySelector("[data-part=none]").hidden = items.length > 0;
    list.closest("table").hidden = items.length === 0;
  }
  board.removeAttribute("aria-busy");
}

export async function start(board) {
  const line = board.querySelector(".live");
  let isLive = false;
  let left = 0;
  const say = (text) => { if (line.textContent !== text) line.textContent = text; };
  const poll = async () => {
    if (isLive || document.hidden || !board.isConnected) return;
    if (left > 0) { say(`Not live; asking again in ${left} s`); left -= 1; return; }
    left = 5;
    try { await draw(board, await (await call("/dashboard/data")).json()); } catch (error) { say(error.message); }
  };
  setInterval(poll, 1000);
  poll();
  try {
    await follow("/dashboard/events", async (data) => {
      await draw(board, data);
      say("Live");
      return !board.isConnected;
    }, {
      onState: (state) => { isLive = state; },
    });
  } catch (error) { isLive = false; say(error.message); }
}
