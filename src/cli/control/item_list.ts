/**
 * Items of an answer as a table or as one JSON document, in order.
 *
 * Owns the order and the output. What can be sorted is bounded: more than `MOST_SORTED` items come in
 * the order of the broker, so that a million of them do not fill the memory of a small machine.
 */

import { jsonText } from "../json_text.ts";
import { type Terminal, writeLines } from "../terminal.ts";
import { type Column, TableLines } from "../text_table.ts";

export interface ListForm<Item> {
  /** Of the array in the JSON document. */
  readonly key: string;
  readonly columns: readonly Column[];
  /** In place of an empty table. */
  readonly none: string;
  rows(item: Item): Iterable<readonly string[]>;
  /** What they are sorted by. */
  orderOf(item: Item): string;
}

export interface ListOptions {
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly mostSorted?: number;
  /** In the table; of more, only their number is told. */
  readonly mostShown?: number;
}

export const MOST_SORTED = 100_000;
/** Characters that are written at once. */
const BLOCK_CHARACTERS = 32 * 1024;

export class ItemList<Item> {
  readonly #form: ListForm<Item>;
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #mostSorted: number;
  readonly #mostShown: number;
  readonly #table: TableLines;
  /** Undefined: there are too many, and they are written as they come. */
  #waiting: Item[] | undefined = [];
  #count = 0;
  #text = "";

  constructor(
    form: ListForm<Item>,
    { json, terminal, mostSorted = MOST_SORTED, mostShown = Infinity }: ListOptions,
  ) {
    this.#form = form;
    this.#json = json;
    this.#terminal = terminal;
    this.#mostSorted = mostSorted;
    this.#mostShown = mostShown;
    this.#table = new TableLines(form.columns);
  }

  add(item: Item): void {
    if (this.#waiting === undefined) return this.#write(item);
    this.#waiting.push(item);
    if (this.#waiting.length <= this.#mostSorted) return;
    const note = `More than ${this.#mostSorted}: in the order of the broker`;
    writeLines([note], this.#terminal.err);
    for (const each of this.#takeWaiting()) this.#write(each);
  }

  /** Writes what is left. `tail`: what follows the array in the JSON document. */
  end(tail: Readonly<Record<string, unknown>> = {}): void {
    const { orderOf, none } = this.#form;
    const items = this.#takeWaiting().map((item) => ({ item, order: orderOf(item) }));
    items.sort((one, other) => one.order < other.order ? -1 : one.order > other.order ? 1 : 0);
    for (const { item } of items) this.#write(item);
    if (this.#json) {
      this.#put(this.#count === 0 ? `{${jsonText(this.#form.key)}: []` : "\n]");
      for (const [key, value] of Object.entries(tail)) {
        this.#put(`, ${jsonText(key)}: ${jsonText(value)}`);
      }
      this.#put("}\n");
    } else if (this.#count === 0) {
      this.#put(`${none}\n`);
    } else {
      for (const line of this.#table.end()) this.#put(`${line}\n`);
      const left = this.#count - this.#mostShown;
      if (left > 0) this.#put(`... and ${left} more\n`);
    }
    this.#flush();
  }

  #takeWaiting(): Item[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }

  #write(item: Item): void {
    const isFirst = this.#count++ === 0;
    if (this.#json) {
      this.#put(isFirst ? `{${jsonText(this.#form.key)}: [\n` : ",\n");
      this.#put(jsonText(item));
      return;
    }
    if (this.#count > this.#mostShown) return;
    for (const row of this.#form.rows(item)) {
      for (const line of this.#table.add(row)) this.#put(`${line}\n`);
    }
  }

  #put(text: string): void {
    this.#text += text;
    if (this.#text.length >= BLOCK_CHARACTERS) this.#flush();
  }

  #flush(): void {
    if (this.#text !== "") this.#terminal.out(this.#text);
    this.#text = "";
  }
}
