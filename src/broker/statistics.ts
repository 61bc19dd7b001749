/**
 * Counters behind `$SYS`. Plain numbers, written by whoever counts, read by `sys_topics.ts`.
 * Monotonic unless the comment says otherwise.
 */

import type { DropReason } from "./events.ts";

/** The counter of each reason why a session does not get a message. */
const DROP_COUNTERS = {
  queue_full: "droppedQueueFull",
  slow_reader: "droppedSlowReader",
  packet_too_large: "droppedPacketTooLarge",
  expired: "droppedExpired",
  session_ended: "droppedSessionEnded",
  not_authorized: "droppedNotAuthorized",
} as const satisfies Readonly<Record<DropReason, keyof Statistics>>;

export class Statistics {
  bytesReceived = 0;
  bytesSent = 0;
  /** MQTT Control Packets of every type. */
  messagesReceived = 0;
  messagesSent = 0;
  publishReceived = 0;
  publishSent = 0;
  publishBytesReceived = 0;
  publishBytesSent = 0;
  /** Deliveries that a limit, an expiry or the client's Maximum Packet Size prevented. */
  publishDropped = 0;
  /** The same by why; `countDropped` writes them. */
  droppedQueueFull = 0;
  droppedSlowReader = 0;
  droppedPacketTooLarge = 0;
  droppedExpired = 0;
  droppedSessionEnded = 0;
  droppedNotAuthorized = 0;
  socketsAccepted = 0;
  /** Connections that a limit turned away. */
  socketsRefused = 0;
  /** CONNECT packets that were accepted. */
  connectionsAccepted = 0;
  sessionsExpired = 0;
  /** CONNECT packets that were refused for who sent them: unknown, anonymous, wrong password. */
  loginsFailed = 0;
  /** Times that an address was banned. */
  addressesBanned = 0;
  /** Connections from an address while it was banned. */
  connectionsRefusedByBan = 0;
  /** PUBLISH packets and Wills that the rules forbade. */
  publishRefused = 0;
  /** Topic Filters of SUBSCRIBE packets that the rules forbade. */
  subscriptionsRefused = 0;
  /** Now: clients that are connected. */
  clientsConnected = 0;
  clientsMaximum = 0;
  /** Now: bytes and messages that wait in sessions' queues. */
  queuedBytes = 0;
  queuedMessages = 0;
  /** Now: bytes of read buffers that packets too large for the usual ones have grown. */
  inputBytes = 0;
  /** Now: bytes that wait in the output of all connections. */
  bufferedBytes = 0;

  countDropped(reason: DropReason, count: number): void {
    this.publishDropped += count;
    this[DROP_COUNTERS[reason]] += count;
  }
}
