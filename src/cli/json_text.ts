/**
 * JSON that may be shown on a terminal.
 *
 * Owns which characters are escaped besides those that JSON itself escapes.
 */

/** Characters that JSON allows in strings and a terminal takes for commands or new lines. */
const UNSAFE = /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu;

/** `value` on one line, or indented by `indent` characters. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
