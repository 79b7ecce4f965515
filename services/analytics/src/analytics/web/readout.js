// What a chart says under the pointer, the finger or the arrow keys: one note for the whole page.

import { byId, element, fill, shape } from "./dom.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const note = byId("readout");
const within = (value, count) => Math.min(Math.max(value, 0), count - 1);

/**
 * Makes a chart tell its values. `describe(index, row)` gives a heading and lines of `[label, value, kind?]`. `count`,
 * `x`, `from`, `step`, `top` and `floor` say where the slots are; `rows` and `tall` are of charts with rows.
 */
export function explore(svg, { count, x, from, step, top, floor, rows = 1, tall = 0, describe }) {
  const cursor = svg.appendChild(shape("rect", { class: "cursor", rx: 4, width: 0, height: tall || floor - top }));
  let index = count - 1, row = 0;

  const show = (toIndex, toRow) => {
    index = within(toIndex, count);
    row = within(toRow, rows);
    const place = { x: x(index) - step / 2, y: top + row * tall, width: step };
    for (const [key, value] of Object.entries(place)) cursor.setAttribute(key, value);
    tell(describe(index, row), svg.getBoundingClientRect(), x(index), place.y, floor);
  };
  const hide = () => {
    cursor.setAttribute("width", 0);
    note.hidden = true;
  };
  const under = ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    show(Math.floor((clientX - box.left - from) / step), tall ? Math.floor((clientY - box.top) / tall) : 0);
  };

  svg.setAttribute("tabindex", "0");
  for (const event of ["pointermove", "pointerdown"]) svg.addEventListener(event, under);
  for (const event of ["pointerleave", "blur"]) svg.addEventListener(event, hide);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && show(index, row));
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    if (!(event.key in STEPS) || (rows === 1 && STEPS[event.key][1])) return;
    event.preventDefault();
    show(index + STEPS[event.key][0], row + STEPS[event.key][1]);
  });
  return svg;
}

/** Above the slot, or below the chart where there is no room. */
function tell([heading, ...lines], box, x, y, floor) {
  fill(note, element("strong", {}, heading), lines.map(([label, value, kind]) =>
    element("span", { className: "line" }, kind && element("i", { className: `swatch ${kind}` }), label, element("b", {}, value))));
  note.hidden = false;
  const { width, height } = note.getBoundingClientRect(), above = box.top + y - height - 8;
  note.style.setProperty("left", `${Math.max(8, Math.min(box.left + x - width / 2, innerWidth - width - 8))}px`);
  note.style.setProperty("top", `${above < 8 ? box.top + floor + 8 : above}px`);
}
