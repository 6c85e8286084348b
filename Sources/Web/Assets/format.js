// Numbers and times as people read them.

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count, unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${Number(value.toFixed(1))} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
}

export function clock(value) {
  const whole = Math.max(0, Math.ceil(value));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export const number = (value) => (value ?? 0).toLocaleString("en").replaceAll(",", "\u202f");

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function ago(date) {
  const passed = (date.getTime() - Date.now()) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(passed) >= size) return relative.format(Math.round(passed / size), unit);
  }
  return Math.abs(passed) < 5 ? "just now" : relative.format(Math.round(passed), "second");
}

/// Makes every `<time>` below `root` relative; the exact one shows on hover.
export function times(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (isNaN(date)) continue;
    element.title = date.toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" });
    const text = ago(date);
    if (element.textContent !== text) element.textContent = text;
  }
}
