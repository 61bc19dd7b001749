/**
 * Texts that clients send are as long as clients like: cut here before they are logged.
 */

/** UTF-16 code units that are shown. */
const SHOWN_LENGTH = 200;

/**
 * `text`, or the beginning of it and "...". A string of its own: it may be kept without keeping
 * the whole text in memory, as a slice would.
 */
export function shorten(text: string): string {
  if (text.length <= SHOWN_LENGTH) return text;
  return [...text.slice(0, SHOWN_LENGTH)].join("").toWellFormed() + "...";
}
