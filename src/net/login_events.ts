/**
 * What logins report to whoever logs. Rate-limited by the receiver: a stranger can cause most of
 * these at will. Nothing in here is a secret.
 */

import type { Fight } from "./login_fights.ts";

/** A login that was refused, as a log line needs it. */
export interface RefusedLogin {
  /** As the client gave it. */
  readonly username: string | undefined;
  readonly clientIdentifier: string;
  /** "192.168.1.7:51234". */
  readonly remoteAddress: string;
  /** The name of its listener. */
  readonly listener: string;
  /** What was wrong. */
  readonly cause: string;
}

export interface LoginEvents {
  loginRefused(login: RefusedLogin): void;
  /** Nobody could say whether the client may come; it is told to try again. */
  loginUndecided(login: RefusedLogin): void;
  /** `address`: of IPv6, its /64. */
  addressBanned(address: string, failedLogins: number, banTimeMs: number): void;
  banEnded(address: string, refusedConnections: number): void;
  clientsFight(fight: Fight): void;
  /** A client publishes faster than allowed; `limit` names the setting and its value. */
  messageRateReached(clientIdentifier: string, remoteAddress: string, limit: string): void;
  /** TLS, WebSocket or the PROXY protocol failed before MQTT began. */
  handshakeFailed(remoteAddress: string, listener: string, reason: string): void;
}
