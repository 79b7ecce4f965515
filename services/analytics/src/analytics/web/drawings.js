// The drawings of a dashboard beside bars and heat: lines, a ring, a funnel, a gauge, a bullet and a table.

import { axes, box, figure, line, path, ticks } from "./charts.js";
import { element, shape } from "./dom.js";
import { explore } from "./readout.js";

const TURN = 2 * Math.PI;
// More slices than this nobody tells apart: the rest is one.
export const MOST_KINDS = 8;
export const kind = (index) => `kind-${index % MOST_KINDS}`;

/** Several courses over the same slots. `series` is a list of `{kind, values}`; null breaks a line. */
export function lines({ title, description, describe, series, ...frame }) {
  const svg = figure(frame.width, frame.height, title, description);
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const place = axes(svg, { ...frame, marks: ticks(most) }), { x, y } = place;
  for (const { kind: name, values } of series) {
    const known = values.map((value, index) => value !== null && [x(index), y(value)]).filter(Boolean);
    svg.append(shape("polyline", { class: `course ${name}`, points: path(known) }));
    if (known.length < 40) svg.append(...known.map(([cx, cy]) => shape("circle", { class: `dot ${name}`, cx, cy, r: 3 })));
  }
  return explore(svg, { ...place, describe });
}

/** A ring of shares, its names beside it: nothing is told by colour alone. */
export function ring({ width, height, title, description, parts, format, total }) {
  const size = Math.min(height, width * 0.45, 220), radius = size / 2 - 2, middle = size / 2;
  const svg = figure(size, size, title, description), sum = parts.reduce((all, part) => all + Math.max(0, part.value), 0);
  let angle = -TURN / 4;
  for (const part of parts.filter(({ value }) => value > 0)) {
    const end = angle + (part.value / sum) * TURN;
    svg.append(shape("path", { class: `slice ${part.kind}`, d: arc(middle, radius, radius * 0.62, angle, Math.min(end, angle + TURN - 0.0001)) },
      shape("title", {}, `${part.name}: ${format(part.value)}`)));
    angle = end;
  }
  if (total) svg.append(shape("text", { class: "middle", x: middle, y: middle + 7, "text-anchor": "middle" }, total));
  const names = parts.map((part) => element("li", {}, element("i", { className: `swatch ${part.kind}` }), element("span", { title: part.name }, part.name), element("b", {}, format(part.value))));
  return element("div", { className: "ring" }, svg, element("ul", {}, names));
}

function arc(middle, outer, inner, from, to) {
  const at = (radius, angle) => `${(middle + radius * Math.cos(angle)).toFixed(2)} ${(middle + radius * Math.sin(angle)).toFixed(2)}`;
  const large = to - from > Math.PI ? 1 : 0;
  return `M${at(outer, from)}A${outer} ${outer} 0 ${large} 1 ${at(outer, to)}L${at(inner, to)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`;
}

/** From wide to narrow, one row a stage. */
export function funnel({ width, height, title, description, parts, format }) {
  const tall = Math.min(44, height / parts.length), svg = figure(width, tall * parts.length, title, description);
  const most = Math.max(1, ...parts.map(({ value }) => value)), room = Math.min(180, width * 0.4), wide = width - room - 72;
  parts.forEach((part, index) => {
    const size = Math.max(2, (wide * part.value) / most), top = index * tall;
    svg.append(shape("text", { class: "name", x: 0, y: top + tall / 2 + 4 }, cut(part.name, room)), box("funnel", room + (wide - size) / 2, top + 3, size, tall - 6, 4),
      shape("text", { class: "said", x: width, y: top + tall / 2 + 4, "text-anchor": "end" }, format(part.value)));
  });
  return svg;
}

const cut = (said, room) => (said.length * 7 > room ? `${said.slice(0, Math.floor(room / 7) - 1)}…` : said);

/** Half a ring that fills up to the target. */
export function gauge({ width, height, title, description, value, target, said, goal }) {
  const size = Math.min(width, height * 1.7, 280), middle = size / 2, radius = middle - 4;
  const svg = figure(size, middle + 28, title, description), share = Math.max(0, Math.min(1, value / (target || value || 1)));
  const half = (name, to) => shape("path", { class: name, d: arc(middle, radius, radius * 0.74, Math.PI, Math.PI + Math.max(0.0001, to) * Math.PI) });
  svg.append(half("track", 1), half("filled", share), shape("text", { class: "middle", x: middle, y: middle - 4, "text-anchor": "middle" }, said),
    shape("text", { class: "axis", x: middle, y: middle + 20, "text-anchor": "middle" }, goal));
  return svg;
}

/** A bar on its way to a mark. */
export function bullet({ width, title, description, value, target }) {
  const svg = figure(width, 36, title, description), most = Math.max(value, target || 0, 1) * 1.1, at = (each) => (Math.max(0, each) / most) * width;
  svg.append(box("track", 0, 6, width, 24, 4), box("filled", 0, 12, at(value), 12, 3));
  if (target) svg.append(line("goal", at(target), 2, at(target), 34));
  return svg;
}

/** Rows and columns, for those who want the numbers. */
export function table({ title, head, rows }) {
  const cells = (row) => row.map((said, index) => element(index ? "td" : "th", index ? {} : { scope: "row" }, said));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title }, element("table", {},
    element("thead", {}, element("tr", {}, head.map((said) => element("th", { scope: "col" }, said)))),
    element("tbody", {}, rows.map((row) => element("tr", {}, cells(row))))));
}
