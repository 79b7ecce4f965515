// Numbers as people of the browser's country write them.

import { locale } from "./strings.js";
import { fromKey } from "./time.js";

const MINUTE = 60, HOUR = 3600;
const number = (options) => new Intl.NumberFormat(locale, options);
const whole = number({ maximumFractionDigits: 0 });
const tenth = number({ maximumFractionDigits: 1 });
const percent = number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const roundPercent = number({ style: "percent", maximumFractionDigits: 1 });
const compact = number({ notation: "compact", maximumFractionDigits: 1 });

/** What the API may send as a number: a number, a decimal text, or money. Null for nothing. */
export function amount(value) {
  if (value && typeof value === "object") return amount(value.amount);
  return value === null || value === undefined || value === "" ? null : Number(value);
}

/** A value in its unit: 78.4 %, 23 s, 3:54, 1,204, €128,400; a dash for none. */
export function show(value, unit, currency) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (unit === "ratio") return percent.format(value);
  if (unit === "seconds") return duration(value);
  if (isMoney(unit)) return money(value, currency, Math.abs(value) < 1000 ? 2 : 0);
  return whole.format(value);
}

/** The same as short as an axis needs it. */
export function brief(value, unit, currency) {
  if (unit === "ratio") return roundPercent.format(value);
  if (unit === "seconds") return duration(value);
  if (isMoney(unit)) return money(value, currency, 0, "compact");
  return compact.format(value);
}

/** A published zone: "80 %", "5 % – 8 %"; the value as published rather than its rounding to both sides. */
export function zoneText(benchmark, unit) {
  const value = amount(benchmark.value), low = amount(benchmark.low), high = amount(benchmark.high);
  const limit = benchmark.limits?.threshold_s, within = limit ? ` in ${duration(limit)}` : "";
  if (value !== null) return published(value, unit) + within;
  if (low === null || high === null) return low === high ? "" : low === null ? `≤ ${published(high, unit)}` : `≥ ${published(low, unit)}`;
  return `${published(low, unit)} – ${published(high, unit)}${within}`;
}

/** A difference, with its sign; of shares in percentage points. */
export function gap(value, unit, currency) {
  const sign = value > 0 ? "+" : "−", size = Math.abs(value);
  return unit === "ratio" ? `${sign}${tenth.format(size * 100)} pp` : `${sign}${show(size, unit, currency)}`;
}

export const count = (value) => whole.format(value ?? 0);
export const perHour = (value) => tenth.format(value);
export const time = (instant) => new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(instant);

const isMoney = (unit) => /^(currency|money)/.test(unit ?? "");

function money(value, currency, digits, notation = "standard") {
  const smaller = notation === "compact" ? { maximumFractionDigits: 1 } : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return number({ style: "currency", currency: currency || "EUR", notation, ...smaller }).format(value);
}

function published(value, unit) {
  if (unit === "ratio") return number({ style: "percent", maximumFractionDigits: 2 }).format(value);
  return unit === "seconds" ? duration(value) : tenth.format(value);
}

function duration(seconds) {
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds < MINUTE) return `${seconds < 10 ? tenth.format(seconds) : whole.format(seconds)} s`;
  const all = Math.round(seconds), two = (part) => String(part).padStart(2, "0");
  const minutes = Math.floor((all % HOUR) / MINUTE);
  return all < HOUR ? `${minutes}:${two(all % MINUTE)}` : `${Math.floor(all / HOUR)}:${two(minutes)}:${two(all % MINUTE)}`;
}

const formats = {
  axis: { hour: { hour: "numeric" }, day: { day: "numeric", month: "short" }, month: { month: "short" } },
  full: {
    hour: { weekday: "short", hour: "numeric", minute: "2-digit" },
    day: { weekday: "short", day: "numeric", month: "short" },
    month: { month: "long", year: "numeric" },
  },
};

/** A slot's name (see `time.js`), short for an axis or full for a readout. */
export const slotName = (key, bucket, style) =>
  new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...formats[style][bucket] }).format(fromKey(key));

export const weekday = (index, style = "short") =>
  new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: style }).format(Date.UTC(2024, 0, 1 + index));
