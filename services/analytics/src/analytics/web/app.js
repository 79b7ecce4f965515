// The page: the key, the period, what is live; asks for a new picture when something happened.

import { forgetKey, hasKey, keepKey, takeKey } from "./api.js";
import { openBoards, refreshBoards } from "./boards.js";
import { byId, element, fill } from "./dom.js";
import { count, spanName, time } from "./format.js";
import { follow } from "./live.js";
import { look } from "./picture.js";
import { drawSections } from "./sections.js";
import { language, text, translate } from "./strings.js";
import { drawTiles } from "./tiles.js";
import { PERIODS } from "./time.js";
import { heard, turnWallboard } from "./wallboard.js";

const POLL = 5_000, CALM = 2_500, RELOAD = 60_000, BONES = 8;
const COUNTS = ["waiting", "talking", "ended_today"];
const VIEWS = { calls: "#/calls", boards: "#/dashboards", live: "#/live" };
const page = document.documentElement, kept = localStorage;
// `stop` ends what belongs to the present key; `at` is when the last picture was asked for.
const state = { period: "month", live: false, view: "calls", seen: null, at: 0, busy: false, again: false, timer: 0, stop: null };

function start() {
  page.lang = language;
  translate(document);
  if (kept["trunkline.period"] in PERIODS) state.period = kept["trunkline.period"];
  drawPeriods();
  drawTheme();
  byId("waiting").append(...Array.from({ length: BONES }, () => element("article", { className: "tile bone" })));
  byId("theme").addEventListener("click", changeTheme);
  byId("door-form").addEventListener("submit", enter);
  addEventListener("hashchange", () => (location.hash.startsWith("#key=") ? openBoard() : turn()));
  addEventListener("boards:ask", refresh);
  addEventListener("boards:trouble", ({ detail }) => trouble(detail));
  document.addEventListener("visibilitychange", refresh);
  setInterval(tick, POLL);
  openBoard();
}

/** With a key the board, without one the question for it; a link to a dashboard needs none. */
function openBoard() {
  if (!takeKey() && !shared()) return ask();
  state.stop?.abort();
  state.stop = new AbortController();
  byId("door").hidden = true;
  turn();
  if (!hasKey()) return;
  pill("connecting");
  follow(happened, connected, state.stop.signal);
}

const shared = () => /^#share=([\w-]+)/.exec(location.hash)?.[1] ?? null;

/** To the view that the address names. */
function turn() {
  if (!state.stop) return shared() && openBoard();
  const [, name, key] = /^#\/(\w+)\/?(\w*)/.exec(location.hash) ?? [], share = shared();
  state.view = share || name === "dashboards" ? "boards" : name === "live" ? "live" : "calls";
  for (const link of byId("views").children) link.toggleAttribute("aria-current", link.hash === VIEWS[state.view]);
  byId("views").hidden = !hasKey();
  byId("boards").hidden = state.view !== "boards";
  byId("waiting").hidden = state.view !== "calls" || !byId("board").hidden;
  turnWallboard(state.view === "live");
  if (state.view === "calls") return refresh();
  byId("board").hidden = true;
  say("");
  if (state.view === "live") return;
  return openBoards({ key: key || null, share }).catch(trouble);
}

function ask(why = "") {
  state.stop?.abort();
  state.stop = null;
  forgetKey();
  for (const each of ["waiting", "board", "boards", "wallboard", "views", "now", "pill", "trouble"]) byId(each).hidden = true;
  byId("door").hidden = false;
  byId("door-trouble").textContent = why;
  byId("key").focus();
}

function enter(event) {
  event.preventDefault();
  const key = byId("key").value.trim();
  if (!/^tl_\S+$/.test(key)) return ask(text("door_shape"));
  keepKey(key);
  byId("key").value = "";
  openBoard();
}

/** While the stream is away the page asks by itself; with it, now and then, should an event have been missed. */
function tick() {
  if (Date.now() - state.at > (state.live ? RELOAD : POLL - 500)) refresh();
}

function connected(yes) {
  state.live = yes;
  pill(yes ? "live" : "polling");
}

