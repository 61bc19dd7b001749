/**
 * What logins need in tests: a service with limits a test sets, events that are written down, and
 * origins.
 *
 * Owns nothing but the lines of the recorder.
 */

import { Authenticator } from "../../src/access/authenticator.ts";
import type { LoginMethod, LoginRequest, MethodAnswer } from "../../src/access/login_method.ts";
import type { LoginEvents, RefusedLogin } from "../../src/net/login_events.ts";
import type { Fight } from "../../src/net/login_fights.ts";
import { type LoginLimits, LoginService } from "../../src/net/login_service.ts";
import type { ConnectionOrigin, ListenerLogin } from "../../src/net/origin.ts";

/** One line for each event, in order. */
export class LoginRecorder implements LoginEvents {
  lines: string[] = [];

  loginRefused({ username, clientIdentifier, cause }: RefusedLogin): void {
    this.lines.push(`refused ${username} ${clientIdentifier}: ${cause}`);
  }
  loginUndecided({ username, clientIdentifier, cause }: RefusedLogin): void {
    this.lines.push(`undecided ${username} ${clientIdentifier}: ${cause}`);
  }
  addressBanned(address: string, failedLogins: number, banTimeMs: number): void {
    this.lines.push(`banned ${address} after ${failedLogins} for ${banTimeMs}`);
  }
  banEnded(address: string, refusedConnections: number): void {
    this.lines.push(`ban of ${address} ended, ${refusedConnections} refused`);
  }
  clientsFight({ clientIdentifier, addresses }: Fight): void {
    this.lines.push(`fight over ${clientIdentifier}: ${addresses.join(" and ")}`);
  }
  messageRateReached(clientIdentifier: string, _address: string, limit: string): void {
    this.lines.push(`${clientIdentifier} too fast: ${limit}`);
  }
  handshakeFailed(_address: string, listener: string, reason: string): void {
    this.lines.push(`handshake on ${listener} failed: ${reason}`);
  }
}

const NO_LIMITS: LoginLimits = {
  failedLoginsBeforeBan: Infinity,
  failedLoginWindowMs: 600_000,
  banTimeMs: 600_000,
  banLocalNetwork: false,
  maximumConnectionRate: Infinity,
  maximumMessageRate: Infinity,
  maximumMessageRatePerAddress: Infinity,
};

/** A clock that tests move. */
export interface TestClock {
  readonly nowMs: number;
}

export interface TestLogin {
  readonly service: LoginService;
  readonly events: LoginRecorder;
  readonly statistics: {
    loginsFailed: number;
    addressesBanned: number;
    connectionsRefusedByBan: number;
  };
}

/** A login service; without `limits` nothing is limited, without an authenticator nobody proves. */
export function testLogin(
  clock: TestClock,
  limits: Partial<LoginLimits> = {},
  authenticator = new Authenticator(),
): TestLogin {
  const events = new LoginRecorder();
  const statistics = { loginsFailed: 0, addressesBanned: 0, connectionsRefusedByBan: 0 };
  const service = new LoginService({
    authenticator,
    limits: { ...NO_LIMITS, ...limits },
    events,
    statistics,
    nowMs: () => clock.nowMs,
  });
  return { service, events, statistics };
}

/** Where a connection came in; anonymous clients are welcome unless the listener says otherwise. */
export function testOrigin(
  listener: Partial<ListenerLogin> = {},
  fields: Partial<ConnectionOrigin> = {},
): ConnectionOrigin {
  return {
    address: "192.0.2.1",
    certificate: undefined,
    isEncrypted: false,
    ...fields,
    listener: { name: "garden", allowAnonymous: "always", ...listener },
  };
}

/** A method that answers when the test says so; `asked` are the requests that wait. */
export class SlowMethod implements LoginMethod {
  readonly name = "slow";
  readonly asked: { request: LoginRequest; answer: (answer: MethodAnswer) => void }[] = [];

  check(request: LoginRequest): Promise<MethodAnswer> {
    return new Promise((answer) => this.asked.push({ request, answer }));
  }

  /** Answers the one who waits for longest. */
  answer(answer: MethodAnswer): void {
    const first = this.asked.shift();
    if (first === undefined) throw new Error("Cannot answer: nobody asks");
    first.answer(answer);
  }
}

/** Knows "ann" with the password "secret", at once. */
export const ANN: LoginMethod = {
  name: "users",
  check: ({ username, password }) => {
    if (username !== "ann") return { kind: "unknown", cause: "unknown user" };
    return new TextDecoder().decode(password) === "secret"
      ? { kind: "proven", username, groups: [] }
      : { kind: "refused", cause: "wrong password" };
  },
};
