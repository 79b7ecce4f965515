// What a chart says under the pointer, the finger or the arrow keys: one small note for the whole page.

import { byId, element, fill, shape } from "./dom.js";

/**
 * Makes a chart tell its values. `describe(index, row)` gives lines of `[label, value, kind?]`, the first a heading.
 * `x`, `from`, `step`, `top` and `floor` say where the slots are; `rows` and `tall` are of charts with rows.
 */
export function explore(svg, place) {
  const cursor = svg.appendChild(shape("rect", { class: "cursor", rx: 4, visibility: "hidden" }));
  const here = { index: place.count - 1, row: 0 };
  const show = (index, row) => {
    Object.assign(here, { index: within(index, place.count), row: within(row, place.rows ?? 1) });
    mark(cursor, place, here);
    tell(svg, place, here);
  };
  const hide = () => {
    cursor.setAttribute("visibility", "hidden");
    byId("readout").hidden = true;
  };
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("pointermove", (event) => show(...under(svg, place, event)));
  svg.addEventListener("pointerdown", (event) => show(...under(svg, place, event)));
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && show(here.index, here.row));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") hide();
    if (!step || (step[1] && !place.rows)) return;
    event.preventDefault();
    show(here.index + step[0], here.row + step[1]);
  });
  return svg;
}

const within = (value, count) => Math.min(Math.max(value, 0), count - 1);

function under(svg, place, event) {
  const box = svg.getBoundingClientRect();
  const row = place.rows ? Math.floor((event.clientY - box.top) / place.tall) : 0;
  return [Math.floor((event.clientX - box.left - place.from) / place.step), row];
}

function mark(cursor, place, { index, row }) {
  const top = place.rows ? row * place.tall : place.top;
  const height = place.rows ? place.tall : place.floor - place.top;
  const box = { x: place.x(index) - place.step / 2, y: top, width: place.step, height, visibility: "visible" };
  for (const [key, value] of Object.entries(box)) cursor.setAttribute(key, value);
}

function tell(svg, place, { index, row }) {
  const note = byId("readout"), [heading, ...lines] = place.describe(index, row);
  fill(note, element("strong", {}, heading), ...lines.map(([label, value, kind]) =>
    element("span", { className: "line" }, kind && element("i", { className: `swatch ${kind}` }), element("span", {}, label), element("b", {}, value))));
  note.hidden = false;
  const box = svg.getBoundingClientRect(), own = note.getBoundingClientRect();
  const left = box.left + place.x(index) - own.width / 2;
  const top = box.top + (place.rows ? row * place.tall : place.top) - own.height - 8;
  note.style.setProperty("left", `${Math.min(Math.max(left, 8), innerWidth - own.width - 8)}px`);
  note.style.setProperty("top", `${top < 8 ? box.top + place.floor + 8 : top}px`);
}
