// Periods and buckets, on the wall clock of the workspace rather than of whoever looks at it.

const LENGTH = { hour: 13, day: 10, month: 7 };
const HOUR = 3_600_000, DAY = 24 * HOUR;
export const PERIODS = { today: 1, week: 7, month: 30, quarter: 90 };

/** The wall clock of a zone, as "2026-11-20T14:05:00". */
const wall = (instant, zone) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(instant).replace(" ", "T");

/** A slot's key, "2026-11-20T14", "2026-11-20" or "2026-11": sortable, and free of zones; "" for what has no slot. */
export function slotKey(bucket, size, zone) {
  if (!bucket) return "";
  const local = /Z$|[+-]00:00$/.test(bucket) ? wall(new Date(bucket), zone) : bucket;
  return local.slice(0, LENGTH[size]);
}

/** The moment on the wall, as if it were UTC: to be formatted as UTC only. */
export const fromKey = (key) => new Date(`${key}${"0000-01-01T00:00:00".slice(key.length)}Z`);

const toKey = (date, size) => date.toISOString().slice(0, LENGTH[size]);

/**
 * What to ask for a period, and its slots. `from` has no offset, so the API takes it on the workspace's clock; up to
 * now is what it takes by itself.
 */
export function period(name, { zone, now }) {
  const first = daysAgo(PERIODS[name] - 1, zone, now), bucket = PERIODS[name] === 1 ? "hour" : "day";
  return { zone, bucket, from: midnight(first), slots: slots(first, bucket, zone, now) };
}

/** Whole weeks back, at least four, for what a usual week looks like. */
export function usualWeeks(name, { zone, now }) {
  const first = daysAgo(Math.max(28, PERIODS[name]) - 1, zone, now);
  return { zone, bucket: "hour", from: midnight(first), days: slots(first, "day", zone, now), now: wall(now, zone).slice(0, 13) };
}

/** From the start of the month so many months back, with the keys of the months until so many ahead. */
export function months(back, ahead, { zone, now }) {
  const here = fromKey(wall(now, zone).slice(0, 7));
  const keys = Array.from({ length: back + ahead + 1 }, (_, index) =>
    toKey(new Date(Date.UTC(here.getUTCFullYear(), here.getUTCMonth() + index - back)), "month"));
  return { zone, bucket: "month", from: midnight(`${keys[0]}-01`), slots: keys };
}

const midnight = (day) => `${day}T00:00:00`;

export const daysAgo = (days, zone, now) => toKey(new Date(fromKey(wall(now, zone).slice(0, 10)).getTime() - days * DAY), "day");

/** Every slot from the first day to the end of today: what is empty has its place too. */
function slots(first, size, zone, now) {
  const step = size === "hour" ? HOUR : DAY, end = fromKey(wall(now, zone).slice(0, 10)).getTime() + DAY;
  const begin = fromKey(first).getTime();
  return Array.from({ length: Math.round((end - begin) / step) }, (_, index) => toKey(new Date(begin + index * step), size));
}
