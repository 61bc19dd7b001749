/**
 * Points in time as log lines show them: ISO 8601 with milliseconds, in local time with its
 * offset or in UTC.
 *
 * Owns the spelling only; the clock is passed in.
 */

/** "2026-11-23T08:00:00.123+01:00": local time, with the offset that is valid at that moment. */
export function isoLocal(ms: number): string {
  const offsetMinutes = -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const sign = offsetMinutes < 0 ? "-" : "+";
  const minutes = Math.abs(offsetMinutes);
  return `${local}${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** "2026-11-23T07:00:00.123Z". */
export function isoUtc(ms: number): string {
  return new Date(ms).toISOString();
}

function twoDigits(value: number): string {
  return String(Math.trunc(value)).padStart(2, "0");
}
