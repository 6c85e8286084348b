// One meme: its words shown on it, what a person says of it, copying, deleting, and the keys.
import { call } from "./api.js";
import { toast } from "./app.js";
import { copyPicture } from "./clipboard.js";
import { completing, value } from "./lists.js";

export function start(element) {
  const main = element.closest("main");
  const address = `/meme/${element.dataset.meme}`;
  const remove = document.getElementById("remove");
  const form = element.querySelector("form[data-part=texts]");

  const words = () => {
    const button = element.querySelector("[data-action=words]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(element.classList.toggle("show-words")));
  };

  async function change(body) {
    await call(address, { method: "PATCH", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    location.reload();
  }

  if (form) {
    const inputs = [...form.querySelectorAll("[data-kind]")];
    const before = new Map(inputs.map((input) => [input, input.value]));
    inputs.filter((input) => input.getAttribute("list")).forEach(completing);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const changed = inputs.filter((input) => input.value !== before.get(input));
      const said = form.querySelector("[data-part=saved]");
      if (!changed.length) { said.textContent = "Nothing was changed."; return; }
      try { await change(Object.fromEntries(changed.map((input) => [input.name, value(input)]))); } catch (error) { said.textContent = error.message; }
    });
  }

  main.addEventListener("click", async (event) => {
    const action = event.target.closest("[data-action]")?.dataset.action;
    try {
      if (action === "remove") remove.showModal();
      if (action === "words") words();
      if (action === "copy-picture") await copyPicture(element, "the picture");
      if (action === "unlock") await change({ [event.target.closest("[data-field]").dataset.field]: null });
      if (action === "confirm") {
        await call(address, { method: "DELETE" });
        location.href = "/memes";
      }
    } catch (error) {
      remove?.close();
      toast(error.message);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!element.isConnected || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) return;
    const links = { ArrowLeft: "[rel=prev]", ArrowRight: "[rel=next]", Escape: ".back" };
    if (event.key === "w") words();
    else if (event.key === "c") copyPicture(element, "the picture");
    else if (links[event.key]) main.querySelector(links[event.key])?.click();
  });
}
