// Asks for everything the page shows and shapes it into one plain object; draws nothing.

import { get, Refused } from "./api.js";
import { amount } from "./format.js";
import { daysAgo, months, period, slotKey, usualWeeks } from "./time.js";

const CALLS = ["service_level", "asa", "abandonment_rate", "aht", "avg_call_duration"];
const TILES = [...CALLS, "call_volume", "sales", "weighted_forecast"];
const KINDS = ["inbound", "outbound", "unknown"];
// What moves slowly is not asked again at every call.
const FRESH = 60_000;
const kept = new Map();

/** The picture of a period. What could not be had is missing and told in `troubles`; raises if the key was refused. */
export async function look(name) {
  const [catalogue, here] = await Promise.all([recent("v1/metrics"), recent("v1/metrics/call_volume")]);
  const clock = { zone: here.timezone, now: new Date(here.to) };
  const metrics = new Map(catalogue.items.map((metric) => [metric.key, metric]));
  const span = period(name, clock), weeks = usualWeeks(name, clock), month = months(5, 3, clock);
  const asked = await ask(metrics, span, weeks, month);
  const volume = volumes(asked.volume, span), heat = busyHours(asked.heat, weeks);
  const picture = { name, span, volume, heat, level: course(asked.service_level, span), sales: sales(asked.sales, asked.forecast, month) };
  const trends = { call_volume: volume?.stacks.map(total), sales: picture.sales?.won };
  const tiles = TILES.filter((key) => metrics.has(key)).map((key) =>
    tile(metrics.get(key), asked.comparisons, trends[key] ?? course(asked[key], span)?.map((point) => point.value)));
  return { ...picture, tiles, calls: await howMany(volume, heat, clock), troubles: asked.troubles };
}

/** All the questions at once; what failed is left out, unless it says that any further question would fail too. */
async function ask(metrics, { from, bucket }, weeks, month) {
  const of = (key, query, fetch = get) => metrics.has(key) && fetch(`v1/metrics/${key}`, query);
  const questions = {
    comparisons: get("v1/comparisons", { from }),
    volume: of("call_volume", { from, bucket, group_by: "direction" }),
    heat: of("call_volume", { from: weeks.from, bucket: "hour" }, recent),
    sales: of("sales", { from: month.from, bucket: "month" }),
    forecast: of("weighted_forecast", { from: month.from, bucket: "month" }),
    ...Object.fromEntries(CALLS.map((key) => [key, of(key, { from, bucket })])),
  };
  const answers = await Promise.allSettled(Object.values(questions));
  const troubles = answers.filter((answer) => answer.status === "rejected").map((answer) => answer.reason);
  const fatal = troubles.find((reason) => !(reason instanceof Refused) || [0, 401, 403].includes(reason.status));
  if (fatal) throw fatal;
  return { ...Object.fromEntries(Object.keys(questions).map((name, index) => [name, answers[index].value])), troubles };
}

async function recent(path, query = {}) {
  const name = path + JSON.stringify(query), known = kept.get(name);
  if (known && Date.now() - known.at < FRESH) return known.answer;
  const answer = await get(path, query);
  kept.set(name, { at: Date.now(), answer });
  return answer;
}

/** A metric with its best comparison and those with its own past. */
function tile(metric, comparisons, trend) {
  const items = comparisons?.items.filter((item) => item.metric === metric.key && !item.group) ?? [];
  const [item] = items.filter((each) => !each.past).sort(preferred);
  const { verdict = "no_benchmark", benchmark = null, reason, n, place } = item ?? {};
  return {
    metric, verdict, benchmark, reason, n, place, trend: trend ?? [], missing: !item, gap: amount(item?.gap_abs),
    unit: metric.unit, currency: item?.value?.currency,
    value: amount(item?.value), low: amount(item?.ci_low), high: amount(item?.ci_high),
    zone: benchmark && zone(benchmark), pasts: items.filter((each) => each.past),
  };
}

/** An own target before a published value, what can be compared before what cannot, the best known, the best founded. */
function preferred(one, other) {
  const rank = ({ against, verdict, benchmark }) =>
    [against !== "target", verdict === "not_comparable", !benchmark?.id.startsWith("article."), benchmark?.quality].join();
  return rank(one) < rank(other) ? -1 : 1;
}

