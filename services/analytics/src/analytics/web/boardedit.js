// Moving and resizing tiles, by pointer or by arrow keys; the others make room, and all of them fall upwards.

import { send } from "./api.js";

const COLUMNS = 12, HIGHEST = 20;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value, least, most) => Math.min(Math.max(value, least), most);
const meet = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
// What the service adds to what it is given.
const ADDED = ["id", "version", "owner", "role", "updated_at", "choices"];
let saving = Promise.resolve();

/** The dashboard, as the service has it after the change. One change after the other. */
export function save(board) {
  const body = Object.fromEntries(Object.entries(board).filter(([name]) => !ADDED.includes(name)));
  saving = saving.catch(() => null).then((before) => send("PUT", `v1/dashboards/${board.key}`, body, { "If-Match": `"${before?.key === board.key ? Math.max(before.version, board.version) : board.version}"` }));
  return saving;
}

/** The tiles with one of them changed: it stays where it was put, the others give way downwards, then all close ranks. */
export function settled(tiles, changed) {
  const placed = [changed];
  const others = tiles.filter(({ chart }) => chart !== changed.chart).sort((one, other) => one.y - other.y || one.x - other.x);
  for (const tile of others) {
    const moved = { ...tile };
    for (let hit = placed.find((each) => meet(each, moved)); hit; hit = placed.find((each) => meet(each, moved))) moved.y = hit.y + hit.height;
    placed.push(moved);
  }
  return raised(placed);
}

function raised(tiles) {
  const placed = [];
  for (const tile of [...tiles].sort((one, other) => one.y - other.y || one.x - other.x)) {
    const moved = { ...tile };
    while (moved.y > 0 && !placed.some((each) => meet(each, { ...moved, y: moved.y - 1 }))) moved.y -= 1;
    placed.push(moved);
  }
  return placed;
}

/** `now()` gives the tiles while they may be moved; `moved(tiles, finally)` is told each step and the end. */
export function arrange(grid, { row, gap, now, moved }) {
  let held = null;

  const begin = (event) => {
    const tiles = now(), root = tiles && event.target.closest(".board-tile");
    const tile = root && tiles.find(({ chart }) => chart === root.dataset.chart);
    if (!tile) return;
    event.preventDefault();
    held = { tiles, tile, resize: event.target.classList.contains("grip"), x: event.clientX, y: event.clientY, last: tile };
    grid.setPointerCapture(event.pointerId);
  };
  const step = (event) => {
    if (!held) return;
    const column = (grid.clientWidth + gap) / COLUMNS, dx = Math.round((event.clientX - held.x) / column), dy = Math.round((event.clientY - held.y) / (row + gap));
    const wanted = changed(held.tile, dx, dy, held.resize);
    if (same(wanted, held.last)) return;
    held.last = wanted;
    moved(settled(held.tiles, wanted), false);
  };
  const end = () => {
    if (held && !same(held.tile, held.last)) moved(settled(held.tiles, held.last), true);
    held = null;
  };
  const press = (event) => {
    const tiles = now(), tile = tiles && tiles.find(({ chart }) => chart === event.target.dataset?.chart);
    if (!tile || !(event.key in STEPS)) return;
    event.preventDefault();
    const wanted = changed(tile, ...STEPS[event.key], event.shiftKey);
    if (!same(wanted, tile)) moved(settled(tiles, wanted), true);
  };

  for (const [name, act] of Object.entries({ pointerdown: begin, pointermove: step, pointerup: end, pointercancel: end, keydown: press })) grid.addEventListener(name, act);
}

const same = (one, other) => ["x", "y", "width", "height"].every((name) => one[name] === other[name]);

function changed(tile, dx, dy, resize) {
  if (resize) return { ...tile, width: within(tile.width + dx, 1, COLUMNS - tile.x), height: within(tile.height + dy, 1, HIGHEST) };
  return { ...tile, x: within(tile.x + dx, 0, COLUMNS - tile.width), y: Math.max(0, tile.y + dy) };
}
