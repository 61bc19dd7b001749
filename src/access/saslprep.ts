/**
 * SASLprep (RFC 4013): two ways of typing one name or password become the same text.
 *
 * Owns the mapping and what is prohibited. For ASCII it changes nothing. Two steps of the RFC are not
 * done: the rules for text from right to left (section 2.3), and the list of what Unicode 3.2 did not
 * assign (section 2.5), in whose place stands what the Unicode of this runtime does not assign.
 */

/** Blanks other than the one of ASCII (RFC 3454, table C.1.2): each becomes that one. */
const BLANKS = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;

/** What is commonly mapped to nothing (RFC 3454, table B.1); U+200B is a blank already. */
const IGNORED =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

/**
 * RFC 3454, tables C.2 to C.9: control characters, private use, no characters, surrogates, what is
 * unfit for plain text or canonical text, what changes the display, tags; and the unassigned.
 */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u0340\u0341\u200e\u200f\u202a-\u202e\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;

/** The prepared text; undefined when it is empty or contains what is prohibited. */
export function saslprep(text: string): string | undefined {
  const prepared = text.replace(BLANKS, " ").replace(IGNORED, "").normalize("NFKC");
  return prepared === "" || PROHIBITED.test(prepared) ? undefined : prepared;
}
