/**
 * The User Names of sessions, as far as the file can be trusted with them.
 *
 * Owns the reason: Mosquitto 2.0, as Debian 11 and 12 have it, does not clear the User Name before it
 * writes the next client. A client without one gets that of the client before it, alternately with
 * the two bytes of its length swapped, so that what lies behind it in memory is written too, and
 * with its length as it was. The first shows by its zero byte. A name that follows such a one, and
 * is the same, may be that of its client or not.
 */

import { decodeUtf8 } from "../../protocol/reader.ts";
import type { FileCursor } from "./file_cursor.ts";

export class Usernames {
  /** How many names were not believed. */
  doubtful = 0;
  /** The last that was believed. */
  #last: string | undefined;
  /** Whether one with a zero byte has come since. */
  #isStale = false;

  /** Asked for each client in the order of the file; `bytes` end where `cursor` is. */
  of(bytes: Uint8Array, cursor: FileCursor): string | undefined {
    if (bytes.length === 0) return undefined;
    if (bytes.includes(0)) {
      this.#isStale = true;
      this.doubtful++;
      return undefined;
    }
    const start = cursor.position - bytes.length;
    const field = "User Name";
    const username = cursor.decode(field, start, () => decodeUtf8(bytes, 0, bytes.length, field));
    if (this.#isStale && username === this.#last) {
      this.doubtful++;
      return undefined;
    }
    this.#isStale = false;
    return this.#last = username;
  }
}
