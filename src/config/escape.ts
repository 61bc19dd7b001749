/**
 * Text that others have written, made safe to show on a terminal and to write into a log.
 *
 * Owns the set of characters that are never let through: control characters (a new line would
 * forge a log line, ESC would command the terminal), the separators that some programs take for a
 * new line, the marks that turn the direction of writing, and halves of surrogate pairs.
 * Invariant: the result is one line, and what was escaped can be recognized.
 */

const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with every unsafe character written as an escape: "\n", "\x1b", "\u202e". */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return SHORT[character] ??
      (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
