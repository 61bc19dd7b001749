/**
 * What became of published messages: a warning for each that the server refused, up to a number.
 *
 * Owns the wording and the count. Before MQTT 5 a server cannot refuse a message.
 */

import type { PublishResult } from "../../client/client_types.ts";
import { isError, ReasonCode } from "../../protocol/reason_code.ts";
import { reasonOf } from "./reason_text.ts";

/** More of them say nothing new. */
const MOST_WARNINGS = 10;

export class PublishReports {
  readonly #warn: (line: string) => void;
  readonly #debug: ((line: string) => void) | undefined;
  #refused = 0;

  /** `debug`: undefined without `-d`. */
  constructor(warn: (line: string) => void, debug: ((line: string) => void) | undefined) {
    this.#warn = warn;
    this.#debug = debug;
  }

  /** `number`: which of the tool's messages it was, from 1. */
  add(number: number, { reasonCode, properties }: PublishResult): void {
    if (isError(reasonCode)) {
      this.#refused++;
      if (this.#refused > MOST_WARNINGS) return;
      this.#warn(`Warning: Publish ${number} failed: ${reasonOf(reasonCode, properties)}`);
    } else if (reasonCode === ReasonCode.NoMatchingSubscribers) {
      this.#debug?.(`Publish ${number}: ${reasonOf(reasonCode, properties)}`);
    }
  }

  /** Says how many warnings were left out. */
  end(): void {
    const more = this.#refused - MOST_WARNINGS;
    if (more > 0) this.#warn(`Warning: ${more} more failed: ${this.#refused} in all`);
  }
}
