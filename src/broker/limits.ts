/**
 * What the core may use, and the behaviour that a configuration chooses. Frozen; replaced whole.
 * Units are in the names; counts have none. `config/` explains each to users, with its default.
 */

import type { QoS } from "../protocol/packet.ts";

/** What gives way when an offline or slow client's queue is full. */
export type QueueOverflow = "drop_newest" | "drop_oldest" | "disconnect";

export interface BrokerLimits {
  /** Sessions, connected or waiting for their client. */
  readonly maximumSessions: number;
  readonly maximumPacketSize: number;
  readonly maximumTopicLength: number;
  readonly maximumTopicLevels: number;
  readonly maximumSubscriptionsPerClient: number;
  readonly maximumSubscriptions: number;
  /** What `SubscriptionTree.bytes` may reach. */
  readonly maximumSubscriptionBytes: number;
  readonly maximumRetainedMessages: number;
  /** What `RetainedMessages.bytes` may reach. */
  readonly maximumRetainedBytes: number;
  /** Topic Alias Maximum that clients are told; 0: none. */
  readonly topicAliasMaximum: number;
  /** QoS 1 and 2 publishes that a client may have unacknowledged towards us, 1 to 65,535. */
  readonly receiveMaximum: number;
  /** The same towards clients, however large their Receive Maximum is. */
  readonly maximumInflightMessages: number;
  /** Seconds; 0: as the client asks. */
  readonly maximumKeepAlive: number;
  /** Topics remembered with their routes. */
  readonly topicTableCapacity: number;
  /** `Infinity`: as the client asks. */
  readonly maximumSessionExpiryMs: number;
  /** Of sessions of MQTT 3.1 and 3.1.1 with Clean Session off. */
  readonly persistentClientExpirationMs: number;
  readonly maximumQueuedMessages: number;
  readonly maximumQueuedBytes: number;
  readonly maximumTotalQueuedBytes: number;
  readonly queueOverflow: QueueOverflow;
  /** Whether QoS 0 messages wait for an offline client too. */
  readonly queueQoS0Messages: boolean;
  readonly allowZeroLengthClientIdentifier: boolean;
  readonly retainAvailable: boolean;
  readonly maximumQoS: QoS;
}
