// Requests in the name of a key. The key comes in the address's fragment, which no server sees, and stays in the tab.

const KEPT = "trunkline.key";

/** What the service said no with: `detail` is its sentence. Status 0: it could not be reached. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Takes the key out of the address bar, so that it is neither bookmarked nor read over a shoulder. */
export function takeKey() {
  const given = /^#key=([^&]+)/.exec(location.hash)?.[1];
  if (given) {
    keepKey(decodeURIComponent(given));
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT);
}

export const hasKey = () => Boolean(sessionStorage.getItem(KEPT));
export const keepKey = (key) => sessionStorage.setItem(KEPT, key.trim());
export const forgetKey = () => sessionStorage.removeItem(KEPT);

/** A response under the key. Raises `Refused`. */
export async function open(path, query = {}, signal = undefined, { headers: more, ...options } = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value instanceof Date ? value.toISOString() : value);
  }
  const key = sessionStorage.getItem(KEPT), headers = { ...(key && { Authorization: `Bearer ${key}` }), ...more };
  const response = await fetch(url, { ...options, headers, signal, cache: "no-store" }).catch((error) => {
    throw error.name === "AbortError" ? error : new Refused(0, "");
  });
  if (!response.ok) throw new Refused(response.status, await sentence(response));
  return response;
}

export const get = async (path, query) => (await open(path, query)).json();

/** Sends a change: the answer's JSON, null where there is none. Raises `Refused`. */
export async function send(method, path, body = undefined, headers = {}) {
  const response = await open(path, {}, undefined, {
    method, body: body && JSON.stringify(body), headers: { ...(body && { "Content-Type": "application/json" }), ...headers },
  });
  return response.status === 204 ? null : response.json();
}

async function sentence(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.errors?.[0]?.detail ?? problem.detail ?? problem.title ?? `HTTP ${response.status}`;
}
