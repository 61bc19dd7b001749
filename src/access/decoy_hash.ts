/**
 * Hashes for users that do not exist, so that refusing them takes as long as refusing others.
 *
 * Invariant: a name has the same decoy until the process ends, its costs are those of a user who
 * exists, and how costs are spread over unknown names is how they are spread over known ones.
 */

import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { formatPasswordHash, parsePasswordHash, type PasswordHash } from "./password_hash.ts";

/** Where no user has a hash: with the costs of new ones. */
const USUAL: PasswordHash = {
  format: "argon2id",
  memoryKiB: 19_456,
  passes: 2,
  lanes: 1,
  salt: new Uint8Array(16),
  digest: new Uint8Array(32),
};

export class DecoyHashes {
  readonly #key = randomBytes(32);
  readonly #hashes: readonly string[];

  /** `hashes` are those of all users. */
  constructor(hashes: Iterable<string>) {
    this.#hashes = [...hashes];
  }

  /** The text of a hash that no password is known for. */
  hashFor(username: string): string {
    const mark = createHmac("sha256", this.#key).update(username).digest();
    const model = this.#hashes[mark.readUInt32BE(0) % this.#hashes.length];
    const hash = model === undefined ? USUAL : parsePasswordHash(model);
    const saltBytes = hash.salt.length;
    const bytes = new Uint8Array(
      hkdfSync("sha256", mark, "", "decoy", saltBytes + hash.digest.length),
    );
    return formatPasswordHash({
      ...hash,
      salt: bytes.subarray(0, saltBytes),
      digest: bytes.subarray(saltBytes),
    });
  }
}
