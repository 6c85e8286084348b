// Begins a pull and leads to its page.
import { call } from "./api.js";
import { value } from "./lists.js";

export function start(form) {
  const problem = form.querySelector("[data-part=problem]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    const body = { source: form.elements.source.value.trim(), force: form.elements.force.checked };
    if (form.elements.delete_missing.checked) body.delete_missing = true;
    for (const name of ["library", "profile", "tags", "include"]) {
      const given = value(form.elements[name]);
      if (given.length) body[name] = given;
    }
    if (form.elements.max_images.value) body.max_images = Number(form.elements.max_images.value);
    try {
      const response = await call("/pull", { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
      location.href = `/memes/pulls/${(await response.json()).job_id}`;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}
