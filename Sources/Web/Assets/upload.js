// Takes pictures by drop, paste or button, sends them, and shows each on its way to its sizes.
import { Problem, call, page } from "./api.js";
import { enhance, toast } from "./app.js";
import { follow } from "./events.js";
import { bytes, clock, seconds } from "./format.js";
import { send } from "./transfer.js";

const atOnce = 3;
const words = { pending: "Waiting for a worker", processing: "Making its sizes", retrying: "Will be tried again", completed: "Done", failed: "Failed" };

export function start(panel) {
  const drop = panel.querySelector(".drop");
  const input = panel.querySelector("input[type=file]");
  const list = panel.querySelector(".uploads");
  const waiting = [];
  let running = 0;

  const next = () => {
    while (running < atOnce && waiting.length) {
      running += 1;
      waiting.shift().run().finally(() => { running -= 1; next(); });
    }
  };
  const add = (files) => {
    const cards = [...files].map((file) => new Card(file, panel, (card) => { waiting.push(card); next(); }));
    list.prepend(...cards.map((card) => card.element));
    waiting.push(...cards);
    next();
  };

  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  panel.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  // The whole page takes what is dropped or pasted: a near miss would leave the page otherwise.
  // A panel that made room for another one (a token was shown) hears nothing any more.
  const over = (event) => { if (panel.isConnected && event.dataTransfer?.types.includes("Files")) { event.preventDefault(); drop.dataset.over = ""; } };
  document.addEventListener("dragenter", over);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) delete drop.dataset.over; });
  document.addEventListener("drop", (event) => {
    delete drop.dataset.over;
    if (!panel.isConnected || !event.dataTransfer.files.length) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => { if (panel.isConnected && event.clipboardData.files.length) add(event.clipboardData.files); });
}

class Card {
  constructor(file, panel, again) {
    Object.assign(this, { file, panel, again });
    this.element = panel.querySelector("template").content.firstElementChild.cloneNode(true);
    this.preview = URL.createObjectURL(file);
    for (const image of this.element.querySelectorAll("[data-part=preview]")) {
      image.src = this.preview;
      // A picture of one clear pixel: what is no picture leaves its place empty.
      image.onerror = () => { image.onerror = null; image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="; };
    }
    this.part("name").textContent = file.name || "Pasted picture";
    this.part("size").textContent = bytes(file.size);
    this.part("cancel").onclick = () => this.stop.abort();
    this.part("retry").onclick = () => this.retry();
    this.say("Waiting for its turn");
  }

  part(name) { return this.element.querySelector(`[data-part=${name}]`); }

  say(text, detail = "") {
    this.part("state").textContent = text;
    this.part("detail").textContent = detail;
  }

  async run() {
    this.stop = new AbortController();
    this.part("problem").hidden = this.part("retry").hidden = true;
    this.part("progress").hidden = this.part("cancel").hidden = false;
    this.element.dataset.state = "sending";
    try {
      if (!this.job) await this.upload();
      this.part("cancel").hidden = true;
      await this.process();
    } catch (error) {
      if (error.name === "AbortError") this.element.remove();
      else this.fail(error);
    }
  }

  async upload() {
    const progress = this.part("progress");
    const fields = { bucket: this.panel.querySelector("[name=bucket]").value.trim() };
    if (this.panel.querySelector("[name=lenient]").checked) fields.lenient = "1";
    const accepted = await send(this.file, fields, {
      signal: this.stop.signal,
      onProgress: ({ sent, all, speed, left }) => {
        progress.max = all;
        progress.value = sent;
        const isAll = sent >= all;
        this.say(
          isAll ? "Checking" : `Sending, ${Math.floor((100 * sent) / all)} %`,
          isAll || !speed ? "" : `${bytes(speed)}/s, ${left === null ? "" : `${seconds(left)} left`}`,
        );
      },
    });
    const link = Object.assign(document.createElement("a"), { href: `/images/${accepted.image_id}`, textContent: this.part("name").textContent });
    this.part("name").replaceChildren(link);
    this.job = accepted.job_id;
    this.image = accepted.image_id;
    this.requestID = accepted.requestID;
    this.showQuota(accepted.quota);
  }

  async process() {
    this.element.dataset.state = "working";
    const progress = this.part("progress");
    progress.max = 4;
    progress.removeAttribute("value");
    let failure;
    await follow(`/api/v1/images/jobs/${this.job}/events`, async (job) => {
      const made = Object.keys(job.variants).length;
      if (made) progress.value = made;
      this.say(words[job.status], job.status === "processing" && made ? `${made} of 4 sizes` : "");
      if (job.status === "failed") {
        failure = new Problem(job.error, { requestID: this.requestID });
        return true;
      }
      if (made || job.status === "completed") await this.showResult();
      if (job.status !== "completed") return false;
      progress.hidden = true;
      this.element.dataset.state = "done";
      this.say("Done", `in ${seconds((new Date(job.completed_at) - new Date(job.created_at)) / 1000)}`);
      return true;
    });
    if (failure) throw failure;
  }

  /// The server draws the result; each event takes its newest state.
  async showResult() {
    const fresh = await page(`/images/${this.image}`);
    for (const name of ["variants", "facts"]) this.part(name).replaceWith(fresh.querySelector(`main [data-part=${name}]`));
    this.part("result").hidden = false;
    enhance(this.part("result"));
  }

  fail(error) {
    this.element.dataset.state = "failed";
    this.part("progress").hidden = this.part("cancel").hidden = true;
    this.say("Failed");
    this.part("problem").hidden = false;
    this.part("reason").textContent = error.message;
    this.part("request").textContent = error.requestID ? `Request ${error.requestID}` : "";
    const retry = this.part("retry");
    retry.hidden = false;
    if (error.status === 429 && error.retryAfter) this.waitFor(error.retryAfter, retry);
  }

  /// Counts down to the moment from which another try makes sense.
  waitFor(wait, retry) {
    const until = Date.now() + wait * 1000;
    const label = retry.querySelector("span");
    retry.disabled = true;
    const tick = () => {
      const left = (until - Date.now()) / 1000;
      retry.disabled = left > 0;
      label.textContent = left > 0 ? `Try again in ${clock(left)}` : "Try again";
      if (left <= 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 1000);
    tick();
  }

  async retry() {
    try {
      if (this.job) await call(`/api/v1/images/jobs/${this.job}/retry`, { method: "POST" });
      this.again(this);
    } catch (error) {
      // The file on the server is gone after a permanent failure; it is still here.
      if (error.status !== 410) return this.fail(error);
      this.job = undefined;
      this.again(this);
    }
  }

  showQuota({ limit, remaining, reset }) {
    const line = this.panel.querySelector("[data-part=quota]");
    if (!line || !limit) return;
    line.textContent = `${remaining} of ${limit} uploads left, all of them again at ${new Date(reset * 1000).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false })}`;
    if (remaining === 0) toast("That was the last upload for now.");
  }
}
