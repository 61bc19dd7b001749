/**
 * Who a client is: asks certificate, enhanced authentication and the login methods, in that order,
 * and decides about clients that prove nothing.
 *
 * Owns the order and the policy for anonymous clients; how a name is proven is up to the methods
 * (`login_method.ts`). Invariant: a name that comes out was proven, and a "no" never comes sooner for
 * users who do not exist than for those who do.
 */

import { messageOf } from "../error_text.ts";
import { certificateName, nameInWords } from "./certificate_name.ts";
import { isLocalAddress } from "./local_network.ts";
import type {
  AnonymousPolicy,
  EnhancedMethod,
  Exchange,
  LoginMethod,
  LoginRequest,
  MethodAnswer,
} from "./login_method.ts";

/** The client is let in. */
export interface Accepted {
  readonly kind: "accepted";
  /** Undefined: anonymous. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
  /** A name that the client gave and nobody has proven, where nothing is configured that could. */
  readonly unprovenUsername?: string | undefined;
  /** Milliseconds for which it holds; left out: for ever. */
  readonly validForMs?: number | undefined;
}

/** The client is not let in. */
export interface Rejected {
  readonly kind: "rejected";
  /** For the log: what was wrong, and what to do where that helps. Without secrets. */
  readonly cause: string;
  /** Whether it named somebody: what it is told depends on this alone, never on the cause. */
  readonly hadCredentials: boolean;
}

/** Nobody could say. */
export interface Undecided {
  readonly kind: "undecided";
  readonly cause: string;
}

export type Decision = Accepted | Rejected | Undecided;

export class Authenticator {
  readonly #methods: readonly LoginMethod[];
  readonly #enhanced: ReadonlyMap<string, EnhancedMethod>;

  /** Methods are asked in this order. Without any, names that clients give are not proven. */
  constructor(methods: readonly LoginMethod[] = [], enhanced: readonly EnhancedMethod[] = []) {
    this.#methods = methods;
    this.#enhanced = new Map(enhanced.map((method) => [method.name, method]));
  }

  /**
   * Decides by what stands in CONNECT, and by the certificate. Never rejects; answers at once where
   * there is nothing to compute.
   */
  decide(request: LoginRequest): Decision | Promise<Decision> {
    const { origin, username, password } = request;
    const certified = certificateName(origin);
    // As in Mosquitto: a User Name beside it does not count.
    if (certified !== undefined) return { kind: "accepted", username: certified, groups: [] };
    const hasCredentials = username !== undefined || password !== undefined;
    if (hasCredentials && this.#methods.length > 0) return this.#ask(request);
    if (origin.certificate !== undefined && (origin.listener.tls?.identity ?? "none") !== "none") {
      const cause = `its certificate has no ${nameInWords(origin.listener.tls?.identity)}`;
      return { kind: "rejected", cause, hadCredentials: true };
    }
    return this.#decideAnonymous(request);
  }

  /**
   * Begins an exchange of enhanced authentication; undefined when nobody speaks `methodName`. A name
   * that the certificate proves takes the place of what the exchange proves.
   */
  startExchange(methodName: string, request: LoginRequest): Exchange | undefined {
    return this.#enhanced.get(methodName)?.start(request);
  }

  #decideAnonymous({ origin, username, password }: LoginRequest): Decision {
    const { listener, address } = origin;
    if (servesAnonymous(listener.allowAnonymous, address)) {
      return { kind: "accepted", username: undefined, groups: [], unprovenUsername: username };
    }
    const hadCredentials = username !== undefined || password !== undefined;
    const cause = this.#whyNotAnonymous(listener.allowAnonymous === "never");
    return { kind: "rejected", cause, hadCredentials };
  }

  #whyNotAnonymous(isNever: boolean): string {
    if (!isNever) {
      return "anonymous clients are served from the local network only; to serve them from " +
        "everywhere, give the listener 'allow_anonymous: always' in broker.yaml";
    }
    const rule = "anonymous clients are not served: its listener has 'allow_anonymous: never'";
    return this.#methods.length > 0
      ? `${rule}, so give the client a user name and a password`
      : `${rule}, and no users are configured: add some under 'users:' in broker.yaml`;
  }

  async #ask(request: LoginRequest): Promise<Decision> {
    const unknown: string[] = [];
    for (const [index, method] of this.#methods.entries()) {
      const answer = await answerOf(method, request);
      switch (answer.kind) {
        case "proven": {
          const { username, groups, validForMs } = answer;
          return { kind: "accepted", username, groups, validForMs };
        }
        case "refused":
          return await this.#reject(request, this.#methods.slice(0, index), answer.cause);
        case "unavailable":
          return { kind: "undecided", cause: answer.cause };
        case "unknown":
          unknown.push(
            this.#methods.length === 1 ? answer.cause : `${method.name}: ${answer.cause}`,
          );
      }
    }
    return await this.#reject(request, this.#methods, unknown.join("; "));
  }

  /** `methods` did not know the user: they take as long now as if they had. */
  async #reject(
    request: LoginRequest,
    methods: readonly LoginMethod[],
    cause: string,
  ): Promise<Decision> {
    for (const method of methods) {
      if (await pretence(method, request) === "busy") {
        return { kind: "undecided", cause: "too many passwords wait to be verified" };
      }
    }
    return { kind: "rejected", cause, hadCredentials: true };
  }
}

/** What fails is not known to be wrong, and lets nobody in. */
async function answerOf(method: LoginMethod, request: LoginRequest): Promise<MethodAnswer> {
  try {
    return await method.check(request);
  } catch (error) {
    return { kind: "unavailable", cause: `${method.name}: ${messageOf(error)}` };
  }
}

async function pretence(method: LoginMethod, request: LoginRequest): Promise<"done" | "busy"> {
  try {
    return await method.pretend?.(request) ?? "done";
  } catch {
    return "busy";
  }
}

/** `address` is empty for a Unix socket, which is local. */
export function servesAnonymous(policy: AnonymousPolicy, address: string): boolean {
  if (policy !== "local_network") return policy === "always";
  return address === "" || isLocalAddress(address);
}
