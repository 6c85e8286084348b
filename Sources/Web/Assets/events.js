// Server-sent events over fetch, because EventSource cannot send a token.
import { Problem, call } from "./api.js";

async function* read(url, signal) {
  const response = await call(url, { signal, headers: { Accept: "text/event-stream" } });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
      if (data.length) yield JSON.parse(data.join("\n"));
    }
  }
}

/// Calls `onEvent` for each event until it returns true or `signal` fires; connects again, ever more slowly, when the
/// stream breaks. `onState` hears `true` while connected and `false` while not.
export async function follow(url, onEvent, { signal, onState = () => {} } = {}) {
  for (let wait = 1000; !signal?.aborted; wait = Math.min(wait * 2, 15000)) {
    try {
      for await (const event of read(url, signal)) {
        onState(true);
        wait = 1000;
        if (await onEvent(event)) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    onState(false);
    await new Promise((done) => setTimeout(done, wait));
  }
}
