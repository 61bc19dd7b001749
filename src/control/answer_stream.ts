/**
 * The items of an answer on their way to who asked.
 *
 * Owns the text that is not written yet: never much more than `BLOCK_CHARACTERS`, however long the
 * answer is and however slowly it is read. Invariant: whoever makes items waits when it is told to,
 * so that neither memory nor the event loop is taken for long.
 */

import { type ControlItem, type ControlReply, lineOf } from "./protocol.ts";
import { Turns } from "./turns.ts";

/** Where the text goes; resolves when it is taken. */
export type WriteText = (text: string) => Promise<void>;

const BLOCK_CHARACTERS = 64 * 1024;

export class AnswerStream {
  readonly #write: WriteText;
  readonly #turns: Turns;
  #text = "";
  #isClosed = false;

  constructor(write: WriteText, turns: Turns = new Turns()) {
    this.#write = write;
    this.#turns = turns;
  }

  /** Appends an item. What is returned has to be awaited. Throws when nobody reads any more. */
  put(item: ControlItem): Promise<void> | undefined {
    this.#check();
    this.#text += lineOf({ item });
    return this.#text.length < BLOCK_CHARACTERS ? this.#turns.rest() : this.#writeBlock();
  }

  /** The same after a piece of work that no item came of. */
  rest(): Promise<void> | undefined {
    this.#check();
    return this.#turns.rest();
  }

  /** Writes what is left, and how it went. */
  async end(reply: ControlReply): Promise<void> {
    this.#text += lineOf(reply);
    await this.#flush();
  }

  /** The connection is gone: who makes items is stopped by the next one. */
  close(): void {
    this.#isClosed = true;
  }

  #check(): void {
    if (this.#isClosed) throw new Error("Cannot go on with the answer: nobody reads it any more");
  }

  async #writeBlock(): Promise<void> {
    await this.#flush();
    // A write that is taken at once does not give others a turn.
    await this.#turns.over();
  }

  #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    return this.#write(text);
  }
}
