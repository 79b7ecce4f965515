// One tile a metric: the number, its doubt, its benchmark and the verdict.

import { rangeBar, sparkline } from "./charts.js";
import { byId, element, fill } from "./dom.js";
import { count, show, zoneText } from "./format.js";
import { openPanel } from "./panel.js";
import { text } from "./strings.js";
import { badge, word } from "./verdicts.js";

const ROLL = 450;
const PARTS = { verdict: "div", number: "span", n: "span", spark: "div", range: "div", between: "p", note: "p" };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const made = new Map();

/** Draws the tiles, changing those that are there, so that the focus stays where it is. */
export function drawTiles(tiles) {
  for (const tile of tiles) {
    const known = made.get(tile.metric.key) ?? create(tile), now = JSON.stringify(tile);
    if (known.drawn !== now) update(known, tile);
    known.drawn = now;
  }
}

function create({ metric: { key, title } }) {
  const parts = Object.fromEntries(Object.entries(PARTS).map(([name, tag]) => [name, element(tag, { className: name })]));
  const button = element("button", { type: "button", className: "how", id: `how-${key}`, ariaHasPopup: "dialog", "aria-labelledby": `how-${key} tile-${key}` }, text("how"));
  const root = element("article", { className: "tile", "aria-labelledby": `tile-${key}` },
    element("header", {}, element("h2", { id: `tile-${key}` }, title), parts.verdict),
    element("div", { className: "figure" }, element("p", { className: "value" }, parts.number, parts.n), parts.spark),
    parts.range, parts.between, parts.note, button);
  const known = { root, parts };
  button.addEventListener("click", () => openPanel(known.tile, button));
  byId("tiles").append(root);
  made.set(key, known);
  return known;
}

function update(known, tile) {
  const { root, parts } = known, { value, unit, zone, low, high, verdict } = tile;
  const written = (number) => show(number, unit, tile.currency), before = known.tile?.value ?? null;
  const sure = low !== null && high !== null && { low: written(low), high: written(high) };
  known.tile = tile;
  root.dataset.verdict = verdict;
  fill(parts.verdict, !tile.missing && badge(verdict, unit === "money"));
  roll(parts.number, before, value, written);
  fill(parts.n, value !== null && unit !== "count" && cases(tile));
  fill(parts.spark, sparkline(tile.trend));
  fill(parts.range, value !== null && (sure || zone) && rangeBar({
    ...tile, comparable: verdict !== "not_comparable", description: `${held(tile)}. ${word(verdict)}.`,
    title: `${tile.metric.title}: ${written(value)}. ${sure ? text("sure", sure) : ""}`,
  }));
  fill(parts.between, value !== null && element("span", {}, sure ? text("sure", sure) : isCounted(tile) && text("no_interval")),
    tile.benchmark && element("span", { className: "held" }, held(tile)));
  fill(parts.note, note(tile));
}

// A forecast is of the future.
const isCounted = ({ metric }) => ["money", "count"].includes(metric.unit) && metric.time_anchor !== "now";
const held = ({ benchmark, unit }) => (benchmark ? text("benchmark_is", { zone: zoneText(benchmark, unit) }) : "");

function cases({ unit, n }) {
  const kind = unit === "money" ? "deal" : "call";
  return n === 1 ? text(`one_${kind}`) : text(`${kind}s`, { n: count(n) });
}

/** Why there is no number, or no comparison; else how it stands against the team's own past. */
function note({ missing, value, verdict, place, reason, benchmark, pasts, unit }) {
  if (missing) return text("missing");
  if (value === null) return reason || text("nothing");
  if (verdict === "not_comparable") return benchmark?.why_not || reason;
  if (verdict === "inconclusive" && place === "outside") return text("differs");
  const past = pasts.find((each) => !["no_benchmark", "insufficient_data"].includes(each.verdict));
  return past && text("than_past", { past: text(past.against), verdict: word(past.verdict, unit === "money").toLowerCase() });
}

/** Lets a number run to its new value, so that one sees it change and which way. */
function roll(node, from, to, written) {
  const start = performance.now(), fixed = from === null || to === null || from === to || still.matches;
  node.classList.toggle("changed", !fixed);
  const step = (now) => {
    const part = fixed ? 1 : Math.min(1, Math.max(0, now - start) / ROLL);
    node.textContent = part === 1 ? written(to) : written(from + (to - from) * (1 - (1 - part) ** 3));
    if (part < 1) requestAnimationFrame(step);
  };
  step(start);
}
