/**
 * Why a connection to a server could not be opened, before MQTT begins.
 *
 * Owns the kinds, and how the platform's errors are told to people: what was tried, what went wrong,
 * and what to do about it.
 */

import { messageOf } from "../error_text.ts";

export type ConnectErrorKind =
  | "refused"
  | "unreachable"
  | "host_not_found"
  | "timed_out"
  | "tls"
  | "proxy"
  | "websocket"
  | "not_supported"
  | "failed";

/** The message is for people. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly kind: ConnectErrorKind;

  constructor(kind: ConnectErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Kind, what went wrong, and what the platform says for it. */
const FAILURES: readonly (readonly [ConnectErrorKind, string, RegExp])[] = [
  ["refused", "connection refused; is a broker running there?", /refused|ECONNREFUSED/i],
  [
    "host_not_found",
    "the name cannot be looked up now; is the network up?",
    /temporary failure in name resolution|EAI_AGAIN/i,
  ],
  [
    "host_not_found",
    "there is no host of this name; is it spelt right?",
    /failed to lookup|name or service not known|nodename nor servname|no address assoc|ENOTFOUND/i,
  ],
  [
    "unreachable",
    "it cannot be reached; is it switched on, and in a network that this machine can reach?",
    /no route to host|unreachable|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/i,
  ],
  [
    "timed_out",
    "no answer; is the address right, and does no firewall stand between?",
    /timed out|ETIMEDOUT/i,
  ],
  [
    "failed",
    "the address to connect from is not one of this machine",
    /cannot assign requested address|EADDRNOTAVAIL/i,
  ],
];

/** Failures of Unix sockets: there is no network to blame. */
const SOCKET_FAILURES: typeof FAILURES = [
  ["refused", "nobody listens on this socket; is the broker running?", /refused/i],
  ["refused", "there is no such socket; is the broker running?", /no such file|not found/i],
  ["failed", "permission denied; may this user connect to it?", /permission denied/i],
];

/** `place`: what was connected to, "localhost:1883"; `error`: of the platform. */
export function connectFailure(place: string, error: unknown, isSocket = false): ConnectError {
  if (error instanceof ConnectError) return error;
  const message = messageOf(error);
  const failures = isSocket ? SOCKET_FAILURES : FAILURES;
  const [kind, text] = failures.find(([, , pattern]) => pattern.test(message)) ??
    ["failed", message] as const;
  return new ConnectError(kind, `Cannot connect to ${place}: ${text}`);
}

/** Why the signal ended the attempt. */
export function abortFailure(place: string, signal: AbortSignal): ConnectError {
  const reason: unknown = signal.reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    return connectFailure(place, new Error("timed out"));
  }
  return new ConnectError("failed", `Cannot connect to ${place}: it was given up`);
}
