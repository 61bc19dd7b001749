/**
 * Users with passwords, of broker.yaml and of password files, as a login method.
 *
 * Owns nothing but the list of users, which is replaced whole by a reload; the computing is done by
 * `PasswordVerifier` off the event loop.
 */

import { DecoyHashes } from "./decoy_hash.ts";
import type { LoginMethod, LoginRequest, MethodAnswer } from "./login_method.ts";
import type { Verdict } from "./password_messages.ts";

/** The part of `PasswordVerifier` that is used. */
export interface PasswordCheck {
  verify(password: Uint8Array, hash: string): Promise<Verdict>;
}

const BUSY = "too many passwords wait to be verified";

export class PasswordMethod implements LoginMethod {
  readonly name = "users";
  readonly #users: ReadonlyMap<string, string>;
  readonly #verifier: PasswordCheck;
  readonly #decoys: DecoyHashes;

  /** `users`: the text of each user's hash, which `parsePasswordHash()` reads without an error. */
  constructor(users: ReadonlyMap<string, string>, verifier: PasswordCheck) {
    this.#users = users;
    this.#verifier = verifier;
    this.#decoys = new DecoyHashes(users.values());
  }

  async check({ username, password }: LoginRequest): Promise<MethodAnswer> {
    if (username === undefined) return { kind: "unknown", cause: "no user name" };
    const hash = this.#users.get(username);
    if (hash === undefined) return { kind: "unknown", cause: "unknown user" };
    if (isEmpty(password)) return { kind: "refused", cause: "no password" };
    switch (await this.#verifier.verify(password, hash)) {
      case "right":
        return { kind: "proven", username, groups: [] };
      case "wrong":
        return { kind: "refused", cause: "wrong password" };
      case "busy":
        return { kind: "unavailable", cause: BUSY };
    }
  }

  async pretend({ username, password }: LoginRequest): Promise<"done" | "busy"> {
    if (username === undefined || isEmpty(password)) return "done";
    const verdict = await this.#verifier.verify(password, this.#decoys.hashFor(username));
    return verdict === "busy" ? "busy" : "done";
  }
}

/** Nobody has an empty password, so nothing is computed for one. */
function isEmpty(password: Uint8Array | undefined): password is undefined {
  return password === undefined || password.length === 0;
}
