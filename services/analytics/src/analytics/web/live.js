// The live state, streamed. EventSource cannot send a key, so the stream is read by hand.

import { open } from "./api.js";

const FIRST_WAIT = 1_000, LONGEST_WAIT = 30_000, SILENCE = 60_000;
const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/**
 * Reads the stream for ever: `seen(state)` for each event, `connected(true | false)` as it comes and goes.
 * Comes back, later each time, after any end; a refused key ends it, because asking again would not help.
 */
export async function follow(seen, connected, signal) {
  let wait = FIRST_WAIT;
  const heard = (state) => {
    wait = FIRST_WAIT;
    connected(true);
    seen(state);
  };
  while (!signal.aborted) {
    const refused = await read(heard, signal).then(() => false, ({ status }) => status === 401 || status === 403);
    if (signal.aborted) return;
    connected(false);
    if (refused) return;
    // Not all pages of a wall at the same moment, when the service comes back.
    await sleep(wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** A line that fell silent is dead: the service sends a word more often than that. */
async function read(heard, signal) {
  const dead = new AbortController();
  let silence = 0, rest = "";
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(() => dead.abort(), SILENCE);
  };
  alive();
  try {
    const response = await open("v1/live", {}, AbortSignal.any([signal, dead.signal]));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      alive();
      const events = (rest + part.value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) tell(event, heard);
    }
  } finally {
    clearTimeout(silence);
  }
}

/** Comments, which only keep the line open, have no data. */
function tell(event, heard) {
  const data = /^data:(.*)$/m.exec(event)?.[1];
  if (data) heard(JSON.parse(data));
}