/** From where to where the benchmark lies; an end may be open (null). */
const zone = ({ value, low, high }) => ((value ?? low ?? high) === null ? null : [low ?? value, high ?? value]);

/** A point for each slot, with nulls where nothing was measured. */
function course(answer, { slots, bucket, zone: where }) {
  if (!answer) return null;
  const known = new Map(answer.points.map((point) => [slotKey(point.bucket, bucket, where), point]));
  return slots.map((slot) => {
    const { value, ci_low: low, ci_high: high, n = 0 } = known.get(slot) ?? {};
    return { value: amount(value), low: amount(low), high: amount(high), n };
  });
}

/** Calls of each slot, stacked by direction. */
function volumes(answer, { slots, bucket, zone: where }) {
  if (!answer) return null;
  const calls = new Map(answer.points.map((point) => [`${point.group ?? "unknown"} ${slotKey(point.bucket, bucket, where)}`, amount(point.value)]));
  const stacks = slots.map((slot) => KINDS.map((kind) => ({ kind, value: calls.get(`${kind} ${slot}`) ?? 0 })));
  return { slots, stacks, total: total(stacks.flat()) };
}

const total = (parts) => parts.reduce((sum, part) => sum + part.value, 0);

/** The mean number of calls by weekday and hour since the first call; cropped to the hours that have any. */
function busyHours(answer, { days, zone: where, now }) {
  const calls = new Map((answer?.points ?? []).map((point) => [slotKey(point.bucket, "hour", where), amount(point.value) ?? 0]));
  const busy = [...calls.keys()].filter((key) => calls.get(key)).sort();
  if (!busy.length) return null;
  const since = busy[0].slice(0, 10), hours = atLeast(10, busy.map((key) => Number(key.slice(11))));
  const cells = Array.from({ length: 7 }, (_, weekday) => hours.map((hour) => {
    const slots = days.filter((day) => weekdayOf(day) === weekday && day >= since)
      .map((day) => `${day}T${String(hour).padStart(2, "0")}`).filter((slot) => slot <= now);
    return slots.length ? slots.reduce((sum, slot) => sum + (calls.get(slot) ?? 0), 0) / slots.length : null;
  }));
  return { hours, cells, from: since, to: days.at(-1) };
}

const weekdayOf = (day) => (new Date(day).getUTCDay() + 6) % 7;

function atLeast(count, numbers) {
  const last = Math.max(...numbers, count - 1), first = Math.min(...numbers, last - count + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Won by month, and what is expected of open deals by month; those without a date in a slot of their own, "". */
function sales(won, forecast, { slots, bucket, zone: where }) {
  const byMonth = (answer) => new Map((answer?.points ?? []).map((point) => [slotKey(point.bucket, bucket, where), point]));
  const [sold, expected] = [byMonth(won), byMonth(forecast)];
  const value = (points, slot) => amount(points.get(slot)?.value) ?? 0;
  const later = [...expected.keys()].filter((key) => key > slots.at(-1)).sort().slice(0, 3);
  const all = [...slots, ...later, ...(value(expected, "") ? [""] : [])];
  const stacks = all.map((slot) => [{ kind: "won", value: value(sold, slot) }, { kind: "forecast", value: value(expected, slot) }]);
  const money = [...sold.values(), ...expected.values()].find((point) => point.value?.currency);
  if (!money) return null;
  return { slots: all, stacks, currency: money.value.currency, won: slots.filter((slot) => sold.has(slot)).map((slot) => value(sold, slot)) };
}

/** `{here, ever}`: calls in the period, and whether there were any at all; asked only where the answer is not plain. */
async function howMany(volume, heat, { zone: where, now }) {
  const here = volume?.total ?? null;
  if (here !== 0 || heat) return { here, ever: true };
  const answer = await get("v1/metrics/call_volume", { from: `${daysAgo(3_650, where, now)}T00:00:00` }).catch(() => null);
  return { here, ever: (amount(answer?.points[0]?.value) ?? 0) > 0 };
}
