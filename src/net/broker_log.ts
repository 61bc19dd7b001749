/**
 * What the broker and its connections report, as log lines.
 *
 * Owns the wording and the rate limits: whatever a client can cause at will is one line for each
 * client or address and minute, with a count of what was held back.
 */

import type { Refusal } from "../broker/access.ts";
import type { BrokerEvents, DropReason } from "../broker/events.ts";
import type { Session } from "../broker/session.ts";
import { getLogger, type LogValues } from "../log/logger.ts";
import { moreLikeThis, RateLimited } from "../log/rate_limited.ts";
import { describePacket } from "../protocol/describe.ts";
import type { Packet, ProtocolVersion } from "../protocol/packet.ts";
import type { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { LoggedConnection, PacketObserver } from "./connection_events.ts";
import type { ServerEvents } from "./server.ts";

const WARNING_INTERVAL_MS = 60_000;

const DROP_TEXT: Readonly<Record<DropReason, string>> = {
  queue_full: "its queue is full (sessions.max_queued_messages, max_queued_bytes)",
  slow_reader: "it reads too slowly (limits.max_buffered_bytes_per_client)",
  packet_too_large: "they are larger than its Maximum Packet Size",
  expired: "their Message Expiry Interval was over",
  session_ended: "its session ended",
};

const VERSION_NAMES: Readonly<Record<ProtocolVersion, string>> = { 3: "3.1", 4: "3.1.1", 5: "5" };

export class BrokerLog implements BrokerEvents, ServerEvents {
  readonly #server = getLogger("server");
  readonly #client = getLogger("client");
  readonly #session = getLogger("session");
  readonly #message = getLogger("message");
  readonly #access = getLogger("access");
  readonly #protocol = getLogger("protocol");
  readonly #warnings = new RateLimited<string>(WARNING_INTERVAL_MS);
  readonly #nowMs: () => number;
  /** Present while every packet is logged: their absence costs the hot path one comparison. */
  readonly packetReceived: PacketObserver | undefined;
  readonly packetSent: PacketObserver | undefined;

  /** `tracePackets`: one line for each packet, as `broker --verbose` shows them. */
  constructor(nowMs: () => number, tracePackets: boolean) {
    this.#nowMs = nowMs;
    if (!tracePackets) return;
    const trace =
      (verb: string) => (clientIdentifier: string, packet: Packet, version: ProtocolVersion) => {
        const text = describePacket(packet, version);
        this.#protocol.debug("{verb} '{client}': {packet}", {
          verb,
          client: clientIdentifier,
          packet: text,
        });
      };
    this.packetReceived = trace("Received from");
    this.packetSent = trace("Sending to");
  }

  /** Writes `message` unless one of the same `key` was written in the last minute. */
  #limited(key: string, write: (more: string) => void): void {
    const heldBack = this.#warnings.note(key, this.#nowMs());
    if (heldBack !== undefined) write(moreLikeThis(heldBack, WARNING_INTERVAL_MS));
  }

  #warn(key: string, message: string, values: LogValues): void {
    this.#limited(
      key,
      (more) => this.#client.warning(message + "{more}", { ...values, more }),
    );
  }

  tick(nowMs: number): void {
    for (const { key, count } of this.#warnings.endIntervals(nowMs)) {
      this.#server.warning("{count} more lines like '{key}' were held back", {
        count,
        key: key ?? "others",
      });
    }
  }

  // Sessions.

  sessionConnected(session: Session, resumed: boolean): void {
    this.#client.info(
      "Client '{client}' connected from {address}: MQTT {version}, {session} session{user}",
      {
        client: session.clientIdentifier,
        address: session.link?.remoteAddress,
        version: VERSION_NAMES[session.protocolVersion],
        session: resumed ? "resumed" : "new",
        user: session.username === undefined ? "" : `, user '${session.username}'`,
      },
    );
  }

  sessionDisconnected(session: Session, reason: string): void {
    this.#client.info("Client '{client}' disconnected: {reason}", {
      client: session.clientIdentifier,
      reason,
    });
  }

  sessionEnded(session: Session, reason: string): void {
    this.#session.debug("Session of '{client}' ended: {reason}", {
      client: session.clientIdentifier,
      reason,
    });
  }

  sessionTakenOver(session: Session, oldAddress: string, newAddress: string): void {
    this.#warn(
      `taken over ${session.clientIdentifier}`,
      "Client '{client}' connected again from {newAddress} and takes over from {oldAddress}: " +
        "two clients with one Client Identifier disconnect each other",
      { client: session.clientIdentifier, newAddress, oldAddress },
    );
  }

  // Messages.

  messagesDropped(session: Session, topicName: string, reason: DropReason, count: number): void {
    const client = session.clientIdentifier;
    this.#limited(`dropped ${reason} ${client}`, (more) => {
      const topic = topicName === "" ? "" : `, the first of topic '${topicName}'`;
      const text = "Dropped {count} message(s) for client '{client}'{topic}: {why}{more}";
      const values = { count, client, topic, why: DROP_TEXT[reason], more };
      if (reason === "expired") this.#message.debug(text, values);
      else this.#message.warning(text, values);
    });
  }

  publishRefused(session: Session, topicName: string, refusal: Refusal): void {
    this.#refused(session, "publish to", topicName, refusal);
  }

  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void {
    this.#refused(session, "subscribe to", topicFilter, refusal);
  }

  #refused(session: Session, action: string, topic: string, refusal: Refusal): void {
    const client = session.clientIdentifier;
    this.#limited(`refused ${action} ${client} ${topic}`, (more) => {
      this.#access.warning(
        "Client '{client}' (user {user}, {address}) may not {action} '{topic}': {rule}{more}",
        {
          client,
          user: session.username === undefined ? "none" : `'${session.username}'`,
          address: session.link?.remoteAddress ?? "away",
          action,
          topic,
          rule: refusal.rule,
          more,
        },
      );
    });
  }

  retainedRefused(topicName: string, limit: string): void {
    this.#limited("retained limit", (more) => {
      this.#message.warning(
        "Cannot retain the message of '{topic}': the limit of {limit} is reached{more}",
        { topic: topicName, limit, more },
      );
    });
  }

  // Connections.

  connectRefused(connection: LoggedConnection, reasonCode: ReasonCode, reason: string): void {
    const address = connection.remoteAddress;
    this.#warn(
      `connect refused ${host(address)}`,
      "Refused the client at {address}: {reason} ({code})",
      { address, reason, code: hex(reasonCode) },
    );
  }

  /** A client that may not connect, and what would let it. */
  accessRefused(address: string, clientIdentifier: string, rule: string): void {
    this.#limited(`access refused ${host(address)}`, (more) => {
      this.#access.warning("Client '{client}' from {address} may not connect: {rule}{more}", {
        client: clientIdentifier,
        address,
        rule,
        more,
      });
    });
  }

  closedBeforeConnect(connection: LoggedConnection, reason: string): void {
    this.#client.debug("Connection from {address} ended before CONNECT: {reason}", {
      address: connection.remoteAddress,
      reason,
    });
  }

  protocolError(connection: LoggedConnection, error: ProtocolError): void {
    const client = connection.session?.clientIdentifier ?? "";
    this.#warn(
      `protocol ${client}`,
      "Client '{client}' at {address} broke the protocol: {reason} ({code})",
      {
        client,
        address: connection.remoteAddress,
        reason: error.message,
        code: hex(error.reasonCode),
      },
    );
  }

  internalError(connection: LoggedConnection, error: unknown): void {
    const address = connection.remoteAddress;
    this.#limited(`mistake ${host(address)} ${error}`, (more) => {
      this.#server.error(
        "Mistake in the broker, please report it; client '{client}' at {address} is closed{more}",
        { client: connection.session?.clientIdentifier ?? "", address, error, more },
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

  // Listeners.

  listening(endpoint: string): void {
    this.#server.info("Listening on {endpoint} (mqtt)", { endpoint });
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

/** What went wrong, and what helps. */
function listenFailure(error: Error): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is in use, perhaps by Mosquitto (sudo systemctl stop mosquitto) " +
      "or another broker; stop it, or choose another port";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  }
  return error.message;
}

function host(address: string): string {
  return address.replace(/:\d+$/, "");
}

function hex(reasonCode: ReasonCode): string {
  return "0x" + reasonCode.toString(16).padStart(2, "0").toUpperCase();
}
