/**
 * What the model of the broker is made of. Values only.
 */

import type { QueueOverflow } from "../../src/broker/limits.ts";
import type { Properties, QoS } from "../../src/protocol/packet.ts";

export interface ModelLimits {
  readonly maximumQueuedMessages: number;
  readonly queueOverflow: QueueOverflow;
  readonly queueQoS0Messages: boolean;
  readonly receiveMaximum: number;
  readonly maximumInflightMessages: number;
  readonly persistentClientExpirationMs: number;
}

export interface ModelMessage {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Those that are forwarded unaltered. */
  readonly properties: Properties;
  readonly expiresAtMs: number;
}

export interface ModelSubscription {
  readonly topicFilter: string;
  /** The filter behind `$share/NAME/`, or the whole. */
  readonly matched: string;
  readonly shareName: string | undefined;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: none. */
  readonly identifier: number;
}

export interface ModelWill {
  readonly message: Omit<ModelMessage, "expiresAtMs">;
  readonly expirySeconds: number | undefined;
  readonly delayMs: number;
  /** When it is published, once the connection is lost. */
  dueAtMs: number;
}

/** The member that the broker chose for a message of a shared subscription. */
export interface Pick {
  readonly shareName: string;
  readonly clientIdentifier: string;
}
