// The details of a metric: what exactly was measured, what it is held against, and what else has been published.

import { get } from "./api.js";
import { byId, element, fill } from "./dom.js";
import { amount, gap, zoneText } from "./format.js";
import { text } from "./strings.js";
import { badge } from "./verdicts.js";

const panel = byId("panel");
let opener = null;

panel.addEventListener("toggle", (event) => event.newState === "closed" && opener?.focus({ preventScroll: true }));

/** Opens the details of a tile; the focus goes there, and back to the button when they close. */
export function openPanel(tile, button) {
  opener = button;
  fill(panel, content(tile));
  panel.showPopover();
  panel.scrollTop = 0;
  panel.focus({ preventScroll: true });
  others(tile);
}

function content(tile) {
  const { metric, benchmark } = tile;
  const close = element("button", { type: "button", className: "quiet close", ariaLabel: text("close"), onclick: () => panel.hidePopover() }, "×");
  return [
    element("div", { className: "head" }, element("h2", { id: "panel-title" }, metric.title), close),
    element("p", { className: "lead" }, metric.description),
    element("dl", {}, [
      ["formula", element("code", {}, metric.formula)],
      ["population", metric.population],
      ["definition", element("code", {}, metric.definition_id)],
      ["verdict", verdict(tile, tile)],
      ...tile.pasts.map((past) => [past.against, verdict({ ...past, gap: amount(past.gap_abs) }, tile)]),
    ].map(([term, said]) => [element("dt", {}, text(term)), element("dd", {}, said)])),
    benchmark && section("benchmark", [published(benchmark, metric)]),
    element("div", { id: "panel-others" }),
  ];
}

const section = (title, rows) => element("section", {}, element("h3", {}, text(title)), rows);

function verdict({ verdict: said, gap: distance, reason }, { unit, currency }) {
  return [badge(said, unit === "money"), distance ? ` ${gap(distance, unit, currency)}` : "", reason && element("p", {}, reason)].filter(Boolean);
}

/** A published value with all that speaks for it and against it. */
function published(benchmark, { unit }) {
  const { comparable, quality, says, measures, why_not: reason, industry, segment, region, year, sample } = benchmark;
  const about = [industry, segment, region, year, sample].filter((each) => each && each !== "all").join(" · ").replaceAll("_", " ");
  const trust = quality === "own" ? "" : ` · ${text("quality", { letter: quality })}: ${text(`quality_${quality}`)}`;
  return element("div", { className: comparable ? "published" : "published apart" },
    element("p", {}, element("strong", {}, zoneText(benchmark, unit) || "–"), comparable ? " " : ` · ${text("not_compared")} `, element("span", { className: "muted" }, about)),
    says && element("blockquote", {}, says),
    [measures, reason].filter(Boolean).map((sentence) => element("p", {}, sentence)),
    element("p", { className: "muted" }, source(benchmark), trust));
}

/** Only web addresses become links, whatever the catalogue holds. */
function source({ source: name, url }) {
  if (!/^https?:\/\//.test(url ?? "")) return name;
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name);
}

/** The other published values come a moment later: most people do not need them. */
async function others({ metric, benchmark }) {
  const { items } = await get("v1/benchmarks", { metric: metric.key }).catch(() => ({ items: [] }));
  const rows = items.filter((row) => row.metric === metric.key && row.id !== benchmark?.id);
  const place = byId("panel-others");
  if (place && rows.length) fill(place, section("others", rows.map((row) => published(row, metric))));
}
