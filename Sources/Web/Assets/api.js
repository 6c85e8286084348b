// Calls to the server with the token of this tab, and errors that a person can read.

const key = "pictor-token";

export const token = {
  get: () => sessionStorage.getItem(key),
  set: (text) => (text ? sessionStorage.setItem(key, text) : sessionStorage.removeItem(key)),
};

/// What went wrong: `message` for the person, `requestID` to quote, `retryAfter` in seconds where waiting helps.
export class Problem extends Error {
  constructor(message, { status = 0, requestID = null, retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { status, requestID, retryAfter });
  }
}

export function authorization() {
  const text = token.get();
  return text ? { Authorization: `Bearer ${text}` } : {};
}

export function problem(status, body, header) {
  let said;
  try { said = JSON.parse(body); } catch { said = {}; }
  const message = said.error ?? said.detail ?? said.msg ?? (status ? `The server answered ${status}.` : "The server cannot be reached.");
  return new Problem(typeof message === "string" ? message : message.message, {
    status,
    requestID: said.request_id ?? header("X-Request-ID"),
    retryAfter: Number(header("Retry-After")) || null,
  });
}

export async function call(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { ...options, headers: { Accept: "application/json", ...authorization(), ...options.headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The server cannot be reached. Is it running?");
  }
  if (!response.ok) throw problem(response.status, await response.text(), (name) => response.headers.get(name));
  return response;
}

/// The page at an address, as a document.
export async function page(url) {
  const response = await call(url, { headers: { Accept: "text/html" } });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
