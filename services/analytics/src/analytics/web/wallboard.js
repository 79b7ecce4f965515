// The wallboard: who waits, who talks and who is free at this moment, queue by queue.

import { byId, element, fill } from "./dom.js";
import { count, show } from "./format.js";
import { text } from "./strings.js";

// Seconds of waiting from which on a queue asks for attention, and for help.
const LONG = 20, TOO_LONG = 120, SECOND = 1_000;
const STATES = ["available", "ringing", "busy", "wrap_up", "away"];
const state = { told: null, ahead: 0, timer: 0 };

/** A new state from the stream; drawn where the board is on the page. */
export function heard(told) {
  state.told = told;
  state.ahead = new Date(told.at).getTime() - Date.now();
  draw();
}

/** Shows the board, or takes it away; its clocks tick only while it is seen. */
export function turnWallboard(yes) {
  byId("wallboard").hidden = !yes;
  clearInterval(state.timer);
  if (yes) state.timer = setInterval(tick, SECOND);
  draw();
}

function draw() {
  if (!state.told || byId("wallboard").hidden) return;
  const { waiting, talking, dialling = 0, ended_today: ended, longest_wait_s: longest, queues = [], agents = {}, people = [] } = state.told;
  const known = people.some((each) => each.told) ? STATES.reduce((sum, name) => sum + (agents[name] ?? 0), 0) : 0;
  fill(byId("wallboard-figures"),
    figure("wall_waiting", waiting, longest === null ? text("wall_nobody") : [text("wall_longest"), " ", clocked(sinceWait(longest))], urgency(longest)),
    figure("wall_talking", talking, dialling ? text("wall_dialling", { n: count(dialling) }) : ""),
    figure("wall_free", known ? agents.available ?? 0 : null, known ? text("wall_of_agents", { n: count(known) }) : text("wall_no_agents"), known && !agents.available && waiting ? "urgent" : ""),
    figure("wall_ended", ended, ""));
  fill(byId("wallboard-queues"), queues.length ? queues.map(queue) : element("p", { className: "muted" }, text("wall_no_queues")));
  fill(byId("wallboard-people"), people.length ? people.map(person) : element("p", { className: "muted" }, text("wall_no_people")));
  tick();
}

/** The clocks alone. */
function tick() {
  const now = Date.now() + state.ahead;
  for (const each of document.querySelectorAll("#wallboard time")) each.textContent = show(Math.max(0, Math.floor((now - each.since) / SECOND)), "seconds");
}

const sinceWait = (seconds) => new Date(state.told.at).getTime() - seconds * SECOND;
const urgency = (longest) => (longest === null ? "" : longest >= TOO_LONG ? "urgent" : longest >= LONG ? "warm" : "");

function clocked(since) {
  const made = element("time");
  made.since = since;
  return made;
}

function figure(name, value, note, mood = "") {
  return element("article", { className: `figure-card ${mood}` },
    element("h2", {}, text(name)), element("p", { className: "huge" }, value === null ? "–" : count(value)), element("p", { className: "muted" }, note));
}

function queue({ queue: name, waiting, ringing, talking, longest_wait_s: longest, agents_free: free, agents_busy: busy }) {
  return element("article", { className: `queue-card ${urgency(longest)}` },
    element("header", {}, element("h3", {}, name === "unknown" ? text("wall_unknown_queue") : name),
      longest !== null && element("p", { className: "longest" }, clocked(sinceWait(longest)))),
    element("dl", {}, pair("wall_waiting", waiting, ringing ? text("wall_ringing", { n: count(ringing) }) : ""), pair("wall_talking", talking),
      free !== null && pair("wall_free", free, busy ? text("wall_busy", { n: count(busy) }) : "")),
    crew(free ?? 0, busy));
}

const pair = (name, value, note = "") => element("div", {}, element("dt", {}, text(name)), element("dd", {}, count(value), note && element("small", {}, note)));

/** A place for each agent of the queue, in the colour of what they do. */
function crew(free, busy) {
  if (!free && !busy) return null;
  const places = Array.from({ length: Math.min(free + busy, 40) }, (_, index) => element("i", { className: index < free ? "free" : "busy" }));
  return element("p", { className: "crew", ariaHidden: "true" }, places);
}

function person({ agent, name, state: now, since, queue: where, reason, queues }) {
  const said = reason ?? where ?? (now === "available" ? queues.join(", ") : "");
  return element("article", { className: "person", "data-state": now },
    element("h3", {}, name ?? agent.split("@")[0]),
    element("p", {}, element("span", { className: "state" }, text(`agent_${now}`)), " ", clocked(new Date(since).getTime())),
    element("p", { className: "muted" }, said));
}
