// The page: the key, the period, what is live; asks for a new picture whenever something happened, and draws it.

import { forgetKey, keepKey, takeKey } from "./api.js";
import { byId, element, fill } from "./dom.js";
import { count, time } from "./format.js";
import { follow } from "./live.js";
import { look } from "./picture.js";
import { drawSections, spanText } from "./sections.js";
import { language, text, translate } from "./strings.js";
import { drawTiles } from "./tiles.js";
import { PERIODS } from "./time.js";

const POLL = 5_000, CALM = 2_500, RELOAD = 60_000;
const COUNTS = ["ringing", "in_queue", "waiting", "talking", "ended_today"];
const KEPT_PERIOD = "trunkline.period";
const state = { period: "month", live: false, seen: null, at: 0, busy: false, again: false, timer: 0, stop: null };

function start() {
  document.documentElement.lang = language;
  translate(document);
  const kept = localStorage.getItem(KEPT_PERIOD);
  if (kept in PERIODS) state.period = kept;
  drawPeriods();
  drawTheme();
  byId("theme").addEventListener("click", changeTheme);
  byId("door-form").addEventListener("submit", enter);
  addEventListener("hashchange", () => location.hash.startsWith("#key=") && openBoard());
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  openBoard();
}

/** With a key the board, without one the question for it. */
function openBoard() {
  if (!takeKey()) return ask();
  state.stop?.abort();
  state.stop = new AbortController();
  byId("door").hidden = true;
  byId("pill").hidden = false;
  pill("connecting");
  refresh();
  follow(happened, connected, state.stop.signal);
  setTimeout(tick, POLL);
}

function ask(why = "") {
  state.stop?.abort();
  state.stop = null;
  forgetKey();
  for (const each of ["board", "now", "pill", "trouble"]) byId(each).hidden = true;
  byId("door").hidden = false;
  byId("door-trouble").textContent = why;
  byId("key").focus();
}

function enter(event) {
  event.preventDefault();
  const key = byId("key").value.trim();
  if (!/^tl_\S+$/.test(key)) {
    byId("door-trouble").textContent = text("door_shape");
    return byId("key").focus();
  }
  keepKey(key);
  byId("key").value = "";
  openBoard();
}

/** While the stream is away the page asks by itself; with it, now and then, should an event have been missed. */
function tick() {
  if (!state.stop) return;
  if (Date.now() - state.at > (state.live ? RELOAD : POLL - 500)) refresh();
  setTimeout(tick, POLL);
}

function connected(yes) {
  state.live = yes;
  pill(yes ? "live" : "polling");
}

/** A live event: the counts at once, the numbers when something new came in. */
function happened({ calls, ingested_at: at, ...rest }) {
  const counts = calls ?? rest, order = COUNTS.filter((name) => name in counts);
  const known = byId("now");
  order.forEach((name, index) => {
    const item = known.children[index] ?? known.appendChild(element("li", {}, element("b"), " ", element("span")));
    if (item.firstChild.textContent !== count(counts[name])) item.firstChild.textContent = count(counts[name]);
    if (item.lastChild.textContent !== text(name)) item.lastChild.textContent = text(name);
  });
  known.hidden = false;
  const news = JSON.stringify([at, rest.beats, order.map((name) => counts[name])]);
  if (state.seen !== null && state.seen !== news) soon();
  state.seen = news;
}

/** At most once in a while: a busy floor has several calls a second. */
function soon() {
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, Math.max(250, state.at + CALM - Date.now()));
}

async function refresh() {
  if (!state.stop || document.hidden) return;
  if (state.busy) return void (state.again = true);
  Object.assign(state, { busy: true, again: false, at: Date.now() });
  const asked = state.period;
  try {
    const picture = await look(asked);
    if (state.stop && asked === state.period) draw(picture);
  } catch (error) {
    trouble(error);
  } finally {
    state.busy = false;
    if (state.again) soon();
  }
}

function draw(picture) {
  byId("board").hidden = false;
  byId("title").textContent = text(`title_${picture.name}`);
  byId("span").textContent = `${spanText(picture.span)} · ${text("updated", { time: time(Date.now()) })}`;
  const nothing = !picture.calls.ever && !picture.sales;
  drawEmpty(picture.calls);
  byId("tiles").hidden = nothing;
  byId("sections").hidden = nothing;
  if (!nothing) drawTiles(picture.tiles);
  if (!nothing) drawSections(picture);
  say(picture.troubles.length ? text("failed", { detail: picture.troubles[0].message }) : "");
}

function drawEmpty({ here, ever }) {
  const place = byId("empty");
  place.hidden = here !== 0;
  place.classList.toggle("small", ever);
  if (ever) return fill(place, element("p", {}, text("period_empty")));
  fill(place, element("h2", { id: "empty-title" }, text("empty_title")), element("p", {}, text("empty_text")),
    element("ol", {}, element("li", {}, text("empty_demo"), element("code", {}, "trunkline demo")), element("li", {}, text("empty_connect"))));
}

/** One sentence; a key that is refused is asked for anew. */
function trouble(error) {
  if (error.status === 401) return ask(text("door_refused"));
  if (error.status === 403) return ask(text("refused", { detail: error.message }));
  if (error.status === undefined) throw error;
  say(error.status === 0 ? text("unreachable") : text("failed", { detail: error.message }));
}

function say(sentence) {
  const place = byId("trouble");
  if (place.textContent !== sentence) place.textContent = sentence;
  place.hidden = !sentence;
}

function pill(name) {
  const place = byId("pill");
  place.dataset.state = name;
  place.textContent = text(name);
}

function drawPeriods() {
  byId("periods").setAttribute("aria-label", text("period"));
  const choose = (name) => {
    state.period = name;
    localStorage.setItem(KEPT_PERIOD, name);
    refresh();
  };
  fill(byId("periods"), Object.keys(PERIODS).map((name) => element("label", {},
    element("input", { type: "radio", name: "period", value: name, checked: name === state.period, onchange: () => choose(name) }),
    element("span", {}, text(name)))));
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function drawTheme() {
  const other = isDark() ? "theme_light" : "theme_dark";
  byId("theme").textContent = text(other);
  byId("theme").setAttribute("aria-label", text("theme_change", { theme: text(other).toLowerCase() }));
}

function changeTheme() {
  const chosen = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  localStorage.setItem("trunkline.theme", chosen);
  drawTheme();
}

start();
