/**
 * What became of each option that was found: the lines of the table that an import ends with.
 *
 * Owns the list. Invariant: an entry is accounted for exactly once; `account()` finds those that were
 * forgotten, which is a bug.
 */

import type { ConfEntry } from "./conf_reader.ts";
import type { Place } from "./input_files.ts";

export const RESULTS = ["carried", "changed", "not_carried"] as const;

export type Result = typeof RESULTS[number];

/** One line of the table. */
export interface Finding {
  /** Undefined: it is not in the file, and has its default. */
  readonly place: Place | undefined;
  /** The option's name as it was written. */
  readonly option: string;
  /** Its value, for people; "(not shown)" in place of a secret. */
  readonly value: string;
  readonly result: Result;
  /** Without it something else connects, is encrypted, is delivered, or is listened on. */
  readonly matters: boolean;
  /** Where it is now; or how it was changed; or why it is left out, and what to do. */
  readonly text: string;
}

const HIDDEN_VALUE = "(not shown)";

export class Findings {
  readonly #list: Finding[] = [];
  readonly #entries = new Set<ConfEntry>();

  /** In the order of the files; what has no place comes last. */
  get list(): readonly Finding[] {
    return this.#list;
  }

  carried(entry: ConfEntry, text: string): void {
    this.#add(entry, "carried", false, text);
  }

  changed(entry: ConfEntry, text: string): void {
    this.#add(entry, "changed", false, text);
  }

  /** Nothing that matters is lost. */
  dropped(entry: ConfEntry, text: string): void {
    this.#add(entry, "not_carried", false, text);
  }

  /** Something that matters is lost. */
  lost(entry: ConfEntry, text: string): void {
    this.#add(entry, "not_carried", true, text);
  }

  /** About something else than an option: a line of another file, or a default. */
  note(finding: Finding): void {
    this.#list.push(finding);
  }

  /** A default of Mosquitto that is another one here. */
  default(option: string, value: string, result: Result, text: string): void {
    this.note({ place: undefined, option, value, result, matters: false, text });
  }

  has(entry: ConfEntry): boolean {
    return this.#entries.has(entry);
  }

  /** Throws when an entry was forgotten, and puts the list into the order of `entries`. */
  account(entries: readonly ConfEntry[]): void {
    const forgotten = entries.find((entry) => !this.#entries.has(entry));
    if (forgotten !== undefined) {
      throw new Error(`Cannot account for '${forgotten.name}': nothing was decided about it`);
    }
    const files = [...new Set(entries.map(({ file }) => file.path))];
    const rank = ({ place }: Finding) => {
      if (place === undefined) return Infinity;
      const index = files.indexOf(place.file);
      return (index < 0 ? files.length : index) * 1e9 + place.line;
    };
    this.#list.sort((a, b) => rank(a) === rank(b) ? 0 : rank(a) - rank(b));
  }

  #add(entry: ConfEntry, result: Result, matters: boolean, text: string): void {
    if (this.#entries.has(entry)) {
      throw new Error(`Cannot decide about '${entry.name}' twice`);
    }
    this.#entries.add(entry);
    const { name, place, option, value } = entry;
    // Of an unknown option nobody knows whether it is a password.
    const isShown = option?.isSecret === false || value.text === "";
    const shown = isShown ? value.text : HIDDEN_VALUE;
    this.#list.push({ place, option: name, value: shown, result, matters, text });
  }
}
