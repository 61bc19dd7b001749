/**
 * What the broker and its connections report, as log lines.
 *
 * Owns the wording and the rate limits: whatever a client can cause at will is one line for each
 * client or address and minute, with a count of what was held back. What clients send is shortened.
 * Logins and refusals are told by `access_log.ts`.
 */

import type { ClientIdentity, Refusal } from "../broker/access.ts";
import type { BrokerEvents, DropReason } from "../broker/events.ts";
import type { Session } from "../broker/session.ts";
import { getLogger, type Logger, type LogValues } from "../log/logger.ts";
import { type HeldBack, moreLikeThis, RateLimited } from "../log/rate_limited.ts";
import { shorten } from "../log/shorten.ts";
import { describePacket, describeReasonCode, VERSION_NAMES } from "../protocol/describe.ts";
import type { Packet, ProtocolVersion } from "../protocol/packet.ts";
import type { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { AccessLog } from "./access_log.ts";
import { ClientLink } from "./client_link.ts";
import type { LoggedConnection, PacketObserver } from "./connection_events.ts";
import { hostOf } from "./login_fights.ts";
import type { ServerEvents } from "./server.ts";

const INTERVAL_MS = 60_000;
/** Clients whose coming and going is told in an interval, one line each; the others are counted. */
const MAX_CLIENTS_TOLD = 10_000;

const DROP_TEXT: Readonly<Record<DropReason, string>> = {
  queue_full: "its queue is full (sessions.max_queued_messages, max_queued_bytes)",
  slow_reader: "it reads too slowly (limits.max_buffered_bytes_per_client)",
  packet_too_large: "they are larger than its Maximum Packet Size",
  expired: "their Message Expiry Interval was over",
  session_ended: "its session ended",
  not_authorized: "by the rules of now it may not receive them",
};

const HELD_BACK = "{count} more lines like '{key}' were held back";

export class BrokerLog implements BrokerEvents, ServerEvents {
  readonly #server = getLogger("server");
  readonly #client = getLogger("client");
  readonly #session = getLogger("session");
  readonly #message = getLogger("message");
  readonly #protocol = getLogger("protocol");
  readonly #warnings = new RateLimited<string>(INTERVAL_MS);
  /** Apart from the warnings, so that no crowd of clients hides one. */
  readonly #arrivals = new RateLimited<string>(INTERVAL_MS, MAX_CLIENTS_TOLD);
  readonly #departures = new RateLimited<string>(INTERVAL_MS, MAX_CLIENTS_TOLD);
  readonly #nowMs: () => number;
  /** Who may not come in, and who may not do what. */
  readonly access: AccessLog;
  /** Present while every packet is logged: their absence costs the hot path one comparison. */
  packetReceived: PacketObserver | undefined;
  packetSent: PacketObserver | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.access = new AccessLog(nowMs);
    this.#followLevel();
  }

  /**
   * At level debug of the part `message` every packet is one line, as with `broker --verbose`. Levels
   * may be changed at any time.
   */
  #followLevel(): void {
    const isWanted = this.#message.isDebugEnabled;
    if (isWanted === (this.packetReceived !== undefined)) return;
    this.packetReceived = isWanted ? this.#trace("Received from") : undefined;
    this.packetSent = isWanted ? this.#trace("Sending to") : undefined;
  }

  #trace(verb: string): PacketObserver {
    return (clientIdentifier: string, packet: Packet, version: ProtocolVersion) => {
      const text = describePacket(packet, version);
      this.#message.debug("{verb} '{client}': {packet}", {
        verb,
        client: shorten(clientIdentifier),
        packet: text,
      });
    };
  }

  /** Writes `message` unless one of the same `key` was written in the last minute. */
  #limited(key: string, write: (more: string) => void): void {
    const heldBack = this.#warnings.note(key, this.#nowMs());
    if (heldBack !== undefined) write(moreLikeThis(heldBack, INTERVAL_MS));
  }

  #warn(logger: Logger, key: string, message: string, values: LogValues): void {
    this.#limited(key, (more) => logger.warning(message + "{more}", { ...values, more }));
  }

  tick(nowMs: number): void {
    this.#followLevel();
    this.access.tick(nowMs);
    for (const heldBack of this.#warnings.endIntervals(nowMs)) {
      this.#server.warning(HELD_BACK, heldBackValues(heldBack));
    }
    for (const clients of [this.#arrivals, this.#departures]) {
      for (const heldBack of clients.endIntervals(nowMs)) {
        this.#client.info(HELD_BACK, heldBackValues(heldBack));
      }
    }
  }

  // Sessions.

  sessionConnected(session: Session, resumed: boolean): void {
    const client = shorten(session.clientIdentifier);
    const address = session.link?.remoteAddress ?? "";
    const heldBack = this.#arrivals.note(
      `connected ${client} ${hostOf(address)}`,
      this.#nowMs(),
    );
    if (heldBack === undefined) return;
    this.#client.info(
      "Client '{client}' connected from {address}: MQTT {version}, {session} session{user}{more}",
      {
        client,
        address,
        version: VERSION_NAMES[session.protocolVersion],
        session: resumed ? "resumed" : "new",
        user: userText(session),
        more: moreLikeThis(heldBack, INTERVAL_MS),
      },
    );
  }

  /** The session has no address any more: these are told for each client. */
  sessionDisconnected(session: Session, reason: string): void {
    const client = shorten(session.clientIdentifier);
    const heldBack = this.#departures.note(`disconnected ${client}`, this.#nowMs());
    if (heldBack === undefined) return;
    this.#client.info("Client '{client}' disconnected: {reason}{more}", {
      client,
      reason: shorten(reason),
      more: moreLikeThis(heldBack, INTERVAL_MS),
    });
  }

  sessionEnded(session: Session, reason: string): void {
    this.#session.debug("Session of '{client}' ended: {reason}", {
      client: shorten(session.clientIdentifier),
      reason: shorten(reason),
    });
  }

  /** Ordinary for a client whose network was away; a series of them is told by `AccessLog`. */
  sessionTakenOver(session: Session, oldAddress: string, newAddress: string): void {
    const client = shorten(session.clientIdentifier);
    const heldBack = this.#departures.note(`taken over ${client}`, this.#nowMs());
    if (heldBack === undefined) return;
    this.#client.info(
      "Client '{client}' connects again from {newAddress}, and its connection from {oldAddress} is " +
        "closed{more}",
      { client, newAddress, oldAddress, more: moreLikeThis(heldBack, INTERVAL_MS) },
    );
  }

  // Messages.

  messagesDropped(session: Session, topicName: string, reason: DropReason, count: number): void {
    const client = shorten(session.clientIdentifier);
    this.#limited(`dropped ${reason} ${client}`, (more) => {
      const topic = topicName === "" ? "" : `, the first of topic '${shorten(topicName)}'`;
      const text = "Dropped {count} message(s) for client '{client}'{topic}: {why}{more}";
      const values = { count, client, topic, why: DROP_TEXT[reason], more };
      if (reason === "expired") this.#message.debug(text, values);
      else this.#message.warning(text, values);
    });
  }

  publishRefused(session: Session, topicName: string, refusal: Refusal): void {
    this.access.publishRefused(session, topicName, refusal);
  }

  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void {
    this.access.subscriptionRefused(session, topicFilter, refusal);
  }

  willRefused(
    clientIdentifier: string,
    identity: ClientIdentity,
    topicName: string,
    refusal: Refusal,
  ): void {
    this.access.willRefused(clientIdentifier, identity, topicName, refusal);
  }

  takeOverRefused(
    session: Session,
    newcomer: ClientIdentity,
    address: string,
    refusal: Refusal,
  ): void {
    this.access.takeOverRefused(session, newcomer, address, refusal);
  }

  retainedRefused(topicName: string, limit: string): void {
    this.#limited("retained limit", (more) => {
      this.#message.warning(
        "Cannot retain the message of '{topic}': the limit of {limit} is reached{more}",
        { topic: shorten(topicName), limit, more },
      );
    });
  }

  // Connections.

  connectRefused(connection: LoggedConnection, reasonCode: ReasonCode, reason: string): void {
    const address = connection.remoteAddress;
    this.#warn(
      this.#client,
      `connect refused ${hostOf(address)}`,
      "Refused the client at {address}: {reason} ({code})",
      { address, reason: shorten(reason), code: describeReasonCode(reasonCode) },
    );
  }

  closedBeforeConnect(connection: LoggedConnection, reason: string): void {
    this.#client.debug("Connection from {address} ended before CONNECT: {reason}", {
      address: connection.remoteAddress,
      reason: shorten(reason),
    });
  }

  protocolError(connection: LoggedConnection, error: ProtocolError): void {
    const client = shorten(connection.session?.clientIdentifier ?? "");
    this.#warn(
      this.#protocol,
      `protocol ${client}`,
      "Client '{client}' at {address} broke the protocol: {reason} ({code})",
      {
        client,
        address: connection.remoteAddress,
        reason: shorten(error.message),
        code: describeReasonCode(error.reasonCode),
      },
    );
  }

  internalError(connection: LoggedConnection, error: unknown): void {
    const address = connection.remoteAddress;
    const client = shorten(connection.session?.clientIdentifier ?? "");
    this.#limited(`mistake ${hostOf(address)} ${error}`, (more) => {
      this.#server.error(
        "Mistake in the broker, please report it; client '{client}' at {address} is closed{more}",
        { client, address, error, more },
      );
    });
  }

  tickFailed(error: unknown): void {
    this.#limited(`mistake ${error}`, (more) => {
      this.#server.error("Mistake in the broker, please report it{more}", { error, more });
    });
  }

  connectionLimitReached(remoteAddress: string, limit: string): void {
    this.#limited(`limit ${limit}`, (more) => {
      this.#server.warning("Closed the connection from {address}: {limit} is reached{more}", {
        address: remoteAddress,
        limit,
        more,
      });
    });
  }

  connectionRefusedNow({ session, remoteAddress }: LoggedConnection, reason: string): void {
    this.access.connectionRefusedNow(session?.clientIdentifier ?? "", remoteAddress, reason);
  }

  // Listeners.

  listening(endpoint: string, carries: string): void {
    this.#server.info("Listening on {endpoint} ({carries})", { endpoint, carries });
  }

  tlsNotice(endpoint: string, level: "info" | "warning" | "error", text: string): void {
    this.#limited(`tls ${endpoint} ${text}`, (more) => {
      this.#server[level]("TLS on {endpoint}: {text}{more}", { endpoint, text, more });
    });
  }

  listenFailed(endpoint: string, error: Error, willRetry: boolean): void {
    this.#limited(`listen ${endpoint}`, (more) => {
      this.#server.error("Cannot listen on {endpoint}: {reason}{retry}{more}", {
        endpoint,
        reason: listenFailure(error),
        retry: willRetry ? "; trying again until it works" : "",
        more,
      });
    });
  }

  acceptFailed(endpoint: string, error: Error): void {
    this.#limited(`accept ${endpoint}`, (more) => {
      this.#server.error("Cannot accept a connection on {endpoint}: {reason}{more}", {
        endpoint,
        reason: error.message,
        more,
      });
    });
  }
}

function heldBackValues({ key, count }: HeldBack<string>): LogValues {
  return { count, key: key ?? "others" };
}

/** What went wrong, and what helps. */
export function listenFailure(error: Error): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is in use, perhaps by Mosquitto (sudo systemctl stop mosquitto) " +
      "or another broker; stop it, or choose another port";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  }
  return error.message;
}

/** ", user 'ann'"; a name that nobody has proven is called so. */
function userText({ username, link }: Session): string {
  if (username !== undefined) return `, user '${shorten(username)}'`;
  const claimed = link instanceof ClientLink ? link.unprovenUsername : undefined;
  return claimed === undefined ? "" : `, user '${shorten(claimed)}' (unproven)`;
}
