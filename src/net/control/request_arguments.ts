/**
 * What was given with a request: each argument is asked for once, by its type.
 *
 * Owns the refusal of what a command does not know: of another version of this program, it would mean
 * something.
 */

import type { ControlArguments } from "../../control/protocol.ts";

export class RequestArguments {
  readonly #left: Map<string, string | number | boolean>;

  constructor(given: ControlArguments) {
    this.#left = new Map(Object.entries(given));
  }

  text(name: string): string | undefined {
    return this.#take(name, "string") as string | undefined;
  }

  number(name: string): number | undefined {
    return this.#take(name, "number") as number | undefined;
  }

  /** False when it was not given. */
  flag(name: string): boolean {
    return this.#take(name, "boolean") === true;
  }

  /** To be called when all were asked for. Throws an `Error` when there are others. */
  end(): void {
    for (const name of this.#left.keys()) throw unreadable(name);
  }

  #take(name: string, type: "string" | "number" | "boolean"): unknown {
    const value = this.#left.get(name);
    this.#left.delete(name);
    if (value !== undefined && typeof value !== type) throw unreadable(name);
    return value;
  }
}

function unreadable(name: string): Error {
  return new Error(
    `Cannot read '${name}' of the request: the broker that runs is of another version. Restart it`,
  );
}
