// Packs memes: whoever has shown a token gets an address that needs none, because a download sends no header.
import { call, token } from "./api.js";

export function start(panel) {
  const problem = panel.querySelector("[data-part=problem]");

  async function download(query) {
    problem.hidden = true;
    try {
      // Without a token the same address tells what is wrong before the browser leaves the page for it.
      const { data } = await (await call(`/pack/address${query}`)).json();
      location.href = token.get() ? data.url : `/pack${query}`;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[download]");
    if (!link) return;
    event.preventDefault();
    download(new URL(link.href).search);
  });
  panel.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value.trim()));
    download(query.size ? `?${query}` : "");
  });
}
