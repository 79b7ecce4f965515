// Dashboards: which one, narrowed to what, its tiles and their data. Skeletons stand until the numbers are there.

import { get } from "./api.js";
import { arrange, save } from "./boardedit.js";
import { openShare } from "./boardshare.js";
import { called, drawn } from "./boardtiles.js";
import { byId, element, fill } from "./dom.js";
import { text } from "./strings.js";

const ROW = 72, GAP = 16, SKELETONS = 8;
const KEPT = "trunkline.board", FILTERS = ["project", "list", "tag", "from", "to"];
const state = { key: null, share: null, board: null, data: null, scope: {}, editing: false, asked: 0 };

new ResizeObserver(() => state.data && drawTiles()).observe(byId("board-grid"));

/** Shows a dashboard: that of the key, the last one looked at, or the first there is; with a token that of a link. */
export async function openBoards({ key = null, share = null } = {}) {
  Object.assign(state, { key, share, board: null, data: null, editing: false });
  skeletons();
  await refreshBoards();
}

/** Asks anew for what is shown. Raises `Refused`. */
export async function refreshBoards() {
  if (state.editing) return;
  const asked = (state.asked += 1), path = await address();
  if (asked !== state.asked) return;
  if (!path) return empty();
  const [board, data] = await Promise.all([get(path), get(`${path}/data`, state.scope)]);
  if (asked !== state.asked) return;
  Object.assign(state, { board, data: data.charts });
  draw();
}

async function address() {
  if (state.share) return `v1/shared/${encodeURIComponent(state.share)}`;
  const { items } = await get("v1/dashboards"), keys = items.map(({ key }) => key);
  state.key = [state.key, localStorage[KEPT], keys[0]].find((key) => keys.includes(key)) ?? null;
  drawChoice(items);
  if (state.key) localStorage[KEPT] = state.key;
  return state.key && `v1/dashboards/${state.key}`;
}

function skeletons() {
  fill(byId("board-head"), element("h1", {}, text("dashboards")));
  fill(byId("board-filters"));
  const bones = Array.from({ length: SKELETONS }, (_, index) => place(element("article", { className: "board-tile bone" }), { x: (index % 4) * 3, y: index < 4 ? 0 : 2, width: 3, height: index < 4 ? 2 : 4 }));
  byId("board-grid").ariaBusy = true;
  fill(byId("board-grid"), bones);
}

function empty() {
  byId("board-grid").ariaBusy = false;
  fill(byId("board-grid"), element("section", { className: "empty whole" }, element("h2", {}, text("boards_empty")), element("p", {}, text("boards_begin")),
    element("code", {}, "trunkline install sales_crm")));
}

function drawChoice(items) {
  const choice = element("select", { className: "choice", ariaLabel: text("dashboard"), onchange: ({ target }) => (location.hash = `#/dashboards/${target.value}`) },
    items.map(({ key, title }) => element("option", { value: key, selected: key === state.key }, called(title))));
  state.choice = items.length > 1 ? choice : null;
}

function draw() {
  const { board, share } = state, may = board.role === "editor" && !share;
  const button = (name, act, kind = "quiet") => element("button", { type: "button", className: kind, onclick: act }, text(name));
  fill(byId("board-head"), element("h1", {}, called(board.title)), element("div", { className: "acts" }, !share && state.choice,
    may && board.layout.drag_and_drop && button(state.editing ? "done" : "arrange", edit, state.editing ? "primary small" : "quiet"), may && button("share", (event) => openShare(state.board, event.target, changed))));
  drawFilters();
  drawTiles();
}

function changed(board) {
  state.board = board;
  draw();
}

function drawFilters() {
  const place = byId("board-filters");
  if (place.contains(document.activeElement)) return;
  const wanted = state.board.global_filters, choices = state.board.choices;
  const select = (name) => element("label", {}, text(`filter_${name}`), element("select", { onchange: ({ target }) => narrow(name, target.value) },
    element("option", { value: "" }, text("all")), choices[`${name}s`].map(({ key, name: said }) => element("option", { value: key, selected: state.scope[name] === key }, said))));
  const day = (name) => element("label", {}, text(`filter_${name}`), element("input", { type: "date", value: state.scope[name] ?? "", onchange: ({ target }) => narrow(name, target.value) }));
  const narrowed = FILTERS.some((name) => state.scope[name]);
  fill(place, ["project", "list", "tag"].filter((name) => wanted.includes(name) && choices[`${name}s`].length).map(select), wanted.includes("timeframe") && ["from", "to"].map(day),
    narrowed && element("button", { type: "button", className: "quiet", onclick: () => narrow(null) }, text("clear")));
}

async function narrow(name, value) {
  state.scope = name ? { ...state.scope, [name]: value } : {};
  byId("board-grid").ariaBusy = true;
  document.activeElement?.blur();
  dispatchEvent(new Event("boards:ask"));
}

function drawTiles() {
  const { board, data, editing } = state, grid = byId("board-grid");
  const charts = new Map(board.charts.map((chart) => [chart.key, chart])), focused = document.activeElement?.dataset?.chart;
  grid.ariaBusy = false;
  grid.classList.toggle("editing", editing);
  if (!charts.size) return void fill(grid, element("section", { className: "empty whole" }, element("h2", {}, text("no_charts"))));
  const width = grid.clientWidth, narrow = width < 720;
  const tiles = [...board.layout.tiles].sort((one, other) => one.y - other.y || one.x - other.x).map((tile) => {
    const chart = charts.get(tile.chart), inner = (narrow ? width : (width + GAP) * (tile.width / 12) - GAP) - 34;
    const title = element("h2", { id: `chart-of-${tile.chart}` }, called(chart.title) || chart.key);
    const root = element("article", { className: `board-tile as-${chart.type}`, "aria-labelledby": `chart-of-${tile.chart}`, "data-chart": tile.chart, tabIndex: editing ? 0 : -1 },
      title, element("div", { className: "drawing" }, drawn(chart, data[tile.chart] ?? { value: null, reason: text("not_drawn") }, inner, tile.height * (ROW + GAP) - GAP)),
      editing && element("span", { className: "grip", ariaHidden: "true" }));
    return place(root, tile);
  });
  fill(grid, tiles);
  if (editing && focused) grid.querySelector(`[data-chart="${focused}"]`)?.focus({ preventScroll: true });
}

/** Where a tile stands: its style sheet makes columns and rows of it, and one column on a narrow page. */
function place(root, { x, y, width, height }) {
  for (const [name, value] of Object.entries({ x: x + 1, y: y + 1, w: width, h: height })) root.style.setProperty(`--${name}`, value);
  return root;
}

async function edit() {
  state.editing = !state.editing;
  draw();
  if (state.editing) byId("board-grid").querySelector(".board-tile")?.focus();
}

arrange(byId("board-grid"), {
  row: ROW, gap: GAP, now: () => state.editing && state.board.layout.tiles,
  async moved(tiles, finally_) {
    state.board = { ...state.board, layout: { ...state.board.layout, tiles } };
    drawTiles();
    if (!finally_) return;
    try {
      const { choices } = state.board;
      state.board = { ...(await save(state.board)), choices };
    } catch (error) {
      state.editing = false;
      dispatchEvent(new CustomEvent("boards:trouble", { detail: error }));
    }
  },
});
