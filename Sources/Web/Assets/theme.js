// Runs before anything is drawn, so that a remembered theme never flashes. No module: those run later.
{
  const remembered = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    // What Swagger UI listens to.
    document.documentElement.classList.toggle("dark-mode", theme === "dark");
  };
  addEventListener("theme", (event) => { localStorage.setItem("theme", event.detail); apply(event.detail); });
  apply(remembered ?? (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => {
    if (!localStorage.getItem("theme")) apply(system.matches ? "dark" : "light");
  });
}
