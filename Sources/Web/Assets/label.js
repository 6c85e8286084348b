// Memes without words get tags: one after the other by keyboard, or several at once.
import { call } from "./api.js";
import { toast } from "./app.js";
import { completing, value } from "./lists.js";

export function start(panel) {
  const one = panel.querySelector("[data-part=one]");
  const list = panel.querySelector("[data-part=all]");
  panel.querySelectorAll("input[list]").forEach(completing);
  if (!one) return;
  const form = one.querySelector("form");
  const batch = panel.querySelector("[data-part=batch]");
  const undo = form.querySelector("[data-action=undo]");
  const problem = form.querySelector("[data-part=problem]");
  const fields = [...form.querySelectorAll("[data-kind]")];
  let current;
  let last;

  const items = () => [...list.querySelectorAll(".meme")];
  const patch = (item, body) => call(`/meme/${item.dataset.meme}`, { method: "PATCH", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

  function show(item) {
    current?.removeAttribute("aria-current");
    current = item;
    one.hidden = !item;
    if (!item) { location.reload(); return; }
    item.setAttribute("aria-current", "true");
    const image = one.querySelector("img");
    image.src = item.dataset.picture;
    image.alt = item.dataset.name;
    one.querySelector("[data-part=picture]").href = `/memes/${item.dataset.meme}`;
    one.querySelector("[data-part=picture]").style.cssText = item.querySelector(".frame").style.cssText;
    one.querySelector("[data-part=name]").textContent = item.dataset.name;
    problem.textContent = "";
    form.reset();
    form.elements.tags.focus({ preventScroll: true });
  }

  const after = (item) => { const all = items(); return all[all.indexOf(item) + 1] ?? all.find((other) => other !== item); };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = fields.filter((field) => field.value.trim());
    if (!filled.length) { problem.textContent = "Say something of it, or skip it."; return; }
    const item = current;
    try {
      await patch(item, Object.fromEntries(filled.map((field) => [field.name, value(field)])));
      const following = after(item);
      last = { item, place: item.nextElementSibling, names: filled.map((field) => field.name) };
      item.remove();
      undo.hidden = false;
      toast(`Saved ${item.dataset.name}`);
      show(following);
    } catch (error) { problem.textContent = error.message; }
  });
  undo.addEventListener("click", async () => {
    try {
      await patch(last.item, Object.fromEntries(last.names.map((name) => [name, null])));
      list.insertBefore(last.item, last.place);
      undo.hidden = true;
      show(last.item);
    } catch (error) { problem.textContent = error.message; }
  });
  const skip = (step) => {
    const all = items();
    show(all[(all.indexOf(current) + step + all.length) % all.length]);
  };
  form.querySelector("[data-action=skip]").addEventListener("click", () => skip(1));
  document.addEventListener("keydown", (event) => {
    if (!panel.isConnected || !event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    skip(event.key === "ArrowRight" ? 1 : -1);
  });

  const chosen = () => items().filter((item) => item.querySelector("input").checked);
  const count = () => {
    const number = chosen().length;
    batch.querySelector("button").disabled = !number;
    batch.querySelector("[data-part=count]").textContent = number ? `Tag ${number} ${number === 1 ? "meme" : "memes"}` : "Tag the chosen";
  };
  list.addEventListener("change", count);
  batch.querySelector("[data-action=all]").addEventListener("click", () => {
    const all = items();
    const check = chosen().length < all.length;
    for (const item of all) item.querySelector("input").checked = check;
    count();
  });
  const back = batch.querySelector("[data-action=undo-batch]");
  const post = async (url, body) => (await call(url, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } })).json();
  let tagged;
  batch.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = chosen();
    const body = { ids: wanted.map((item) => item.dataset.meme), set: { tags: value(batch.elements.tags) }, dry_run: false };
    try {
      const { batch_id } = await post("/meme/label", body);
      tagged = { batch_id, places: wanted.map((item) => [item, item.nextElementSibling]) };
      for (const item of wanted) item.remove();
      toast(`Tagged ${wanted.length} ${wanted.length === 1 ? "meme" : "memes"}`);
      batch.reset();
      back.hidden = false;
      count();
      if (!current.isConnected && items().length) show(items()[0]);
      if (!items().length) one.hidden = true;
    } catch (error) { toast(error.message); }
  });
  back.addEventListener("click", async () => {
    try {
      await post(`/meme/batches/${tagged.batch_id}/undo`, {});
      // From the last to the first: each stands before one that is there again.
      for (const [item, before] of tagged.places.reverse()) list.insertBefore(item, before);
      back.hidden = true;
      count();
      show(current.isConnected ? current : items()[0]);
    } catch (error) { toast(error.message); }
  });
  show(items()[0]);
}
