// The page's words, by the browser's language. English that never changes stands in the page itself.

const english = {
  door_shape: "A key begins with tl_ and has no spaces.",
  door_refused: "This key is not valid, or no longer.",
  theme_dark: "Dark colours", theme_light: "Light colours",
  live: "Live", polling: "Every 5 s", connecting: "Connecting", updated: "Updated {time}",
  ringing: "ringing", in_queue: "in queue", waiting: "waiting", talking: "talking", ended_today: "ended today",
  period: "Period", today: "Today", week: "7 days", month: "30 days", quarter: "90 days",
  title_week: "The last 7 days", title_month: "The last 30 days", title_quarter: "The last 90 days",
  tiles: "Metrics",
  better: "Better", worse: "Worse", on_par: "On par", inconclusive: "Inconclusive",
  insufficient_data: "Too few calls", insufficient_deals: "Too few deals", not_comparable: "Not comparable",
  no_benchmark: "No benchmark",
  same_weekdays: "the 8 weeks before", previous_period: "the period before", than_past: "Against {past}: {verdict}", calls: "{n} calls",
  deals: "{n} deals", one_call: "1 call", one_deal: "1 deal",
  sure: "95%: {low} – {high}", no_interval: "Counted, so without doubt", benchmark_is: "Benchmark {zone}",
  differs: "Clearly different; neither way is better in itself.",
  nothing: "Nothing to measure in this period.", missing: "Could not be loaded.",
  how: "How it is measured", close: "Close",
  definition: "Definition", formula: "Formula", population: "Who counts",
  benchmark: "Benchmark", quality: "Quality {letter}", others: "Other published values",
  verdict: "Verdict", not_compared: "not compared",
  quality_A: "primary study, with its method", quality_B: "named vendor’s or platform’s data",
  quality_C: "secondary, quoting a named source", quality_D: "anonymous list or opinion",
  quality_X: "does not measure what it says",
  volume: "Calls by {bucket}", by_hour: "hour", by_day: "day", inbound: "Inbound", outbound: "Outbound", unknown: "Unknown",
  level: "Service level by {bucket}", level_note: "Band: 95% interval. ", level_line: "Line: benchmark {target}.",
  heat: "When it is busy", heat_note: "Calls per hour on an average weekday, {from} to {to}.", fewer: "fewer", more: "more",
  sales: "Sales by month", sales_note: "Outlined: forecast of open deals, each weighed by its list, by expected month.",
  won: "Won", forecast: "Forecast", undated: "no date", how_many: "Calls", interval: "95%",
  chart_hint: "Arrow keys move through the values.",
  empty_title: "No calls yet",
  empty_text: "A call shows here within seconds of coming in. Two ways to begin:",
  empty_demo: "See it with an invented month of calls and deals:",
  empty_connect: "Or connect your telephony: POST /v1/connections at the calls service gives the address for your provider’s webhooks.",
  period_empty: "No calls in this period. Choose a longer one.",
  unreachable: "The analytics service cannot be reached; trying again every 5 seconds.",
  refused: "This key may not read the numbers: {detail}",
  failed: "Some numbers are missing: {detail}",
};

