// The charts below the tiles: volume, busy hours, service level, sales.

import { bars, heatStrip, lineWithBand } from "./charts.js";
import { byId, element, fill } from "./dom.js";
import { brief, count, perHour, show, slotName, weekday, zoneText } from "./format.js";
import { fromKey } from "./time.js";
import { text } from "./strings.js";

const HEIGHT = 232, TALL = 264;
const made = new Map();
let latest = null;

const CHARTS = { volume, level, heat, sales };

/** Draws what there is data for; again when the page's width changes, because text must not stretch. */
export function drawSections(picture) {
  latest = picture;
  for (const [name, draw] of Object.entries(CHARTS)) {
    const card = made.get(name) ?? create(name);
    card.root.hidden = !draw(picture, 0);
    const now = JSON.stringify([picture.span.slots, picture[name], name === "level" && target(picture), card.root.clientWidth]);
    if (!card.root.hidden && card.drawn !== now) redraw(card, draw(picture, card.chart.clientWidth || 320));
    card.drawn = now;
  }
}

function create(name) {
  const title = element("h2"), legend = element("p", { className: "legend" });
  const chart = element("div", { className: "place" }), note = element("p", { className: "muted" });
  const root = element("section", { className: `card ${name}` }, element("header", {}, title, legend), chart, note);
  byId("sections").append(root);
  new ResizeObserver(() => latest && requestAnimationFrame(() => drawSections(latest))).observe(root);
  const card = { root, title, legend, chart, note };
  made.set(name, card);
  return card;
}

/** An open readout or a focused chart is not taken away by the drawing of a new one. */
function redraw(card, drawn) {
  card.root.classList.toggle("fresh", !card.drawn);
  card.title.textContent = drawn.title;
  card.note.textContent = drawn.note ?? "";
  fill(card.legend, drawn.legend ?? []);
  const focused = card.chart.contains(document.activeElement);
  fill(card.chart, drawn.chart);
  if (focused) drawn.chart.focus({ preventScroll: true });
}

const key = (kind, label) => element("span", {}, element("i", { className: `swatch ${kind}` }), label);
const bucketWord = (span) => text(`by_${span.bucket}`);

function volume(picture, width) {
  const { volume: data, span } = picture;
  if (!data || !width) return data;
  const title = text("volume", { bucket: bucketWord(span) });
  const labels = { inbound: text("inbound"), outbound: text("outbound"), unknown: text("unknown_direction") };
  const there = Object.keys(labels).filter((kind) => kind !== "unknown" || data.stacks.some((stack) => stack[2].value));
  const chart = bars({
    width, height: HEIGHT, ...data, title, description: text("chart_hint"),
    name: (slot) => slotName(slot, span.bucket, "axis"), format: (value) => brief(value, "count"),
    describe: (index) => [slotName(data.slots[index], span.bucket, "full"),
      ...data.stacks[index].filter(({ kind }) => there.includes(kind)).map(({ kind, value }) => [labels[kind], count(value), kind])],
  });
  return { title, chart, legend: there.map((kind) => key(kind, labels[kind])), note: text("volume_note", { n: count(data.total) }) };
}

/** The benchmark of the service level as one line across, if it is one. */
function target({ tiles }) {
  const tile = tiles.find(({ metric }) => metric.key === "service_level");
  return tile?.zone && tile.verdict !== "not_comparable" ? { at: (tile.zone[0] + tile.zone[1]) / 2, said: zoneText(tile.benchmark, "ratio") } : null;
}

function level(picture, width) {
  const { level: points, span } = picture, line = target(picture);
  if (!points?.some((point) => point.value !== null)) return null;
  if (!width) return points;
  const title = text("level", { bucket: bucketWord(span) }), percent = (value) => show(value, "ratio");
  const chart = lineWithBand({
    width, height: HEIGHT, slots: span.slots, points, target: line?.at, title, description: text("chart_hint"),
    name: (slot) => slotName(slot, span.bucket, "axis"), format: (value) => brief(value, "ratio"),
    describe: (index) => {
      const { value, low, high, n } = points[index];
      return [slotName(span.slots[index], span.bucket, "full"), [text("total"), text("calls", { n: count(n) })],
        [text("interval"), low === null ? "–" : `${percent(low)} – ${percent(high)}`],
        ["", percent(value), "level"], line && [text("target"), line.said, "target"]].filter(Boolean);
    },
  });
  return { title, chart, note: line ? text("level_note", { target: line.said }) : text("level_note_plain") };
}

function heat(picture, width) {
  const data = picture.heat;
  if (!data || !width) return data;
  const day = (slot) => slotName(slot, "day", "axis");
  const hour = (index) => slotName(`2024-01-01T${String(data.hours[index]).padStart(2, "0")}`, "hour", "axis");
  const chart = heatStrip({
    width, cells: data.cells, title: text("heat"), description: text("chart_hint"),
    rows: data.cells.map((_, index) => weekday(index)), columns: data.hours.map((value) => String(value)),
    describe: (column, row) => [`${weekday(row, "long")} ${hour(column)}`, [text("calls", { n: "" }).trim(), data.cells[row][column] === null ? "–" : perHour(data.cells[row][column])]],
  });
  const scale = [text("fewer"), ...[1, 2, 3, 4, 5, 6].map((step) => element("i", { className: `swatch level-${step}` })), text("more")];
  return { title: text("heat"), chart, legend: [element("span", { className: "scale" }, scale)], note: text("heat_note", { from: day(data.from), to: day(data.to) }) };
}

function sales(picture, width) {
  const data = picture.sales;
  if (!data || !width) return data;
  const month = (style) => (slot) => (slot ? slotName(slot, "month", style) : text("undated"));
  const labels = { won: text("won"), forecast: text("forecast") };
  const money = (value) => show(value, "money", data.currency);
  const chart = bars({
    width, height: TALL, room: 40, ...data, title: text("sales"), description: text("chart_hint"),
    name: month("axis"), format: (value) => brief(value, "money", data.currency),
    describe: (index) => [month("full")(data.slots[index]), ...data.stacks[index].filter(({ value }) => value).map(({ kind, value }) => [labels[kind], money(value), kind])],
  });
  return { title: text("sales"), chart, legend: Object.entries(labels).map(([kind, label]) => key(kind, label)), note: text("sales_note") };
}

export const spanText = ({ slots, bucket }) => {
  const format = (slot) => slotName(slot.slice(0, 10), "day", "full");
  return bucket === "hour" ? format(slots[0]) : `${format(slots[0])} – ${format(slots.at(-1))}, ${fromKey(slots.at(-1)).getUTCFullYear()}`;
};