/** A live event: the counts at once, the numbers when something new came in. */
function happened(counts) {
  const list = byId("now");
  heard(counts);
  COUNTS.forEach((name, index) => {
    const item = list.children[index] ?? list.appendChild(element("li", {}, element("b"), element("span")));
    const said = count(counts[name]);
    if (item.firstChild.textContent !== said) item.firstChild.textContent = said;
    item.lastChild.textContent ||= text(name);
  });
  list.hidden = false;
  const news = JSON.stringify([counts.beats, COUNTS.map((name) => counts[name])]);
  if (state.seen !== null && state.seen !== news) soon();
  state.seen = news;
}

/** At most once in a while: a busy floor has several calls a second. */
function soon() {
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, Math.max(250, state.at + CALM - Date.now()));
}

async function refresh() {
  if (!state.stop || document.hidden || state.view === "live") return;
  if (state.busy) return void (state.again = true);
  Object.assign(state, { busy: true, again: false, at: Date.now() });
  const { period, stop } = state;
  try {
    if (state.view === "boards") return await refreshBoards().then(() => say(""));
    const picture = await look(period);
    if (stop === state.stop && period === state.period && state.view === "calls") draw(picture);
  } catch (error) {
    if (stop === state.stop) trouble(error);
  } finally {
    state.busy = false;
    if (state.again) soon();
  }
}

function draw(picture) {
  const { calls, troubles } = picture, nothing = !calls.ever && !picture.sales;
  byId("waiting").hidden = true;
  byId("board").hidden = byId("board").ariaBusy = false;
  byId("title").textContent = text(picture.name === "today" ? "today" : `title_${picture.name}`);
  byId("span").textContent = `${spanName(picture.span)} · ${text("updated", { time: time(Date.now()) })}`;
  drawEmpty(calls);
  byId("tiles").hidden = byId("sections").hidden = nothing;
  if (!nothing) {
    drawTiles(picture.tiles);
    drawSections(picture);
  }
  say(troubles.length ? text("failed", { detail: troubles[0].message }) : "");
}

function drawEmpty({ here, ever }) {
  const place = byId("empty");
  place.hidden = here !== 0;
  place.classList.toggle("small", ever);
  if (ever) fill(place, element("p", {}, text("period_empty")));
  else fill(place, element("h2", {}, text("empty_title")), element("p", {}, text("empty_text")),
    element("ol", {}, element("li", {}, text("empty_demo"), element("code", {}, "trunkline demo")), element("li", {}, text("empty_connect"))));
}

/** One sentence; a key that is refused is asked for anew. */
function trouble(error) {
  const { status, message } = error;
  byId("waiting").hidden = true;
  if (status === undefined) throw error;
  if (status === 412) return openBoards().then(() => say(text("moved_meanwhile")), trouble);
  if (status === 401) ask(text("door_refused"));
  else if (status === 403) ask(text("refused", { detail: message }));
  else say(status === 0 ? text("unreachable") : text("failed", { detail: message }));
}

function say(sentence) {
  const place = byId("trouble");
  if (place.textContent !== sentence) place.textContent = sentence;
  place.hidden = !sentence;
}

function pill(name) {
  const place = byId("pill");
  place.hidden = false;
  if (place.dataset.state !== name) place.textContent = text(name);
  place.dataset.state = name;
}

function drawPeriods() {
  const choose = (name) => {
    state.period = kept["trunkline.period"] = name;
    byId("board").ariaBusy = true;
    refresh();
  };
  fill(byId("periods"), Object.keys(PERIODS).map((name) => element("label", {},
    element("input", { type: "radio", name: "period", checked: name === state.period, onchange: () => choose(name), value: name }),
    element("span", {}, text(name)))));
}

const isDark = () => (page.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function drawTheme() {
  byId("theme").title = byId("theme").ariaLabel = text(isDark() ? "theme_light" : "theme_dark");
}

function changeTheme() {
  page.dataset.theme = kept["trunkline.theme"] = isDark() ? "light" : "dark";
  drawTheme();
}

start();