const dutch = {
  skip: "Direct naar de cijfers",
  door_title: "Uw sleutel, alstublieft",
  door_text: "Het dashboard toont wat een sleutel mag lezen. Hij blijft alleen in dit tabblad en is vergeten zodra u het sluit.",
  door_label: "API-sleutel",
  door_open: "Dashboard openen",
  door_hint: "Het commando ‘trunkline key’ toont de sleutel van de beheerder.",
  door_shape: "Een sleutel begint met tl_ en heeft geen spaties.",
  door_refused: "Deze sleutel is niet (meer) geldig.",
  theme_dark: "Donkere kleuren", theme_light: "Lichte kleuren",
  live: "Live", polling: "Elke 5 s", connecting: "Verbinden", updated: "Bijgewerkt {time}",
  ringing: "gaan over", in_queue: "in wachtrij", waiting: "wachten", talking: "in gesprek", ended_today: "vandaag klaar",
  period: "Periode", today: "Vandaag", week: "7 dagen", month: "30 dagen", quarter: "90 dagen",
  title_week: "De laatste 7 dagen", title_month: "De laatste 30 dagen", title_quarter: "De laatste 90 dagen",
  tiles: "Kengetallen",
  better: "Beter", worse: "Slechter", on_par: "Gelijk", inconclusive: "Onbeslist",
  insufficient_data: "Te weinig gesprekken", insufficient_deals: "Te weinig deals", not_comparable: "Niet vergelijkbaar",
  no_benchmark: "Geen benchmark",
  same_weekdays: "de 8 weken ervoor", previous_period: "de periode ervoor", than_past: "Tegen {past}: {verdict}", calls: "{n} gesprekken",
  deals: "{n} deals", one_call: "1 gesprek", one_deal: "1 deal",
  sure: "95%: {low} – {high}", no_interval: "Geteld, dus zonder twijfel", benchmark_is: "Benchmark {zone}",
  differs: "Duidelijk anders; geen kant is op zich beter.",
  nothing: "Niets te meten in deze periode.", missing: "Niet geladen.",
  how: "Hoe dit is gemeten", close: "Sluiten",
  definition: "Definitie", formula: "Formule", population: "Wie telt mee",
  benchmark: "Benchmark", quality: "Kwaliteit {letter}", others: "Andere gepubliceerde waarden",
  verdict: "Oordeel", not_compared: "niet vergeleken",
  quality_A: "eigen onderzoek, met methode", quality_B: "gegevens van een genoemde leverancier",
  quality_C: "uit de tweede hand, met genoemde bron", quality_D: "anonieme lijst of mening",
  quality_X: "meet niet wat er staat",
  volume: "Gesprekken per {bucket}", by_hour: "uur", by_day: "dag", inbound: "Inkomend", outbound: "Uitgaand", unknown: "Onbekend",
  level: "Servicelevel per {bucket}", level_note: "Band: 95%-interval. ", level_line: "Lijn: benchmark {target}.",
  heat: "Wanneer het druk is", heat_note: "Gesprekken per uur op een gemiddelde weekdag, {from} t/m {to}.", fewer: "minder", more: "meer",
  sales: "Verkoop per maand", sales_note: "Omlijnd: prognose van open deals, elk gewogen naar zijn lijst, naar verwachte maand.",
  won: "Gewonnen", forecast: "Prognose", undated: "geen datum", how_many: "Gesprekken", interval: "95%",
  chart_hint: "Met de pijltjestoetsen loopt u langs de waarden.",
  doubt_title: "Wat de twijfel betekent",
  doubt_1: "Elk cijfer berust op een beperkt aantal gesprekken en zou met andere gesprekken iets anders uitvallen. De stip is wat we maten; de balk eromheen bevat de ware waarde in 95 van de 100 zulke gevallen.",
  doubt_2: "We zeggen pas beter of slechter als de hele balk aan één kant van de benchmark ligt. Overlappen ze, dan is het onbeslist: een langere periode, met meer gesprekken, maakt de balk korter. Bij heel weinig gesprekken zeggen we niets.",
  doubt_3: "Een gepubliceerde waarde die iets anders meet staat er in grijs, met de reden, en wordt nooit vergeleken, hoe bekend ook. Wat niet te berekenen is, is een streepje en geen nul.",
  empty_title: "Nog geen gesprekken",
  empty_text: "Een gesprek staat hier binnen enkele seconden. Twee manieren om te beginnen:",
  empty_demo: "Bekijk het met een verzonnen maand gesprekken en deals:",
  empty_connect: "Of sluit uw telefonie aan: POST /v1/connections bij de calls-service geeft het adres voor de webhooks van uw aanbieder.",
  period_empty: "Geen gesprekken in deze periode. Kies een langere.",
  unreachable: "De analyticsservice is niet bereikbaar; elke 5 seconden een nieuwe poging.",
  refused: "Deze sleutel mag de cijfers niet lezen: {detail}",
  failed: "Sommige cijfers ontbreken: {detail}",
};

const preferred = navigator.languages?.find((tag) => /^(en|nl)\b/i.test(tag)) ?? "en";
export const locale = preferred;
export const language = preferred.slice(0, 2).toLowerCase();
const words = language === "nl" ? dutch : english;

/** The text of a key, with `{names}` filled in; the key itself where there is none, so that it is seen. */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Translates what stands in the page itself. */
export function translate(root) {
  for (const each of root.querySelectorAll("[data-text]")) each.textContent = words[each.dataset.text] ?? each.textContent;
  for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", text(each.dataset.label));
}
