/**
 * When a certificate is to be made anew.
 *
 * Owns the one rule, which `broker cert` and the broker itself share.
 */

export const DAY_MS = 86_400_000;
const RENEW_WITHIN_DAYS = 30;

/** Thirty days before its end; for one of a few days, when a third of them is left. */
export function isDue(endsAtMs: number, days: number, nowMs: number): boolean {
  return endsAtMs - nowMs <= Math.min(RENEW_WITHIN_DAYS, days / 3) * DAY_MS;
}
