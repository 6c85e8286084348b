// One picture: zoom, arrow keys, delete. The links and dialogs are drawn by the server.
import { call } from "./api.js";
import { toast } from "./app.js";

export function start(element) {
  const zoom = document.getElementById("zoom");
  const remove = document.getElementById("remove");
  const open = () => zoom?.showModal();
  element.closest("main").addEventListener("click", (event) => {
    if (event.target.closest("[data-action=zoom]")) open();
    if (event.target.closest("[data-action=remove]")) remove.showModal();
  });
  zoom?.querySelector("img").addEventListener("click", () => zoom.close());
  remove?.querySelector("[data-action=confirm]").addEventListener("click", async () => {
    try {
      await call(`/api/v1/images/${element.dataset.image}`, { method: "DELETE" });
      location.href = "/";
    } catch (error) {
      remove.close();
      toast(error.message);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!element.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) return;
    if (document.querySelector("dialog[open]")) {
      if (event.key === "z") zoom?.close();
      return;
    }
    const links = { ArrowLeft: "[rel=prev]", ArrowRight: "[rel=next]", Escape: ".back" };
    if (event.key === "z") open();
    else if (links[event.key]) document.querySelector(`main ${links[event.key]}`)?.click();
  });
}
