// Charts as plain SVG: each function takes numbers and gives a figure with a title, a description and a readout.

import { shape } from "./dom.js";
import { explore } from "./readout.js";

const LEFT = 48, RIGHT = 8, TOP = 12, BOTTOM = 24;
let made = 0;

/** An SVG of that size which a screen reader can tell. */
function figure(width, height, title, description) {
  const id = `chart-${(made += 1)}`;
  return shape("svg", { class: "chart", width, height, role: "img", "aria-labelledby": `${id}-t ${id}-d` },
    shape("title", { id: `${id}-t` }, title),
    shape("desc", { id: `${id}-d` }, description));
}

/** Round steps from nought up to at least `most`: 0, 20, 40, 60. */
export function ticks(most, about = 4) {
  const raw = (most || 1) / about, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  return Array.from({ length: Math.ceil(most / step - 0.001) + 1 }, (_, index) => index * step);
}

/** Grid and labels, and where things go: `x(index)` is a slot's middle, `y(value)` a height. */
function axes(svg, { width, height, slots, name, marks, lowest = 0, format, room = 58 }) {
  const step = (width - LEFT - RIGHT) / slots.length, top = marks.at(-1);
  const x = (index) => LEFT + step * (index + 0.5);
  const y = (value) => TOP + (height - TOP - BOTTOM) * (1 - (value - lowest) / (top - lowest || 1));
  for (const mark of marks) {
    svg.append(shape("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(mark), y2: y(mark) }),
      shape("text", { class: "axis", x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, format(mark)));
  }
  const every = Math.ceil(room / step);
  slots.forEach((slot, index) => {
    if (index % every === 0) svg.append(shape("text", { class: "axis", x: x(index), y: height - 6, "text-anchor": "middle" }, name(slot)));
  });
  return { x, y, step, floor: y(lowest) };
}

/** Stacked bars. `stacks` is, for each slot, a list of `{kind, value}` from the bottom up; `kind` is its CSS class. */
export function bars({ width, height, slots, stacks, name, format, room, title, description, describe }) {
  const svg = figure(width, height, title, description);
  const sums = stacks.map((stack) => stack.reduce((sum, part) => sum + Math.max(0, part.value), 0));
  const { x, y, step, floor } = axes(svg, { width, height, slots, name, marks: ticks(Math.max(...sums, 1)), format, room });
  const wide = Math.max(2, Math.min(step * 0.72, 56));
  const group = svg.appendChild(shape("g", { class: "bars" }));
  stacks.forEach((stack, index) => {
    let under = 0;
    for (const { kind, value } of stack.filter((part) => part.value > 0)) {
      const upper = y(under + value), lower = y(under);
      group.append(shape("rect", { class: kind, x: x(index) - wide / 2, width: wide, y: upper, height: Math.max(1, lower - upper), rx: Math.min(3, wide / 4) }));
      under += value;
    }
  });
  svg.append(shape("line", { class: "base", x1: LEFT, x2: width - RIGHT, y1: floor, y2: floor }));
  return explore(svg, { count: slots.length, x, top: TOP, floor, from: LEFT, step, describe });
}

/** Marks from below a share up to 100 %, so that what varies little is not flat. */
function sharesFrom(least) {
  const step = [0.02, 0.05, 0.1, 0.2].find((each) => 1 - least <= 5 * each) ?? 0.25;
  return Array.from({ length: Math.ceil((1 - least) / step - 0.001) + 1 }, (_, index) => 1 - index * step).reverse();
}

/** A line of shares with the band of its intervals, broken where there is no value; `target` is a line across. */
export function lineWithBand({ width, height, slots, points, target, name, format, title, description, describe }) {
  const svg = figure(width, height, title, description);
  const known = points.filter((point) => point.value !== null);
  const least = Math.min(...known.map((point) => point.low ?? point.value), target ?? Infinity);
  const marks = sharesFrom(least), [lowest] = marks;
  const { x, y, step, floor } = axes(svg, { width, height, slots, name, marks, lowest, format });
  for (const run of runs(points)) {
    const there = run.map(({ index, low, value }) => `${x(index)},${y(low ?? value)}`);
    const back = run.map(({ index, high, value }) => `${x(index)},${y(high ?? value)}`).reverse();
    svg.append(shape("polygon", { class: "band", points: [...there, ...back].join(" ") }),
      shape("polyline", { class: "line", points: run.map(({ index, value }) => `${x(index)},${y(value)}`).join(" ") }));
    if (run.length < 40) svg.append(...run.map(({ index, value }) => shape("circle", { class: "point", cx: x(index), cy: y(value), r: 2.5 })));
  }
  if (target !== null && target !== undefined) {
    svg.append(shape("line", { class: "target", x1: LEFT, x2: width - RIGHT, y1: y(target), y2: y(target) }));
  }
  return explore(svg, { count: slots.length, x, top: TOP, floor, from: LEFT, step, describe });
}

/** Neighbouring points that have a value, each with its index. */
function runs(points) {
  const found = [[]];
  points.forEach((point, index) => {
    if (point.value === null) found.push([]);
    else found.at(-1).push({ ...point, index });
  });
  return found.filter((run) => run.length);
}

/**
 * The measured value (dot), its interval (bar) and the benchmark's zone on one scale. In per cent of the width, so
 * it stretches with its place. A zone that cannot be compared is only outlined.
 */
export function rangeBar({ value, low, high, zone, comparable, unit, title, description }) {
  const seen = [value, low, high, ...(zone ?? [])].filter((each) => each !== null);
  const least = Math.min(...seen), most = Math.max(...seen), room = (most - least || Math.abs(most) || 1) * 0.18;
  const from = Math.max(0, least - room), to = unit === "ratio" ? Math.min(1, most + room) : most + room;
  const at = (each) => `${(((each - from) / (to - from || 1)) * 100).toFixed(2)}%`;
  const between = (a, b) => `${(((b - a) / (to - from || 1)) * 100).toFixed(2)}%`;
  const svg = figure("100%", 24, title, description);
  svg.append(shape("rect", { class: "track", x: 0, width: "100%", y: 10, height: 4, rx: 2 }));
  if (zone) {
    const start = zone[0] ?? from, end = zone[1] ?? to;
    const kind = comparable ? "zone" : "zone apart";
    if (end - start < (to - from) * 0.012) svg.append(shape("line", { class: `${kind} exact`, x1: at((start + end) / 2), x2: at((start + end) / 2), y1: 1, y2: 23 }));
    else svg.append(shape("rect", { class: kind, x: at(start), width: between(start, end), y: 2, height: 20, rx: 4 }));
  }
  if (low !== null && high !== null) svg.append(shape("rect", { class: "interval", x: at(low), width: between(low, high), y: 8, height: 8, rx: 4 }));
  svg.append(shape("circle", { class: "measured", cx: at(value), cy: 12, r: 5.5 }));
  return svg;
}

/** Weekdays down, hours across; the fuller the darker. `cells[row][column]` is a number or null. */
export function heatStrip({ width, cells, rows, columns, title, description, describe }) {
  const left = 40, gap = 2, step = (width - left) / columns.length, tall = Math.min(34, Math.max(22, step * 0.9));
  const svg = figure(width, tall * rows.length + 22, title, description);
  const most = Math.max(...cells.flat().map((value) => value ?? 0), 0.001);
  rows.forEach((row, r) => {
    svg.append(shape("text", { class: "axis", x: left - 8, y: r * tall + tall / 2 + 4, "text-anchor": "end" }, row));
    cells[r].forEach((value, c) => {
      const level = value ? Math.max(1, Math.ceil((value / most) * 6)) : 0;
      svg.append(shape("rect", { class: `heat level-${level}`, x: left + c * step + gap / 2, y: r * tall + gap / 2, width: step - gap, height: tall - gap, rx: 4 }));
    });
  });
  const every = Math.ceil(30 / step);
  columns.forEach((column, c) => {
    if (c % every === 0) svg.append(shape("text", { class: "axis", x: left + (c + 0.5) * step, y: tall * rows.length + 16, "text-anchor": "middle" }, column));
  });
  const place = { count: columns.length, x: (c) => left + (c + 0.5) * step, from: left, step, top: 0, floor: tall * rows.length };
  return explore(svg, { ...place, rows: rows.length, tall, describe });
}

/** The course of what was measured, an ornament beside its number: without axes and hidden from screen readers. */
export function sparkline(values) {
  const known = values.filter((value) => value !== null);
  const svg = shape("svg", { class: "spark", viewBox: "0 0 100 32", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (known.length < 2) return svg;
  const least = Math.min(...known), most = Math.max(...known), step = 100 / (known.length - 1);
  const line = known.map((value, index) => `${(index * step).toFixed(2)},${(28 - ((value - least) / (most - least || 1)) * 24).toFixed(2)}`).join(" ");
  svg.append(shape("polygon", { class: "under", points: `0,32 ${line} 100,32` }), shape("polyline", { class: "line", points: line }));
  return svg;
}
