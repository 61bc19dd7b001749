/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, for enhanced authentication (MQTT 5 section
 * 4.12): the client proves that it knows the password without sending it, and the broker that it has
 * its verifier.
 *
 * Owns the verifiers and the order of the messages. Does not own packets. Invariant: until the last
 * message nothing tells an unknown user from a known one: the salt and the iterations that a name is
 * answered with are the same at each asking while this process runs. Channel binding is not offered.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { toBase64 } from "./base64.ts";
import type { EnhancedMethod, Exchange, ExchangeStep, LoginRequest } from "./login_method.ts";
import { saslprep } from "./saslprep.ts";
import {
  type ClientFirst,
  parseClientFinal,
  parseClientFirst,
  ScramMessageError,
} from "./scram_message.ts";
import {
  hmac,
  NEW_ITERATIONS,
  NEW_SALT_BYTES,
  parseScramVerifier,
  type ScramVerifier,
  ScramVerifierError,
  sha256,
} from "./scram_verifier.ts";

export interface ScramUsersOptions {
  /** What the salts of unknown users are derived from; by default made for this process. */
  readonly secret?: Uint8Array;
  /** Makes the server's part of a nonce: printable ASCII without a comma. */
  readonly makeNonce?: () => string;
}

/** `name` is undefined when there is no such user. */
interface ScramUser {
  readonly name: string | undefined;
  readonly verifier: ScramVerifier;
}

const NONCE_BYTES = 18;
const DEFAULT_COST = { iterations: NEW_ITERATIONS, saltBytes: NEW_SALT_BYTES };

/** The users that can log in with SCRAM. */
export class ScramUsers implements EnhancedMethod {
  /** The Authentication Method of MQTT. */
  readonly name = "SCRAM-SHA-256";
  readonly #users = new Map<string, ScramUser>();
  readonly #costs: { iterations: number; saltBytes: number }[] = [];
  readonly #secret: Uint8Array;
  readonly #makeNonce: () => string;

