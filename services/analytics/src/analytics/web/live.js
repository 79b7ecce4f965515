// The live state, streamed. EventSource cannot send a key, so the stream is read by hand.

import { open } from "./api.js";

const FIRST_WAIT = 1_000, LONGEST_WAIT = 30_000, SILENCE = 60_000;
const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/**
 * Reads the stream for ever: `seen(state)` for each event, `connected(true | false)` as it comes and goes.
 * Comes back, later each time, after any end; a refused key ends it, because asking again would not help.
 */
export async function follow(seen, connected, signal) {
  for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      await read((state) => {
        wait = FIRST_WAIT;
        connected(true);
        seen(state);
      }, signal);
    } catch (error) {
      if (error.status === 401 || error.status === 403) return;
    }
    connected(false);
    // Not all pages of a wall at the same moment, when the service comes back.
    await sleep(wait * (0.75 + Math.random() / 2));
  }
}

async function read(seen, signal) {
  const dead = new AbortController();
  const stop = () => dead.abort();
  signal.addEventListener("abort", stop);
  let silence = setTimeout(stop, SILENCE);
  try {
    const response = await open("v1/live", {}, dead.signal);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE);
      const events = (rest + part.value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) tell(event, seen);
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", stop);
  }
}

/** One event's `data:` lines are one JSON text; comments that only keep the line open have none. */
function tell(event, seen) {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  if (lines.length) seen(JSON.parse(lines.join("\n")));
}
