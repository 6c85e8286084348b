// A button that puts a failed job back into the queue and then shows the job.
import { call } from "./api.js";
import { toast } from "./app.js";

export function start(button) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await call(`/api/v1/images/jobs/${button.dataset.job}/retry`, { method: "POST" });
      location.href = `/jobs/${button.dataset.job}`;
    } catch (error) {
      button.disabled = false;
      toast(error.message);
    }
  });
}
