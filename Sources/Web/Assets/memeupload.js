// Takes memes by drop, paste or button, and shows each on its way until it can be found.
import { call } from "./api.js";
import { bytes, seconds } from "./format.js";
import { send } from "./transfer.js";

const atOnce = 2;

export function start(panel) {
  const drop = panel.querySelector(".drop");
  const input = panel.querySelector("input[type=file]");
  const list = panel.querySelector(".uploads");
  const waiting = [];
  let running = 0;

  const next = () => {
    while (running < atOnce && waiting.length) {
      running += 1;
      waiting.shift()().finally(() => { running -= 1; next(); });
    }
  };
  const add = (files) => {
    for (const file of files) {
      const card = panel.querySelector("template").content.firstElementChild.cloneNode(true);
      list.append(card);
      const again = () => { waiting.push(() => run(card, file, again)); next(); };
      again();
    }
  };

  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  const over = (event) => { if (panel.isConnected && event.dataTransfer?.types.includes("Files")) { event.preventDefault(); drop.hidden = false; } };
  document.addEventListener("dragenter", over);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.hidden = true; });
  document.addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!panel.isConnected || !event.dataTransfer.files.length) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => { if (panel.isConnected && event.clipboardData.files.length) add(event.clipboardData.files); });
}

async function run(card, file, again) {
  const part = (name) => card.querySelector(`[data-part=${name}]`);
  const say = (text, detail = "") => { part("state").textContent = text; part("detail").replaceChildren(detail); };
  const stop = new AbortController();
  const close = part("close");
  card.dataset.state = "sending";
  part("preview").src = URL.createObjectURL(file);
  part("name").textContent = file.name || "Pasted picture";
  part("size").textContent = bytes(file.size);
  part("progress").hidden = false;
  close.textContent = "Stop";
  close.onclick = () => { stop.abort(); card.remove(); };
  try {
    const { data } = await send(file, {}, {
      url: "/meme",
      signal: stop.signal,
      onProgress: ({ sent, all, speed, left }) => {
        part("progress").max = all;
        part("progress").value = sent;
        say(sent >= all ? "Checking" : "Sending", sent >= all || !speed ? "" : `${bytes(speed)}/s, ${seconds(left)} left`);
      },
    });
    const link = Object.assign(document.createElement("a"), { href: `/memes/${data.id}`, textContent: part("name").textContent });
    part("name").replaceChildren(link);
    close.textContent = "Close";
    close.onclick = () => { stop.abort(); card.remove(); };
    await reading(data, say, part("progress"), stop.signal);
    card.dataset.state = "done";
    part("progress").hidden = true;
  } catch (error) {
    if (error.name === "AbortError") return;
    card.dataset.state = "failed";
    part("progress").hidden = true;
    say(error.message, error.requestID ? `Request ${error.requestID}` : "");
    close.textContent = "Try again";
    close.onclick = again;
  }
}

/// Asks until the meme is read; the server goes on when nobody asks.
async function reading(meme, say, progress, signal) {
  if (!meme.is_new) return say("It was here already");
  progress.removeAttribute("value");
  say("Stored; its words are being read");
  for (let wait = 400; ; wait = Math.min(wait * 1.3, 3000)) {
    await new Promise((done) => setTimeout(done, wait));
    const { data } = await (await call(`/meme/${meme.id}`, { signal })).json();
    if (data.status === "partial") continue;
    if (data.duplicate_of) {
      const link = Object.assign(document.createElement("a"), { href: `/memes/${data.duplicate_of}`, textContent: "Show it" });
      return say("The same picture with the same words was here already", link);
    }
    return say(data.ocr ? "Can be found by its words" : "No words were found on it: give it tags", data.ocr.slice(0, 80));
  }
}
