/**
 * The nearest right word to a mistyped one, for "did you mean" suggestions.
 *
 * Owns the measure of nearness: the Damerau-Levenshtein distance, letters compared without case.
 * It suggests nothing rather than something far away: at most a third of the letters may differ,
 * or the end may be missing.
 */

/** The candidate that is nearest to the word, or undefined when none is near enough. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = distanceTo(normalized(word), normalized(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * How many letters must be inserted, removed, replaced or exchanged with their neighbour to make
 * one word of the other. Words longer than 64 letters are compared by their first 64.
 */
export function editDistance(from: string, to: string): number {
  const a = from.slice(0, 64);
  const b = to.slice(0, 64);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (same ? 0 : 1));
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (exchanged) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

/** A beginning of a word is one step away from it. */
function distanceTo(word: string, candidate: string): number {
  if (word.length >= 3 && word !== candidate && candidate.startsWith(word)) return 1;
  return editDistance(word, candidate);
}

/** People write "max-packet-size" and "maxPacketSize" for "max_packet_size". */
function normalized(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

function at(row: readonly number[], index: number): number {
  const value = row[index];
  if (value === undefined) throw new RangeError(`Cannot read column ${index} of the distance row`);
  return value;
}
