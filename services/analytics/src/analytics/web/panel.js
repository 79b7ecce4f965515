// The details of a metric: what exactly was measured, what it is held against, and what else has been published.

import { get } from "./api.js";
import { byId, element, fill } from "./dom.js";
import { amount, gap, zoneText } from "./format.js";
import { text } from "./strings.js";
import { badge } from "./verdicts.js";

const NARROW = 640, EDGE = 16;

/** Makes a button open the details of whatever tile it belongs to at that moment. */
export function attach(button, tile) {
  button.addEventListener("click", () => {
    const panel = byId("panel");
    fill(panel, content(tile()));
    panel.showPopover();
    place(panel, button);
    panel.focus({ preventScroll: true });
    others(tile());
  });
}

let returnTo = null;
byId("panel").addEventListener("toggle", (event) => {
  if (event.newState === "closed") returnTo?.focus({ preventScroll: true });
});

/** Beside its button where there is room; on a small screen the style sheet makes it a sheet at the bottom. */
function place(panel, button) {
  returnTo = button;
  panel.scrollTop = 0;
  const tile = button.closest(".tile").getBoundingClientRect(), own = panel.getBoundingClientRect();
  const left = Math.min(Math.max(tile.left, EDGE), innerWidth - own.width - EDGE);
  const top = Math.max(EDGE, Math.min(tile.bottom - 40, innerHeight - own.height - EDGE));
  const free = innerWidth < NARROW;
  panel.style.setProperty("left", free ? "" : `${left}px`);
  panel.style.setProperty("top", free ? "" : `${top}px`);
}

function content(tile) {
  const { metric } = tile;
  const close = element("button", { type: "button", className: "quiet close", "aria-label": text("close"), popoverTargetElement: byId("panel"), popoverTargetAction: "hide" }, "×");
  return [
    element("header", {}, element("h2", { id: "panel-title" }, metric.title), close),
    element("p", { className: "lead" }, metric.description),
    list([
      ["formula", element("code", {}, metric.formula)],
      ["population", metric.population],
      ["definition", element("code", {}, metric.definition_id)],
      ["verdict", verdict(tile)],
      ...tile.pasts.map((each) => [each.against, past(each, tile)]),
    ]),
    tile.benchmark && section("benchmark", published(tile.benchmark, metric)),
    element("div", { id: "panel-others" }),
  ];
}

const list = (rows) => element("dl", {}, rows.map(([term, value]) => [element("dt", {}, text(term)), element("dd", {}, value)]));
const section = (title, ...children) => element("section", {}, element("h3", {}, text(title)), ...children);

function verdict(tile) {
  return [badge(tile.verdict, tile.unit === "money"), distance(tile.gap, tile), tile.reason && element("p", {}, tile.reason)].filter(Boolean);
}

function past(item, tile) {
  return [badge(item.verdict, tile.unit === "money"), distance(amount(item.gap_abs), tile), element("p", {}, item.reason)].filter(Boolean);
}

const distance = (value, { unit, currency }) => (value ? ` ${gap(value, unit, currency)}` : null);

/** A published value with all that speaks for it and against it. */
function published(benchmark, { unit }) {
  const { comparable, quality, says, measures, why_not: reason, sample } = benchmark;
  const about = [benchmark.industry, benchmark.segment, benchmark.region, benchmark.year, sample].filter((each) => each && each !== "all");
  return element("div", { className: comparable ? "published" : "published apart" },
    element("p", {}, element("strong", {}, zoneText(benchmark, unit) || "–"), comparable ? "" : ` · ${text("not_compared")}`,
      element("span", { className: "muted" }, ` ${about.join(" · ")}`)),
    says && element("blockquote", {}, says),
    measures && element("p", {}, measures),
    reason && element("p", {}, reason),
    element("p", { className: "muted" }, source(benchmark), quality in GRADES && ` · ${text("quality", { letter: quality })}: ${text(`quality_${quality}`)}`));
}

const GRADES = { A: 1, B: 1, C: 1, D: 1, X: 1 };

/** Only web addresses become links, whatever the catalogue holds. */
function source({ source: name, url }) {
  if (!/^https?:\/\//.test(url ?? "")) return name;
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: text("open_source") }, name);
}

/** The other published values come a moment later: most people do not need them. */
async function others({ metric, benchmark }) {
  const answer = await get("v1/benchmarks", { metric: metric.key }).catch(() => null);
  const rows = (answer?.items ?? []).filter((row) => row.metric === metric.key && row.id !== benchmark?.id);
  const there = byId("panel-others");
  if (there && rows.length) fill(there, section("others", ...rows.map((row) => published(row, metric))));
}
