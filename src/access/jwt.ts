/**
 * Logins whose password is a JSON Web Token (RFC 7519, with the care of RFC 8725).
 *
 * Owns what a token must be like to be believed; the signature is verified by jose, which is loaded
 * with the first use of this module's `open()`. Does not own the keys: `jwt_key_source.ts`. Invariant:
 * no part of a token reaches the log.
 */

import type { JWTPayload } from "jose";
import { type ClaimNames, identityOf } from "./jwt_claims.ts";
import { type KeyPlace, KeySource } from "./jwt_key_source.ts";
import type { Jose, KeySet } from "./jwt_keys.ts";
import type { LoginMethod, LoginRequest, MethodAnswer } from "./login_method.ts";

export interface JwtOptions extends KeyPlace {
  /** What the claim `iss` must be; left out: anything. */
  readonly issuer?: string | undefined;
  /** What must be in the claim `aud`; left out: anything. */
  readonly audience?: string | undefined;
  /** By default `sub`. */
  readonly usernameClaim?: string | undefined;
  /** By default `groups`. */
  readonly groupsClaim?: string | undefined;
  /** The algorithms that are taken; none: those that fit the key. */
  readonly algorithms?: readonly string[] | undefined;
  /** Takes one line for the log when a changed key file cannot be used. */
  readonly report?: ((problem: string) => void) | undefined;
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Seconds that two clocks may differ by. */
export const LEEWAY_SECONDS = 60;

/** Keys of a set that are tried when the token does not name one. */
const MAXIMUM_TRIES = 16;

const DOES_NOT_SAY = "the password is no JSON Web Token";

/** What jose's errors mean here, by their codes. Their own texts may repeat parts of the token. */
const CAUSES: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "the token has expired (exp)",
  ERR_JWT_INVALID: "the token is malformed",
  ERR_JWS_INVALID: "the token is malformed",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is wrong",
  ERR_JWKS_NO_MATCHING_KEY: "the token's key is not in the key set",
  ERR_JOSE_NOT_SUPPORTED: "the token demands what is not supported",
};

export class JwtLogin implements LoginMethod {
  readonly name = "jwt";
  readonly #jose: Jose;
  readonly #keys: KeySource;
  readonly #options: JwtOptions;
  readonly #claimNames: ClaimNames;
  readonly #wallNow: () => number;

  private constructor(jose: Jose, keys: KeySource, options: JwtOptions) {
    this.#jose = jose;
    this.#keys = keys;
    this.#options = options;
    const { usernameClaim = "sub", groupsClaim = "groups" } = options;
    this.#claimNames = { usernameClaim, groupsClaim };
    this.#wallNow = options.wallNow ?? Date.now;
  }

  /** Loads jose and the keys. Rejects with a `JwtKeyError`, whose message is for people. */
  static async open(options: JwtOptions): Promise<JwtLogin> {
    const jose = await import("jose");
    const keys = await KeySource.open(jose, options, {
      algorithms: options.algorithms ?? [],
      now: options.now ?? (() => performance.now()),
      report: options.report ?? (() => {}),
    });
    return new JwtLogin(jose, keys, options);
  }

  /**
   * Whom the token is about. "unknown" when the password is none. A User Name that is sent must be
   * the token's: MQTT 3.1.1 has no password without one, so an empty one counts as none.
   */
  async check({ username, password }: LoginRequest): Promise<MethodAnswer> {
    if (password === undefined || !looksLikeToken(password)) {
      return { kind: "unknown", cause: DOES_NOT_SAY };
    }
    const claims = await this.#claimsOf(password);
    if (typeof claims === "string") return { kind: "refused", cause: claims };
    const identity = identityOf(claims, this.#claimNames);
    if (typeof identity === "string") return { kind: "refused", cause: identity };
    if (username && username !== identity.username) {
      return { kind: "refused", cause: "the User Name is not the one of the token" };
    }
    return { kind: "proven", ...identity, validForMs: this.#validForMs(claims) };
  }

  /** What the token claims, or why it is not believed. */
  async #claimsOf(token: Uint8Array): Promise<JWTPayload | string> {
    const keys = await this.#keys.current();
    try {
      return await this.#verify(token, keys);
    } catch (error) {
      return this.#causeOf(error, keys);
    }
  }

  async #verify(token: Uint8Array, { keyOf, algorithms }: KeySet): Promise<JWTPayload> {
    const { issuer, audience } = this.#options;
    const { jwtVerify, errors } = this.#jose;
    const options = {
      algorithms: [...algorithms],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(this.#wallNow()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    try {
      return (await jwtVerify(token, keyOf, options)).payload;
    } catch (several) {
      if (!(several instanceof errors.JWKSMultipleMatchingKeys)) throw several;
      let tries = 0;
      for await (const key of several) {
        if (++tries > MAXIMUM_TRIES) break;
        try {
          return (await jwtVerify(token, key, options)).payload;
        } catch (error) {
          if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        }
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  #causeOf(error: unknown, { algorithms }: KeySet): string {
    const { errors } = this.#jose;
    if (error instanceof errors.JOSEAlgNotAllowed) {
      return `the token is not signed by one of ${algorithms.join(", ")}`;
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
      return error.reason === "missing"
        ? `the token has no claim '${error.claim}'`
        : `the token's claim '${error.claim}' is not what it has to be`;
    }
    const code = error instanceof errors.JOSEError ? error.code : "";
    return CAUSES[code] ?? "the token cannot be verified";
  }

  /** Who is let in within the leeway is not put out before it is over. */
  #validForMs({ exp }: JWTPayload): number | undefined {
    if (exp === undefined) return undefined;
    return Math.max(0, (exp + LEEWAY_SECONDS) * 1000 - this.#wallNow());
  }
}

/** Three parts in base64url; the first is JSON and begins with a brace. */
function looksLikeToken(password: Uint8Array): boolean {
  const text = new TextDecoder().decode(password);
  return /^e[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/.test(text);
}
