// The charts below the tiles: volume, service level, busy hours, sales.

import { bars, heatStrip, lineWithBand } from "./charts.js";
import { byId, element, fill } from "./dom.js";
import { brief, count, perHour, show, slotName, weekday, zoneText } from "./format.js";
import { text } from "./strings.js";

// Shares of fewer calls than `FEW` are drawn as the doubtful things they are.
const HEIGHT = 232, TALL = 260, FEW = 20;
const CHARTS = { volume, level, heat, sales };
const cards = new Map();
let latest = null;

new ResizeObserver(() => latest && drawSections(latest)).observe(byId("sections"));

/** Draws what there is data for; again when the width has changed, because text must not stretch. */
export function drawSections(picture) {
  latest = picture;
  for (const [name, plan] of Object.entries(CHARTS)) {
    const drawn = plan(picture), card = cards.get(name) ?? create(name);
    card.root.hidden = !drawn;
    const width = card.place.clientWidth;
    // Hidden with its page, it has no width; once it is shown, the observer draws it.
    if (drawn && !width) continue;
    const now = JSON.stringify([drawn, picture.span, picture[name], width]);
    if (drawn && card.drawn !== now) draw(card, drawn, width);
    card.drawn = drawn ? now : null;
  }
}

function create(name) {
  const title = element("h2"), legend = element("p", { className: "legend" });
  const place = element("div", { className: "place" }), note = element("p", { className: "muted" });
  const root = element("section", { className: `card ${name}` }, element("header", {}, title, legend), place, note);
  byId("sections").append(root);
  const card = { root, title, legend, place, note };
  cards.set(name, card);
  return card;
}

function draw(card, { title, legend = [], note = "", chart }, width) {
  card.root.classList.toggle("fresh", !card.drawn);
  card.title.textContent = title;
  card.note.textContent = note;
  fill(card.legend, legend);
  const focused = card.place.contains(document.activeElement);
  const drawn = chart({ width, title, description: text("chart_hint") });
  fill(card.place, drawn);
  if (focused) drawn.focus({ preventScroll: true });
}

const key = (kind, label) => element("span", {}, element("i", { className: `swatch ${kind}` }), label);
const axis = ({ bucket }) => (slot) => slotName(slot, bucket, "axis");
const heading = ({ slots, bucket }, index) => slotName(slots[index], bucket, "full");
const titled = (name, { bucket }) => text(name, { bucket: text(`by_${bucket}`) });

function volume({ volume: data, span }) {
  if (!data?.total) return null;
  const kinds = ["inbound", "outbound", "unknown"].filter((kind, index) => index < 2 || data.stacks.some((stack) => stack[index].value));
  return {
    title: titled("volume", span), legend: kinds.map((kind) => key(kind, text(kind))),
    chart: (frame) => bars({
      ...frame, ...data, height: TALL, name: axis(span), format: (value) => brief(value, "count"),
      describe: (index) => [heading(span, index),
        ...data.stacks[index].filter(({ kind }) => kinds.includes(kind)).map(({ kind, value }) => [text(kind), count(value), kind])],
    }),
  };
}

function level({ level: points, span, tiles }) {
  if (!points?.some((point) => point.value !== null)) return null;
  const tile = tiles.find(({ metric }) => metric.key === "service_level"), percent = (value) => show(value, "ratio");
  const drawn = points.map((point) => ({ ...point, few: point.n < FEW })), doubtful = drawn.some(({ few, value }) => few && value !== null);
  const held = tile.zone && tile.verdict !== "not_comparable", said = held && zoneText(tile.benchmark, "ratio");
  return {
    title: titled("level", span), note: text("level_note") + (held ? text("level_line", { target: said }) : "") + (doubtful ? text("level_few", { n: count(FEW) }) : ""),
    chart: (frame) => lineWithBand({
      ...frame, height: HEIGHT, slots: span.slots, points: drawn, target: held ? tile.zone[0] ?? tile.zone[1] : null, name: axis(span),
      format: (value) => brief(value, "ratio"),
      describe: (index) => {
        const { value, low, high, n } = points[index];
        return [heading(span, index), [tile.metric.title, percent(value), "level"], [text("interval"), low === null ? "–" : `${percent(low)} – ${percent(high)}`],
          [text("how_many"), count(n)], held && [text("benchmark"), said, "target"]].filter(Boolean);
      },
    }),
  };
}

function heat({ heat: data }) {
  if (!data) return null;
  const { hours, cells, from, to } = data, day = (slot) => slotName(slot, "day", "axis");
  const scale = [1, 2, 3, 4, 5, 6].map((step) => element("i", { className: `swatch level-${step}` }));
  return {
    title: text("heat"), note: text("heat_note", { from: day(from), to: day(to) }),
    legend: element("span", { className: "scale" }, text("fewer"), scale, text("more")),
    chart: (frame) => heatStrip({
      ...frame, cells, rows: cells.map((_, index) => weekday(index)), columns: hours,
      describe: (column, row) => [`${weekday(row, "long")} ${hours[column]}:00`, [text("how_many"), cells[row][column] === null ? "–" : perHour(cells[row][column])]],
    }),
  };
}

function sales({ sales: data }) {
  if (!data) return null;
  const month = (style) => (slot) => (slot ? slotName(slot, "month", style) : text("undated"));
  return {
    title: text("sales"), note: text("sales_note"), legend: ["won", "forecast"].map((kind) => key(kind, text(kind))),
    chart: (frame) => bars({
      ...frame, ...data, height: TALL, room: 40, name: month("axis"), format: (value) => brief(value, "money", data.currency),
      describe: (index) => [month("full")(data.slots[index]),
        ...data.stacks[index].filter(({ value }) => value).map(({ kind, value }) => [text(kind), show(value, "money", data.currency), kind])],
    }),
  };
}
