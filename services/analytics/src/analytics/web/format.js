// Numbers as people of the browser's country write them.

import { locale } from "./strings.js";
import { fromKey } from "./time.js";

const MINUTE = 60, HOUR = 3600;
const number = (options) => new Intl.NumberFormat(locale, options);
const date = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
const digits = (least, most = least) => ({ minimumFractionDigits: least, maximumFractionDigits: most });
const whole = number(digits(0)), tenth = number(digits(0, 1)), compact = number({ notation: "compact", ...digits(0, 1) });
const percent = number({ style: "percent", ...digits(1) }), shortPercent = number({ style: "percent", ...digits(0, 2) });

/** What the API may send as a number: a number, a decimal text, or money. Null for nothing. */
export function amount(value) {
  const plain = value?.amount ?? value;
  return plain === null || plain === undefined ? null : Number(plain);
}

/** A value in its unit: 78.4%, 23 s, 3:54, 1,204, €128,400; a dash for none. */
export function show(value, unit, currency) {
  if (value === null) return "–";
  if (unit === "ratio") return percent.format(value);
  if (unit === "money") return money(currency, digits(Math.abs(value) < 1000 ? 2 : 0)).format(value);
  return unit === "seconds" ? duration(value) : whole.format(value);
}

/** The same as short as an axis needs it. */
export function brief(value, unit, currency) {
  if (unit === "ratio") return shortPercent.format(value);
  return unit === "money" ? money(currency, { notation: "compact", ...digits(0, 1) }).format(value) : compact.format(value);
}

/** A value of a chart in its unit; `short` as an axis needs it. Its percentages are of a hundred already. */
export function decimal(value, unit, currency, decimals, short = false) {
  if (value === null) return "–";
  if (unit === "duration") return duration(value);
  const fixed = decimals ?? (unit === "currency" && Math.abs(value) < 1000 ? 2 : null);
  const options = short ? { notation: "compact", ...digits(0, 1) } : fixed === null ? digits(0, unit === "currency" ? 0 : 2) : digits(fixed);
  if (unit === "currency") return money(currency, options).format(value);
  return number(options).format(value) + (unit === "percentage" ? "%" : "");
}

/** A published zone as it was published: "80% in 20 s", "5% – 8%", "≥ 90%". */
export function zoneText({ value, low, high, limits }, unit) {
  const said = (each) => (unit === "ratio" ? shortPercent.format(each) : unit === "seconds" ? duration(each) : tenth.format(each));
  const within = limits?.threshold_s ? ` in ${limits.threshold_s} s` : "";
  if (value !== null) return said(value) + within;
  if (low !== null && high !== null) return `${said(low)} – ${said(high)}${within}`;
  return low === high ? "" : low === null ? `≤ ${said(high)}` : `≥ ${said(low)}`;
}

/** A difference, with its sign; of shares in percentage points. */
export function gap(value, unit, currency) {
  const size = Math.abs(value);
  return (value > 0 ? "+" : "−") + (unit === "ratio" ? `${tenth.format(size * 100)} pp` : show(size, unit, currency));
}

export const count = (value) => whole.format(value ?? 0);
export const perHour = (value) => tenth.format(value);
export const time = (instant) => new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(instant);

const money = (currency, options) => number({ style: "currency", currency: currency ?? "EUR", ...options });

function duration(seconds) {
  if (seconds < MINUTE) return `${(seconds < 10 ? tenth : whole).format(seconds)} s`;
  const all = Math.round(seconds), two = (part) => String(part).padStart(2, "0"), minutes = Math.floor((all % HOUR) / MINUTE);
  return all < HOUR ? `${minutes}:${two(all % MINUTE)}` : `${Math.floor(all / HOUR)}:${two(minutes)}:${two(all % MINUTE)}`;
}

const DAY = { day: "numeric", month: "short" };
const NAMES = {
  axis: { hour: { hour: "numeric" }, day: DAY, month: { month: "short" } },
  years: { month: { month: "short", year: "2-digit" } },
  full: { hour: { weekday: "short", hour: "numeric", minute: "2-digit" }, day: { weekday: "short", ...DAY }, month: { month: "long", year: "numeric" } },
};

/** A slot's name (see `time.js`), short for an axis, with its year for one of several years, or full for a readout. */
export const slotName = (key, bucket, style) => date(NAMES[style][bucket]).format(fromKey(key));

/** From the first day of a period to its last. */
export const spanName = ({ slots }) =>
  date({ weekday: "short", ...DAY, year: "numeric" }).formatRange(...[slots[0], slots.at(-1)].map((slot) => fromKey(slot.slice(0, 10))));

/** A day with its year, where whoever looks is. */
export const dayName = (instant) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(instant));

export const weekday = (index, style = "short") => date({ weekday: style }).format(Date.UTC(2024, 0, 1 + index));
