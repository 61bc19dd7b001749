/**
 * Patterns for Client Identifiers: `*` stands for any characters, `?` for one.
 *
 * Owns the matching, which takes at most the product of both lengths: nobody's pattern may keep the
 * broker busy, as that of a regular expression could.
 */

/** Whether all of `text` matches. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  /** After the last star, and where the text that it stands for ends. */
  let afterStar = -1;
  let starEnd = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      afterStar = ++at;
      starEnd = position;
    } else if (wanted === "?" || wanted === text[position] && wanted !== undefined) {
      at++;
      position++;
    } else if (afterStar >= 0) {
      at = afterStar;
      position = ++starEnd;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
