// From a chart's data to its drawing: one tile of a dashboard.

import { bars, heatStrip } from "./charts.js";
import { bullet, funnel, gauge, kind, lines, MOST_KINDS, ring, table } from "./drawings.js";
import { element } from "./dom.js";
import { amount, decimal, slotName } from "./format.js";
import { language, text } from "./strings.js";

const DRAW = { stat, gauge: gauge_, bullet: bullet_, pie, bar, line, funnel: funnel_, table: table_, heatmap };
const HEAD = 62, NOTE = 28, YEAR = 12;

export const called = (title) => (typeof title === "string" ? title : title?.[language] ?? title?.en ?? title?.nl ?? "");

/** The content of a tile: its drawing, or a sentence that says why there is none. */
export function drawn(chart, data, width, height) {
  const format = (value) => decimal(value, data.unit, data.currency, chart.display?.decimals);
  const short = (value) => decimal(value, data.unit, data.currency, chart.display?.decimals, true);
  if (data.value === null || (data.points && !data.points.length)) return said("nothing-here", data.reason ?? text("no_records"));
  const below = notes(data);
  const frame = { width, height: Math.max(64, height - HEAD - below.length * NOTE), title: called(chart.title) || chart.key, description: text("chart_hint") };
  return [DRAW[chart.type](chart, data, { ...frame, format, short }), below];
}

const said = (name, sentence) => element("p", { className: name }, sentence);
const notes = ({ unpriced, undated }) => [unpriced && said("muted", text("unpriced", { n: unpriced })), undated && said("muted", text("undated_records", { n: undated }))].filter(Boolean);

function stat(_, data, { format }) {
  return said("big", format(amount(data.value)));
}

function gauge_(_, data, { format, ...frame }) {
  const value = amount(data.value), target = amount(data.target) ?? 0;
  return gauge({ ...frame, value, target, said: format(value), goal: target ? text("of_target", { target: format(target) }) : "" });
}

function bullet_(_, data, { format, ...frame }) {
  const value = amount(data.value), target = amount(data.target) ?? 0, goal = target ? text("of_target", { target: format(target) }) : "";
  return element("div", {}, element("p", { className: "big" }, format(value), " ", element("span", { className: "muted" }, goal)), bullet({ ...frame, value, target }));
}

function pie(_, data, frame) {
  const all = data.points.map((point) => ({ name: point.name ?? text("none"), value: amount(point.value) ?? 0 }));
  const kept = all.length > MOST_KINDS ? [...all.slice(0, MOST_KINDS - 1), { name: text("rest"), value: all.slice(MOST_KINDS - 1).reduce((sum, { value }) => sum + value, 0) }] : all;
  return ring({ ...frame, parts: kept.map((part, index) => ({ ...part, kind: kind(index) })) });
}

function bar(chart, data, frame) {
  const { slots, groups, at } = crossed(chart, data);
  return [legend(groups), bars({
    ...frame, height: frame.height - room(groups), slots, name: axisName(chart, slots), format: frame.short, room: chart.bucket ? 56 : 84,
    stacks: slots.map((slot) => groups.map((group, index) => ({ kind: kind(index), value: at(slot, group) ?? 0 }))),
    describe: (index) => described(chart, slots[index], groups, at, frame.format),
  })];
}

function line(chart, data, frame) {
  const { slots, groups, at } = crossed(chart, data);
  return [legend(groups), lines({
    ...frame, height: frame.height - room(groups), slots, name: axisName(chart, slots), format: frame.short, room: chart.bucket ? 56 : 84,
    series: groups.map((group, index) => ({ kind: kind(index), values: slots.map((slot) => at(slot, group) ?? (chart.bucket ? 0 : null)) })),
    describe: (index) => described(chart, slots[index], groups, at, frame.format),
  })];
}

const room = (groups) => (groups.length > 1 ? 24 : 0);
const legend = (groups) => groups.length > 1 && element("p", { className: "legend" }, groups.map((group, index) => element("span", {}, element("i", { className: `swatch ${kind(index)}` }), group.name)));

function funnel_(_, data, frame) {
  return funnel({ ...frame, parts: data.points.map((point) => ({ name: point.name ?? text("none"), value: amount(point.value) ?? 0 })) });
}

function heatmap(chart, data, frame) {
  const { slots, groups, at } = crossed(chart, data), names = slots.map(axisName(chart, slots));
  const cells = groups.map((group) => slots.map((slot) => at(slot, group) ?? 0));
  return heatStrip({
    ...frame, left: 112, cells, rows: groups.map((group) => cut(group.name)), columns: names,
    describe: (column, row) => [names[column], [groups[row].name, frame.format(cells[row][column])]],
  });
}

function table_(chart, data, frame) {
  const { slots, groups, at } = crossed(chart, data), plain = groups.length === 1 && !groups[0].key;
  return table({
    ...frame, head: ["", ...groups.map(({ name }) => (plain ? text("value") : name))],
    rows: slots.map((slot) => [slotText(chart, slot, "full"), ...groups.map((group) => frame.format(at(slot, group)))]),
  });
}

/** The points as a grid: slots along, groups beside each other; months without anything are there too. */
function crossed(chart, { points }) {
  const slots = new Map(), groups = new Map(), values = new Map();
  for (const point of points) {
    slots.set(point.label, { key: point.label, name: point.name ?? text("none") });
    groups.set(point.group ?? null, { key: point.group ?? null, name: point.group === undefined ? "" : point.group_name ?? text("none") });
    values.set(`${point.label}\n${point.group ?? ""}`, amount(point.value));
  }
  const along = chart.bucket === "month" ? months([...slots.keys()]).map((key) => ({ key, name: key })) : [...slots.values()];
  return { slots: along, groups: [...groups.values()], at: (slot, group) => values.get(`${slot.key}\n${group.key ?? ""}`) ?? null };
}

/** From the first to the last, none left out. */
function months(keys) {
  const [first, last] = [keys[0], keys.at(-1)].map((key) => Number(key.slice(0, 4)) * 12 + Number(key.slice(5, 7)) - 1);
  if (last - first > 600) return keys;
  return Array.from({ length: last - first + 1 }, (_, index) => `${Math.floor((first + index) / 12)}-${String(((first + index) % 12) + 1).padStart(2, "0")}`);
}

const cut = (name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
const dated = { day: "day", month: "month" };

function slotText(chart, { key, name }, style) {
  return key && dated[chart.bucket] ? slotName(key, dated[chart.bucket], style) : name;
}

const axisName = (chart, slots) => (slot) => cut(slotText(chart, slot, chart.bucket === "month" && slots.length > YEAR ? "years" : "axis"));

function described(chart, slot, groups, at, format) {
  const lines = groups.map((group, index) => [group.name || text("value"), format(at(slot, group)), groups.length > 1 ? kind(index) : null]);
  return [slotText(chart, slot, "full"), ...lines.filter(([, value]) => value !== "–")];
}
