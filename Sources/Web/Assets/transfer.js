// Sends one file. XMLHttpRequest, because fetch does not tell how much was sent.
import { Problem, authorization, problem } from "./api.js";

/// Returns what the server answered and the state of the quota; `onProgress` hears bytes sent, all bytes, bytes per
/// second and seconds left. Of an answer in lines of JSON the last one is returned, and `onLine` hears the newest.
export function send(file, fields, { onProgress, onLine, signal, accept = "application/json", url = "/api/v1/images/upload" }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("metadata", JSON.stringify({ source: "web" }));
    form.append("file", file, file.name);
    request.open("POST", url);
    request.setRequestHeader("Accept", accept);
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    const header = (name) => request.getResponseHeader(name);
    const meter = speedometer();
    request.upload.onprogress = (event) => {
      const speed = meter(event.loaded);
      onProgress({ sent: event.loaded, all: event.total, speed, left: speed ? (event.total - event.loaded) / speed : null });
    };
    const newest = () => JSON.parse(request.responseText.trimEnd().split("\n").filter(Boolean).at(-1) ?? "{}");
    if (onLine) request.onprogress = () => { if (request.status === 200 && request.responseText.endsWith("\n")) onLine(newest()); };
    request.onload = () => {
      if (request.status < 200 || request.status > 299) return reject(problem(request.status, request.responseText, header));
      resolve({
        ...(onLine ? newest() : JSON.parse(request.responseText)),
        requestID: header("X-Request-ID"),
        quota: { limit: Number(header("X-RateLimit-Limit")), remaining: Number(header("X-RateLimit-Remaining")), reset: Number(header("X-RateLimit-Reset")) },
      });
    };
    request.onerror = () => reject(new Problem("The connection broke. Nothing was stored; try again."));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/// Bytes per second over the last three seconds; `null` before there is enough to say.
function speedometer() {
  const seen = [];
  return (sent) => {
    const now = performance.now();
    seen.push([now, sent]);
    while (seen.length > 2 && now - seen[0][0] > 3000) seen.shift();
    const [then, before] = seen[0];
    return now - then > 200 ? ((sent - before) / (now - then)) * 1000 : null;
  };
}
