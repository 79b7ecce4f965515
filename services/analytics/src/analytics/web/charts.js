// Charts as plain SVG: numbers in, a figure with a title, a description and a readout out.

import { shape } from "./dom.js";
import { explore } from "./readout.js";

const LEFT = 48, RIGHT = 8, TOP = 12, BOTTOM = 24;
let made = 0;

/** An SVG of that size which a screen reader can tell. */
export function figure(width, height, title, description) {
  const id = `chart-${(made += 1)}`;
  return shape("svg", { class: "chart", width, height, role: "img", "aria-labelledby": `${id}-t ${id}-d` },
    shape("title", { id: `${id}-t` }, title), shape("desc", { id: `${id}-d` }, description));
}

export const line = (kind, x1, y1, x2, y2) => shape("line", { class: kind, x1, y1, x2, y2 });
export const box = (kind, x, y, width, height, rx) => shape("rect", { class: kind, x, y, width, height, rx });
export const label = (x, y, anchor, said) => shape("text", { class: "axis", x, y, "text-anchor": anchor }, String(said));
export const path = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

/** Round steps from nought up to at least `most`: 0, 20, 40, 60. */
export function ticks(most) {
  const raw = most / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Marks from below a share up to 100 %, so that what varies little is not flat. */
function sharesFrom(least) {
  const step = [0.02, 0.05, 0.1, 0.2].find((each) => 1 - least <= 5 * each) ?? 0.25;
  return Array.from({ length: Math.ceil((1 - least) / step - 0.001) + 1 }, (_, index) => 1 - index * step).reverse();
}

/** Grid and labels, and where things go: `x(index)` is a slot's middle, `y(value)` a height. */
export function axes(svg, { width, height, slots, name, marks, format, room = 58 }) {
  const step = (width - LEFT - RIGHT) / slots.length, lowest = marks[0], top = marks.at(-1), floor = height - BOTTOM;
  const x = (index) => LEFT + step * (index + 0.5);
  const y = (value) => floor - (floor - TOP) * ((value - lowest) / (top - lowest));
  for (const mark of marks) svg.append(line("grid", LEFT, y(mark), width - RIGHT, y(mark)), label(LEFT - 8, y(mark) + 4, "end", format(mark)));
  everySoMany(svg, slots.map(name), Math.ceil(room / step), x, height - 6);
  return { x, y, step, floor, top: TOP, from: LEFT, count: slots.length };
}

function everySoMany(svg, names, every, x, y) {
  names.forEach((name, index) => index % every === 0 && svg.append(label(x(index), y, "middle", name)));
}

/** Stacked bars. `stacks` is, for each slot, a list of `{kind, value}` from the bottom up; `kind` is its CSS class. */
export function bars({ title, description, describe, stacks, ...frame }) {
  const svg = figure(frame.width, frame.height, title, description);
  const sums = stacks.map((stack) => stack.reduce((sum, part) => sum + Math.max(0, part.value), 0));
  const place = axes(svg, { ...frame, marks: ticks(Math.max(...sums, 1)) }), { x, y, step, floor } = place;
  const wide = Math.max(2, Math.min(step * 0.72, 56)), group = svg.appendChild(shape("g", { class: "bars" }));
  stacks.forEach((stack, index) => {
    let under = 0;
    for (const { kind, value } of stack.filter((part) => part.value > 0)) {
      const upper = y(under + value);
      group.append(box(kind, x(index) - wide / 2, upper, wide, Math.max(1, y(under) - upper), Math.min(3, wide / 4)));
      under += value;
    }
  });
  svg.append(line("base", LEFT, floor, frame.width - RIGHT, floor));
  return explore(svg, { ...place, describe });
}

/**
 * A line of shares with the band of its intervals, broken where there is no value; `target` is a line across.
 * A point of `few` is no part of the line: it stands alone, hollow, on its interval.
 */
export function lineWithBand({ title, description, describe, points, target, ...frame }) {
  const svg = figure(frame.width, frame.height, title, description);
  const known = points.filter((point) => point.value !== null);
  const place = axes(svg, { ...frame, marks: sharesFrom(Math.min(...known.map((point) => point.low ?? point.value), target ?? 1)) }), { x, y } = place;
  for (const { value, low, high, index } of points.map((point, index) => ({ ...point, index })).filter((point) => point.few && point.value !== null))
    svg.append(line("whisker", x(index), y(low ?? value), x(index), y(high ?? value)), shape("circle", { class: "point few", cx: x(index), cy: y(value), r: 2.5 }));
  for (const run of runs(points)) {
    const edge = (end) => run.map((point) => [x(point.index), y(point[end] ?? point.value)]);
    svg.append(shape("polygon", { class: "band", points: path([...edge("low"), ...edge("high").reverse()]) }), shape("polyline", { class: "line", points: path(edge("value")) }));
    if (points.length < 40) svg.append(...edge("value").map(([cx, cy]) => shape("circle", { class: "point", cx, cy, r: 2.5 })));
  }
  if (target !== null) svg.append(line("target", LEFT, y(target), frame.width - RIGHT, y(target)));
  return explore(svg, { ...place, describe });
}

/** Neighbouring points that have a value of enough, each with its index. */
function runs(points) {
  const found = [[]];
  points.forEach((point, index) => (point.value === null || point.few ? found.push([]) : found.at(-1).push({ ...point, index })));
  return found.filter((run) => run.length);
}

/**
 * The measured value (dot), its interval (bar) and the benchmark's zone on one scale, which stretches with its place.
 * A zone that cannot be compared is only outlined; an end of it may be open (null).
 */
export function rangeBar({ value, low, high, zone, comparable, unit, title, description }) {
  const seen = [value, low, high, ...(zone ?? [])].filter((each) => each !== null);
  const least = Math.min(...seen), most = Math.max(...seen), room = (most - least || Math.abs(most) || 1) * 0.18;
  const from = Math.max(0, least - room), span = (unit === "ratio" ? Math.min(1, most + room) : most + room) - from || 1;
  const part = (size) => `${((size / span) * 100).toFixed(2)}%`, at = (each) => part(each - from);
  const svg = figure("100%", 24, title, description);
  svg.append(box("track", 0, 10, "100%", 4, 2));
  if (zone) {
    const [start, end] = [zone[0] ?? from, zone[1] ?? from + span], kind = comparable ? "zone" : "zone apart", middle = at((start + end) / 2);
    svg.append(end - start < span * 0.012 ? line(`${kind} exact`, middle, 1, middle, 23) : box(kind, at(start), 2, part(end - start), 20, 4));
  }
  if (low !== null && high !== null) svg.append(box("interval", at(low), 8, part(high - low), 8, 4));
  svg.append(shape("circle", { class: "measured", cx: at(value), cy: 12, r: 5.5 }));
  return svg;
}

/** Weekdays down, hours across; the fuller the darker. `cells[row][column]` is a number or null. */
export function heatStrip({ width, cells, rows, columns, title, description, describe, left = 40 }) {
  const step = (width - left) / columns.length, tall = Math.min(34, Math.max(22, step * 0.9)), floor = tall * rows.length;
  const svg = figure(width, floor + 22, title, description), most = Math.max(...cells.flat()), x = (column) => left + (column + 0.5) * step;
  rows.forEach((row, r) => {
    svg.append(label(left - 8, (r + 0.5) * tall + 4, "end", row));
    cells[r].forEach((value, c) => svg.append(box(`heat level-${Math.ceil((value / most) * 6)}`, left + c * step + 1, r * tall + 1, step - 2, tall - 2, 4)));
  });
  everySoMany(svg, columns, Math.ceil(30 / step), x, floor + 16);
  return explore(svg, { count: columns.length, x, step, floor, top: 0, from: left, rows: rows.length, tall, describe });
}

/** The course of what was measured, an ornament beside its number: without axes and hidden from screen readers. */
export function sparkline(values) {
  const known = values.filter((value) => value !== null), svg = shape("svg", { viewBox: "0 0 100 32", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (known.length < 2) return svg;
  const least = Math.min(...known), range = Math.max(...known) - least || 1;
  const course = path(known.map((value, index) => [(index * 100) / (known.length - 1), 28 - ((value - least) / range) * 24]));
  svg.append(shape("polygon", { class: "under", points: `0,32 ${course} 100,32` }), shape("polyline", { class: "line", points: course }));
  return svg;
}
