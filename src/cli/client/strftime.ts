/**
 * The conversions of `strftime` in the C locale, in local time (`@Y`, `@H` of a format).
 *
 * Owns the spelling: that of the GNU C library, on every system. The clock is passed in. Invariant: a
 * conversion that does not exist is printed as it would be there, with its percent sign.
 */

import { timeZoneName } from "./time_zone_name.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY_MS = 86_400_000;

/** Local time, with what several conversions need. */
interface LocalTime {
  readonly ms: number;
  readonly date: Date;
  readonly year: number;
  /** 0 for Sunday. */
  readonly weekday: number;
  /** 0 for the first of January. */
  readonly dayOfYear: number;
}

const CONVERSIONS: Readonly<Record<string, (time: LocalTime) => string>> = {
  "%": () => "%",
  a: ({ weekday }) => (DAYS[weekday] as string).slice(0, 3),
  A: ({ weekday }) => DAYS[weekday] as string,
  b: ({ date }) => (MONTHS[date.getMonth()] as string).slice(0, 3),
  B: ({ date }) => MONTHS[date.getMonth()] as string,
  c: (time) => all(time, "a b e T Y"),
  C: ({ year }) => zeros(Math.floor(year / 100), 2),
  d: ({ date }) => zeros(date.getDate(), 2),
  D: (time) => all(time, "m/d/y"),
  e: ({ date }) => blanks(date.getDate()),
  F: (time) => all(time, "Y-m-d"),
  g: (time) => zeros(isoWeek(time).year % 100, 2),
  G: (time) => String(isoWeek(time).year),
  h: (time) => all(time, "b"),
  H: ({ date }) => zeros(date.getHours(), 2),
  I: ({ date }) => zeros(hour12(date), 2),
  j: ({ dayOfYear }) => zeros(dayOfYear + 1, 3),
  k: ({ date }) => blanks(date.getHours()),
  l: ({ date }) => blanks(hour12(date)),
  m: ({ date }) => zeros(date.getMonth() + 1, 2),
  M: ({ date }) => zeros(date.getMinutes(), 2),
  n: () => "\n",
  p: ({ date }) => date.getHours() < 12 ? "AM" : "PM",
  P: ({ date }) => date.getHours() < 12 ? "am" : "pm",
  r: (time) => all(time, "I:M:S p"),
  R: (time) => all(time, "H:M"),
  s: ({ ms }) => String(Math.floor(ms / 1000)),
  S: ({ date }) => zeros(date.getSeconds(), 2),
  t: () => "\t",
  T: (time) => all(time, "H:M:S"),
  u: ({ weekday }) => String(weekday === 0 ? 7 : weekday),
  U: ({ dayOfYear, weekday }) => zeros(weekNumber(dayOfYear, weekday), 2),
  V: (time) => zeros(isoWeek(time).week, 2),
  w: ({ weekday }) => String(weekday),
  W: ({ dayOfYear, weekday }) => zeros(weekNumber(dayOfYear, (weekday + 6) % 7), 2),
  x: (time) => all(time, "m/d/y"),
  X: (time) => all(time, "H:M:S"),
  y: ({ year }) => zeros(((year % 100) + 100) % 100, 2),
  Y: ({ year }) => String(year),
  z: ({ date }) => offsetText(-date.getTimezoneOffset()),
  Z: ({ ms }) => timeZoneName(ms),
};

/** `conversion` is the character after the percent sign; `ms` counts from 1970. */
export function strftime(conversion: string, ms: number): string {
  const convert = Object.hasOwn(CONVERSIONS, conversion) ? CONVERSIONS[conversion] : undefined;
  if (convert !== undefined) return convert(localTime(ms));
  // A digit is a width there, and what is unknown is padded to it.
  return `%${conversion}`.padStart(/^\d$/.test(conversion) ? Number(conversion) : 0);
}

/** "2026-11-23T18:19:17+0100", with `fraction` after the seconds. */
export function isoTime(ms: number, fraction = ""): string {
  const time = localTime(ms);
  return `${all(time, "Y-m-d")}T${all(time, "H:M:S")}${fraction}${all(time, "z")}`;
}

function localTime(ms: number): LocalTime {
  const date = new Date(ms);
  const year = date.getFullYear();
  const midnight = utcDay(year, date.getMonth(), date.getDate());
  return {
    ms,
    date,
    year,
    weekday: date.getDay(),
    dayOfYear: Math.round((midnight - utcDay(year, 0, 1)) / DAY_MS),
  };
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
function utcDay(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

/** Every letter is a conversion, every other character stands for itself. */
function all(time: LocalTime, letters: string): string {
  return letters.replace(/[A-Za-z]/g, (letter) => CONVERSIONS[letter]?.(time) ?? letter);
}

function zeros(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function blanks(value: number): string {
  return String(value).padStart(2, " ");
}

function hour12(date: Date): number {
  return date.getHours() % 12 || 12;
}

/** Weeks begin on the day that `daysSinceStart` counts from; days before the first are in week 0. */
function weekNumber(dayOfYear: number, daysSinceStart: number): number {
  return Math.floor((dayOfYear + 7 - daysSinceStart) / 7);
}

/** ISO 8601: weeks begin on Monday, the first has the year's first Thursday. */
function isoWeek({ year, weekday, dayOfYear }: LocalTime): { year: number; week: number } {
  const thursday = dayOfYear - (weekday + 6) % 7 + 3;
  if (thursday < 0) {
    const last = thursday + daysInYear(year - 1);
    return { year: year - 1, week: Math.floor(last / 7) + 1 };
  }
  if (thursday >= daysInYear(year)) return { year: year + 1, week: 1 };
  return { year, week: Math.floor(thursday / 7) + 1 };
}

function daysInYear(year: number): number {
  return (utcDay(year + 1, 0, 1) - utcDay(year, 0, 1)) / DAY_MS;
}

function offsetText(minutes: number): string {
  const value = Math.abs(Math.trunc(minutes));
  return `${minutes < 0 ? "-" : "+"}${zeros(Math.floor(value / 60), 2)}${zeros(value % 60, 2)}`;
}
