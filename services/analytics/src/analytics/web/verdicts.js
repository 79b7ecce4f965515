// Verdicts in words with a shape of their own: never told by colour alone, never bare red or green.

import { element, shape } from "./dom.js";
import { text } from "./strings.js";

const SHAPES = {
  better: "M8 3l5 8H3z",
  worse: "M8 13L3 5h10z",
  on_par: "M3 6h10M3 10h10",
  inconclusive: "M2.5 9.500c2-4 3.500-4 5.500-1.500s3.500 2.500 5.500-1.500",
  insufficient_data: "M4 8v.1M8 8v.1M12 8v.1",
  not_comparable: "M12.500 8a4.500 4.500 0 1 1-9 0 4.500 4.500 0 0 1 9 0zM4.800 11.200l6.400-6.400",
  no_benchmark: "M4 8h8",
};

/** The verdict in words. Deals are counted where the metric is not of calls. */
export const word = (verdict, ofDeals = false) => text(verdict === "insufficient_data" && ofDeals ? "insufficient_deals" : verdict in SHAPES ? verdict : "unknown");

export function badge(verdict, ofDeals) {
  const sign = shape("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, shape("path", { d: SHAPES[verdict] ?? SHAPES.no_benchmark }));
  return element("span", { className: "badge", "data-verdict": verdict }, sign, word(verdict, ofDeals));
}