  /**
   * From pairs of a name and the text of its verifier. Throws `ScramVerifierError` when a text is no
   * verifier, or a name cannot be used or is there twice.
   */
  constructor(users: Iterable<readonly [string, string]>, options: ScramUsersOptions = {}) {
    for (const [name, text] of users) {
      try {
        this.#add(name, parseScramVerifier(text));
      } catch (error) {
        if (!(error instanceof ScramVerifierError)) throw error;
        throw new ScramVerifierError(
          `Cannot use the SCRAM verifier of user '${name}': ${error.message}`,
        );
      }
    }
    if (this.#costs.length === 0) this.#costs.push(DEFAULT_COST);
    this.#secret = options.secret ?? randomBytes(32);
    this.#makeNonce = options.makeNonce ?? (() => toBase64(randomBytes(NONCE_BYTES)));
  }

  get size(): number {
    return this.#users.size;
  }

  /** Starts the login of one client; also for its re-authentication. */
  start({ username }: Pick<LoginRequest, "username">): Exchange {
    return new ScramExchange(username, (name) => this.#find(name), this.#makeNonce);
  }

  #add(name: string, verifier: ScramVerifier): void {
    const prepared = saslprep(name);
    if (prepared === undefined) {
      throw new ScramVerifierError("the user name contains a character that SASLprep prohibits");
    }
    if (this.#users.has(prepared)) {
      throw new ScramVerifierError("the user name is that of another user after SASLprep");
    }
    this.#users.set(prepared, { name, verifier });
    this.#costs.push({ iterations: verifier.iterations, saltBytes: verifier.salt.length });
  }

  #find(name: string): ScramUser {
    const prepared = saslprep(name) ?? name;
    // Computed for everybody, so that it costs the same time.
    const unknown = { name: undefined, verifier: this.#inventVerifier(prepared) };
    return this.#users.get(prepared) ?? unknown;
  }

  /** With the costs of a user that there is, whom the name decides on. */
  #inventVerifier(name: string): ScramVerifier {
    const digest = createHmac("sha512", this.#secret).update(`salt\0${name}`).digest();
    const key = createHmac("sha512", this.#secret).update(`key\0${name}`).digest();
    const { iterations, saltBytes } = this.#costs[key.readUInt32BE(32) % this.#costs.length] ??
      DEFAULT_COST;
    const storedKey = key.subarray(0, 32);
    return { iterations, salt: digest.subarray(0, saltBytes), storedKey, serverKey: storedKey };
  }
}

/** What is known between the two messages of the client. */
interface Challenged {
  readonly first: ClientFirst;
  readonly user: ScramUser;
  readonly serverFirst: string;
  readonly nonce: string;
}

/** One login: the client's first message, then its last. Any other is refused. */
class ScramExchange implements Exchange {
  /** User Name of CONNECT. */
  readonly #userName: string | undefined;
  readonly #find: (name: string) => ScramUser;
  readonly #makeNonce: () => string;
  #hasBegun = false;
  #challenged: Challenged | undefined;

  constructor(
    userName: string | undefined,
    find: (name: string) => ScramUser,
    makeNonce: () => string,
  ) {
    this.#userName = userName;
    this.#find = find;
    this.#makeNonce = makeNonce;
  }

  next(data: Uint8Array | undefined): ExchangeStep {
    if (!this.#hasBegun) return this.#begin(data);
    const challenged = this.#challenged;
    // Each nonce is good for one try.
    this.#challenged = undefined;
    return challenged === undefined
      ? refused("the client goes on where there is nothing more to say")
      : finish(challenged, data);
  }

  #begin(data: Uint8Array | undefined): ExchangeStep {
    this.#hasBegun = true;
    const first = parsed(data, parseClientFirst);
    if (first instanceof ScramMessageError) {
      return refused(`Cannot use the first message of SCRAM: ${first.message}`);
    }
    const { username, authorizationIdentity } = first;
    if (authorizationIdentity !== undefined && authorizationIdentity !== username) {
      return refused("the client wants to act as another user (a=), which nobody may", username);
    }
    if (this.#userName && this.#userName !== username) {
      return refused("the User Name is not the one that SCRAM is about", username);
    }
    const user = this.#find(username);
    const nonce = `${first.nonce}${this.#makeNonce()}`;
    const { salt, iterations } = user.verifier;
    const serverFirst = `r=${nonce},s=${toBase64(salt)},i=${iterations}`;
    this.#challenged = { first, user, serverFirst, nonce };
    return { kind: "continue", data: new TextEncoder().encode(serverFirst) };
  }
}

/** Whether the client's last message proves that it knows the password. */
function finish(challenged: Challenged, data: Uint8Array | undefined): ExchangeStep {
  const { first, user, serverFirst, nonce } = challenged;
  const { username } = first;
  const cannot = "Cannot use the last message of SCRAM";
  const final = parsed(data, parseClientFinal);
  if (final instanceof ScramMessageError) return refused(`${cannot}: ${final.message}`, username);
  if (final.channelBinding !== toBase64(new TextEncoder().encode(first.gs2Header))) {
    return refused(`${cannot}: its channel binding (c=) is not the one it began with`, username);
  }
  if (final.nonce !== nonce) {
    return refused(`${cannot}: its nonce (r=) is not the one it was given`, username);
  }
  const signed = `${first.bare},${serverFirst},${final.withoutProof}`;
  const isRight = isProof(final.proof, user.verifier.storedKey, signed);
  if (user.name === undefined) return refused("unknown user", username);
  if (!isRight) return refused("wrong password", username);
  const signature = toBase64(hmac(user.verifier.serverKey, signed));
  const finalData = new TextEncoder().encode(`v=${signature}`);
  return { kind: "proven", username: user.name, groups: [], data: finalData };
}

/** RFC 5802 section 3: the proof is the client's key, which hashes to the stored one, in disguise. */
function isProof(proof: Uint8Array, storedKey: Uint8Array, signed: string): boolean {
  const signature = hmac(storedKey, signed);
  const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
  return timingSafeEqual(sha256(clientKey), storedKey);
}

function refused(cause: string, username?: string): ExchangeStep {
  return { kind: "refused", cause, username };
}

function parsed<Message>(
  data: Uint8Array | undefined,
  parse: (data: Uint8Array) => Message,
): Message | ScramMessageError {
  try {
    return parse(data ?? new Uint8Array());
  } catch (error) {
    if (error instanceof ScramMessageError) return error;
    throw error;
  }
}
