// Translates pictures: takes them by drop, paste or button, shows each on its way, and lets its words be changed.
import { call } from "./api.js";
import { toast } from "./app.js";

const words = {
  queued: "Waiting", reading: "Reading its words", translating: "Translating", rendering: "Drawing",
  completed: "Done", failed: "Failed", cancelled: "Stopped",
};

export function start(panel) {
  const part = (name) => panel.querySelector(`[data-part=${name}]`);
  const list = panel.querySelector(".translations");
  const input = panel.querySelector("input[type=file]");
  const state = { task: panel.dataset.task, cards: new Map() };

  const begin = async (files) => {
    if (!files.length) return;
    const form = new FormData();
    form.append("target_language", panel.querySelector("select").value);
    for (const file of files) form.append("files", file, file.name || "pasted.png");
    try {
      toast("Sending");
      const answer = await call("/api/v1/translate", { method: "POST", body: form });
      const begun = await answer.json();
      state.task = begun.task_id;
      history.pushState(null, "", `/translate/${state.task}`);
      list.replaceChildren();
      state.cards.clear();
      toast("");
      follow(state, panel);
    } catch (error) {
      toast(error.message);
    }
  };

  input.addEventListener("change", () => { begin([...input.files]); input.value = ""; });
  const takes = (event) => panel.isConnected && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => { if (takes(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    begin([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => { if (panel.isConnected) begin([...event.clipboardData.files]); });
  part("delete").addEventListener("click", async () => {
    try {
      await call(`/api/v1/translate/result/${state.task}`, { method: "DELETE" });
      location.assign("/translate");
    } catch (error) {
      toast(error.message);
    }
  });
  if (state.task) follow(state, panel);
}

/// Asks with a cursor until the task is finished; each answer brings at least one result.
async function follow(state, panel) {
  const task = state.task;
  const part = (name) => panel.querySelector(`[data-part=${name}]`);
  part("tools").hidden = false;
  let seq = 0;
  let wait = 0;
  while (state.task === task && panel.isConnected) {
    try {
      const result = await (await call(`/api/v1/translate/result/${task}?since=${seq}&timeout=${wait}`)).json();
      seq = result.seq;
      // The first answer shows what there is; from then on the server says when there is more.
      wait = 5;
      for (const picture of result.partial_results) show(state, panel, picture);
      part("summary").textContent = `${result.completed_images} of ${result.total_images} into ${result.target_language}`;
      part("skipped").hidden = !result.skipped.length;
      part("skipped").textContent = leftOut(result.skipped);
      part("archive").hidden = result.success !== true;
      if (result.success === true) part("archive").href = result.archive_url;
      if (result.success !== null) return;
    } catch (error) {
      if (error.status === 404) return toast(error.message);
      await new Promise((done) => setTimeout(done, 3000));
    }
  }
}

function show(state, panel, picture) {
  let card = state.cards.get(picture.index);
  if (!card) {
    card = panel.querySelector("template").content.firstElementChild.cloneNode(true);
    state.cards.set(picture.index, card);
    panel.querySelector(".translations").append(card);
    const range = card.querySelector("input[type=range]");
    range.addEventListener("input", () => card.querySelector(".compare").style.setProperty("--seen", range.value));
  }
  const mark = `${picture.state} ${picture.revision}`;
  if (card.dataset.mark === mark) return;
  card.dataset.mark = mark;
  const part = (name) => card.querySelector(`[data-part=${name}]`);
  part("name").textContent = picture.file_name;
  part("state").textContent = words[picture.state];
  part("state").dataset.status = picture.status;
  part("progress").hidden = picture.status === "completed" || picture.status === "failed";
  part("problem").hidden = !picture.error;
  part("reason").textContent = picture.error ?? "";
  if (picture.status !== "completed") return;
  part("result").hidden = false;
  for (const name of ["original", "image"]) {
    Object.assign(part(name), { src: picture[`${name}_url`], width: picture.width, height: picture.height });
  }
  Object.assign(part("download"), { href: picture.image_url, hidden: false });
  part("how").textContent = how(picture);
  part("blocks").replaceChildren(...picture.blocks.map((block) => row(state, panel, picture, block)));
}

/// What came in archives and is no picture.
function leftOut(files) {
  const names = files.slice(0, 10).map((file) => file.name).join(", ");
  return `Left out, as no pictures: ${names}${files.length > 10 ? ` and ${files.length - 10} more` : ""}`;
}

/// Who translated, and what is to be known of it.
function how(picture) {
  if (picture.flags.includes("no_text")) return "No words were found: the picture is as it was sent.";
  const who = picture.model ? `${picture.provider}, ${picture.model}` : picture.provider;
  return [who, ...picture.flags].join(" · ").replaceAll("_", " ");
}

/// A text with its translation, which may be changed, taken back or left away.
function row(state, panel, picture, block) {
  const item = panel.querySelector("template[data-part=block]").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-part=${name}]`);
  const field = item.querySelector("textarea");
  const skipped = item.querySelector("input");
  part("source").textContent = block.source_text;
  field.value = block.translation;
  field.disabled = block.skipped;
  skipped.checked = block.skipped;
  part("flags").textContent = block.flags.join(" · ").replaceAll("_", " ");
  part("undo").hidden = !block.flags.includes("edited");
  const change = async (fields) => {
    item.setAttribute("aria-busy", "true");
    try {
      const url = `/api/v1/translate/result/${state.task}/images/${picture.index}/blocks`;
      const body = JSON.stringify({ blocks: [{ id: block.id, ...fields }] });
      const answer = await call(url, { method: "PATCH", body, headers: { "Content-Type": "application/json" } });
      show(state, panel, await answer.json());
      state.cards.get(picture.index).querySelectorAll(".text")[block.id]?.querySelector("textarea").focus({ preventScroll: true });
    } catch (error) {
      item.removeAttribute("aria-busy");
      toast(error.message);
    }
  };
  field.addEventListener("change", () => change({ translation: field.value }));
  part("undo").addEventListener("click", () => change({ translation: null }));
  skipped.addEventListener("change", () => change({ skipped: skipped.checked }));
  return item;
}
