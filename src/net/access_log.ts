/**
 * Who was not let in, who was banned, and who may not do what, as log lines.
 *
 * Owns the wording and the rate limits of these lines: whatever a client can cause at will is one line
 * for each host, user and minute, with a count of what was held back. Says why a login was refused:
 * the client is never told. Invariant: no password, token or payload comes in here, and what clients
 * send is shortened.
 */

import type { ClientIdentity, Refusal } from "../broker/access.ts";
import type { Session } from "../broker/session.ts";
import { formatDuration } from "../config/units.ts";
import { getLogger, type LogValues } from "../log/logger.ts";
import { type HeldBack, moreLikeThis, RateLimited } from "../log/rate_limited.ts";
import { shorten } from "../log/shorten.ts";
import type { LoginEvents, RefusedLogin } from "./login_events.ts";
import { type Fight, hostOf } from "./login_fights.ts";

const INTERVAL_MS = 60_000;
/** Lines about logins in an interval: a flood of made-up names fills no disk. */
const MAX_LOGIN_LINES = 200;

const HELD_BACK = "{count} more lines like '{key}' were held back";

export class AccessLog implements LoginEvents {
  readonly #log = getLogger("access");
  readonly #logins = new RateLimited<string>(INTERVAL_MS, MAX_LOGIN_LINES);
  /** Apart from the logins, so that no flood of those hides what a connected client may not do. */
  readonly #others = new RateLimited<string>(INTERVAL_MS);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** About once a second: tells what was held back. */
  tick(nowMs: number): void {
    for (const limited of [this.#logins, this.#others]) {
      for (const heldBack of limited.endIntervals(nowMs)) {
        this.#log.warning(HELD_BACK, heldBackValues(heldBack));
      }
    }
  }

  #warn(limited: RateLimited<string>, key: string, message: string, values: LogValues): void {
    const heldBack = limited.note(key, this.#nowMs());
    if (heldBack === undefined) return;
    this.#log.warning(message + "{more}", {
      ...values,
      more: moreLikeThis(heldBack, INTERVAL_MS),
    });
  }

  // Logins.

  loginRefused(login: RefusedLogin): void {
    this.#login("login refused", "Refused the login of {who}: {cause}", login);
  }

  loginUndecided(login: RefusedLogin): void {
    this.#login("login not decided", "Cannot decide about the login of {who}: {cause}", login);
  }

  #login(what: string, message: string, login: RefusedLogin): void {
    const { username, clientIdentifier, remoteAddress, listener, cause } = login;
    const user = username === undefined ? "" : `user '${shorten(username)}', `;
    const client = shorten(clientIdentifier);
    const who = `${user}client '${client}' at ${remoteAddress} on listener '${listener}'`;
    const shown = shorten(cause);
    const key = `${what} ${user || client} ${hostOf(remoteAddress)} ${shown}`;
    this.#warn(this.#logins, key, message, { who, cause: shown });
  }

  addressBanned(address: string, failedLogins: number, banTimeMs: number): void {
    this.#warn(
      this.#logins,
      `banned ${address}`,
      "Banned {address} for {time} after {count} failed logins: its connections are closed at once",
      { address, time: formatDuration(banTimeMs), count: failedLogins },
    );
  }

  banEnded(address: string, refusedConnections: number): void {
    const heldBack = this.#logins.note(`ban ended ${address}`, this.#nowMs());
    if (heldBack === undefined) return;
    this.#log.info("The ban of {address} is over; {count} connections were closed{more}", {
      address,
      count: refusedConnections,
      more: moreLikeThis(heldBack, INTERVAL_MS),
    });
  }

  /** Told once for each fight. */
  clientsFight({ clientIdentifier, addresses: [older, newer] }: Fight): void {
    this.#warn(
      this.#others,
      `fight ${shorten(clientIdentifier)}`,
      "Two clients fight over the Client Identifier '{client}', at {older} and at {newer}: each " +
        "disconnects the other. Give one of them another Client Identifier; until then they are " +
        "answered more and more slowly",
      { client: shorten(clientIdentifier), older, newer },
    );
  }

  messageRateReached(clientIdentifier: string, remoteAddress: string, limit: string): void {
    const client = shorten(clientIdentifier);
    this.#warn(
      this.#others,
      `message rate ${client}`,
      "Client '{client}' at {address} publishes faster than {limit} allows: it is read more slowly",
      { client, address: remoteAddress, limit },
    );
  }

  handshakeFailed(remoteAddress: string, listener: string, reason: string): void {
    this.#warn(
      this.#logins,
      `handshake failed ${hostOf(remoteAddress)} ${listener}`,
      "Closed the connection from {address} on listener '{listener}': {reason}",
      { address: remoteAddress, listener, reason: shorten(reason) },
    );
  }

  // Connected clients.

  /** After a reload, for what is no longer let in. */
  connectionRefusedNow(clientIdentifier: string, remoteAddress: string, reason: string): void {
    this.#warn(
      this.#others,
      "refused by a reload",
      "Closed the connection of '{client}' from {address}: {reason}",
      { client: shorten(clientIdentifier), address: remoteAddress, reason: shorten(reason) },
    );
  }

  publishRefused(session: Session, topicName: string, refusal: Refusal): void {
    this.#refused(session, "publish to", topicName, refusal);
  }

  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void {
    this.#refused(session, "subscribe to", topicFilter, refusal);
  }

  #refused(session: Session, action: string, name: string, refusal: Refusal): void {
    const topic = shorten(name);
    const client = shorten(session.clientIdentifier);
    this.#warn(
      this.#others,
      `refused ${action} ${client} ${topic}`,
      "Client '{client}' (user {user}, {address}) may not {action} '{topic}': {rule}",
      {
        client,
        user: userText(session.username),
        address: session.link?.remoteAddress ?? "away",
        action,
        topic,
        rule: shorten(refusal.rule),
      },
    );
  }

  willRefused(
    clientIdentifier: string,
    { username, address }: ClientIdentity,
    topicName: string,
    refusal: Refusal,
  ): void {
    const client = shorten(clientIdentifier);
    this.#warn(
      this.#others,
      `will refused ${client} ${address}`,
      "Client '{client}' (user {user}, {address}) may not have a Will for '{topic}', so it may not " +
        "connect: {rule}",
      {
        client,
        user: userText(username),
        address: address === "" ? "Unix socket" : address,
        topic: shorten(topicName),
        rule: shorten(refusal.rule),
      },
    );
  }

  takeOverRefused(
    session: Session,
    { username }: ClientIdentity,
    address: string,
    refusal: Refusal,
  ): void {
    const client = shorten(session.clientIdentifier);
    this.#warn(
      this.#others,
      `take-over refused ${client} ${hostOf(address)}`,
      "User {user} at {address} may not connect as client '{client}': {rule}",
      { user: userText(username), address, client, rule: shorten(refusal.rule) },
    );
  }
}

function userText(username: string | undefined): string {
  return username === undefined ? "none" : `'${shorten(username)}'`;
}

function heldBackValues({ key, count }: HeldBack<string>): LogValues {
  return { count, key: key ?? "others" };
}
