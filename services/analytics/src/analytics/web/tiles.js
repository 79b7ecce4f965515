// One tile a metric: the number, its doubt, its benchmark and the verdict.

import { rangeBar, sparkline } from "./charts.js";
import { byId, element, fill } from "./dom.js";
import { count, show, zoneText } from "./format.js";
import { attach } from "./panel.js";
import { text } from "./strings.js";
import { badge, word } from "./verdicts.js";

const ROLL = 450;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const made = new Map();

/** Draws the tiles, changing those that are there, so that focus and open details stay where they are. */
export function drawTiles(tiles) {
  for (const tile of tiles) {
    const known = made.get(tile.metric.key) ?? create(tile);
    const now = JSON.stringify(tile);
    if (known.drawn !== now) update(known, tile);
    known.drawn = now;
  }
  const shown = tiles.map((tile) => made.get(tile.metric.key).root);
  if (shown.some((root, index) => byId("tiles").children[index] !== root)) fill(byId("tiles"), shown);
}

const PARTS = { verdict: "div", number: "span", n: "span", spark: "div", range: "div", between: "p", note: "p" };

function create(tile) {
  const parts = Object.fromEntries(Object.entries(PARTS).map(([name, tag]) => [name, element(tag, { className: name })]));
  const { title } = tile.metric;
  const button = element("button", { type: "button", className: "how", "aria-haspopup": "dialog", "aria-label": text("how_of", { metric: title }) }, text("how"));
  const root = element("article", { className: "tile", "aria-labelledby": `tile-${tile.metric.key}` },
    element("header", {}, element("h2", { id: `tile-${tile.metric.key}` }, title), parts.verdict),
    element("div", { className: "figure" }, element("p", { className: "value" }, parts.number, " ", parts.n), parts.spark),
    parts.range, parts.between, parts.note, button);
  const known = { root, parts, button, tile };
  attach(button, () => known.tile);
  made.set(tile.metric.key, known);
  return known;
}

function update(known, tile) {
  const { root, parts } = known;
  const before = known.drawn && known.tile.value;
  known.tile = tile;
  root.dataset.verdict = tile.verdict;
  fill(parts.verdict, tile.missing ? null : badge(tile.verdict, ofDeals(tile)));
  roll(parts.number, before, tile.value, (value) => show(value, tile.unit, tile.currency));
  fill(parts.n, tile.value === null || tile.unit === "count" ? "" : cases(tile));
  fill(parts.spark, sparkline(tile.trend));
  fill(parts.range, tile.value !== null && (tile.low !== null || tile.zone) ? bar(tile) : null);
  fill(parts.between, between(tile));
  fill(parts.note, note(tile));
}

/** Whether its cases are deals rather than calls. */
export const ofDeals = ({ unit }) => unit === "money";
const isCounted = ({ unit }) => unit === "money" || unit === "count";

function cases(tile) {
  const kind = ofDeals(tile) ? "deal" : "call", n = tile.n ?? 0;
  return n === 1 ? text(`one_${kind}`) : text(`${kind}s`, { n: count(n) });
}

function bar(tile) {
  const title = `${tile.metric.title}: ${spoken(tile)}`;
  const description = tile.benchmark ? `${text("benchmark_is", { zone: zoneText(tile.benchmark, tile.unit) })}. ${word(tile.verdict)}.` : word(tile.verdict);
  return rangeBar({ ...tile, comparable: tile.verdict !== "not_comparable", title, description });
}

function spoken(tile) {
  const written = (value) => show(value, tile.unit, tile.currency);
  if (tile.low === null || tile.high === null) return written(tile.value);
  return text("range_text", { value: written(tile.value), low: written(tile.low), high: written(tile.high) });
}

function between(tile) {
  const written = (value) => show(value, tile.unit, tile.currency);
  const own = tile.value === null ? null : tile.low === null || tile.high === null
    ? isCounted(tile) && text("no_interval")
    : text("sure", { low: written(tile.low), high: written(tile.high) });
  const said = tile.benchmark && zoneText(tile.benchmark, tile.unit);
  return [own && element("span", {}, own), said && element("span", { className: "held" }, text("benchmark_is", { zone: said }))];
}

/** Why there is no number, or no comparison; else how it stands against the team's own past. */
function note(tile) {
  if (tile.missing) return text("missing");
  if (tile.value === null) return tile.reason || text("nothing");
  if (tile.verdict === "not_comparable") return tile.benchmark?.why_not || tile.reason;
  const past = tile.pasts.find(({ verdict }) => ["better", "worse", "on_par"].includes(verdict));
  return past ? text("than_past", { past: text(past.against), verdict: word(past.verdict).toLowerCase() }) : "";
}

/** Lets a number run to its new value, so that one sees it change and which way. */
function roll(node, from, to, written) {
  const start = performance.now();
  const fixed = from === undefined || from === null || to === null || from === to || still.matches;
  node.classList.toggle("changed", !fixed);
  const step = (now) => {
    const part = fixed ? 1 : Math.min(1, (now - start) / ROLL);
    node.textContent = part === 1 ? written(to) : written(from + (to - from) * (1 - (1 - part) ** 3));
    if (part < 1 && node.isConnected) requestAnimationFrame(step);
  };
  step(start);
}
