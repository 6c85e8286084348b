// A button that sends a POST to `data-url` and then shows the fresh state of the part with the id `data-part`.
import { call } from "./api.js";
import { toast } from "./app.js";
import { refresh } from "./live.js";

export function start(button) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await call(button.dataset.url, { method: "POST" });
      await refresh(button.dataset.part);
    } catch (error) {
      button.disabled = false;
      toast(error.message);
    }
  });
}
