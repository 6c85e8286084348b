// Takes in a pack: sends it, and shows how far the server is.
import { Problem } from "./api.js";
import { bytes, seconds } from "./format.js";
import { send } from "./transfer.js";

export function start(panel) {
  const form = panel.querySelector("form");
  const part = (name) => panel.querySelector(`[data-part=${name}]`);
  const bar = part("progress").querySelector("progress");
  const say = (text, detail = "") => { part("state").textContent = text; part("detail").textContent = detail; };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const stop = new AbortController();
    part("stop").onclick = () => stop.abort();
    part("stop").hidden = false;
    part("problem").hidden = part("refused").hidden = true;
    part("progress").hidden = false;
    form.querySelector("button").disabled = true;
    const library = form.elements.library.value.trim();
    try {
      const answer = await send(form.elements.file.files[0], library ? { library } : {}, {
        url: "/pack",
        accept: "application/x-ndjson",
        signal: stop.signal,
        onProgress: ({ sent, all, speed, left }) => {
          bar.max = all;
          if (sent >= all) bar.removeAttribute("value"); else bar.value = sent;
          say(sent >= all ? "Looking at the archive" : "Sending", sent >= all || !speed ? "" : `${bytes(speed)}/s, ${seconds(left)} left`);
        },
        onLine: ({ done, total }) => {
          if (!total) return;
          bar.max = total;
          bar.value = done;
          say("Storing", `${done} of ${total} files`);
        },
      });
      if (answer.error) throw new Problem(answer.error.message);
      if (!answer.result) throw new Problem("The connection broke. What was stored stays; send the pack again to go on.");
      show(answer.result);
    } catch (error) {
      part("progress").hidden = true;
      part("problem").textContent = error.name === "AbortError" ? "Stopped. What was stored stays; send the pack again to go on." : error.message;
      part("problem").hidden = false;
    } finally {
      form.querySelector("button").disabled = false;
    }
  });

  function show({ added, known, refused, ignored, problems }) {
    bar.max = bar.value = 1;
    part("stop").hidden = true;
    say(`${added} new memes, ${known} were here already${refused ? `, ${refused} were not taken` : ""}`, ignored ? `${ignored} files passed over` : "");
    part("refused").hidden = !problems.length;
    part("refused").querySelector("ul").replaceChildren(...problems.map(({ file, message }) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: file }), ` ${message}`);
      return item;
    }));
  }
}
