/**
 * The fifteen MQTT Control Packets as values (MQTT 5 chapter 3, MQTT 3.1.1 chapter 3).
 *
 * One discriminated union serves MQTT 3.1, 3.1.1 and 5, in both directions. Fields that a version
 * does not have are at their neutral value: no properties, Reason Code 0x00. Owns no bytes and no
 * behaviour: encoding and decoding live in one file per packet beside this one.
 */

import type { ReasonCode } from "./reason_code.ts";

/** MQTT Control Packet type, bits 7 to 4 of the first byte (MQTT 5 table 2-1). */
export const PacketType = {
  Connect: 1,
  Connack: 2,
  Publish: 3,
  Puback: 4,
  Pubrec: 5,
  Pubrel: 6,
  Pubcomp: 7,
  Subscribe: 8,
  Suback: 9,
  Unsubscribe: 10,
  Unsuback: 11,
  Pingreq: 12,
  Pingresp: 13,
  Disconnect: 14,
  Auth: 15,
} as const;
export type PacketType = typeof PacketType[keyof typeof PacketType];

export type QoS = 0 | 1 | 2;

/** Protocol Level byte of CONNECT: 3 is MQTT 3.1 ("MQIsdp"), 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** A name and a value, both UTF-8; order and repetition are kept [MQTT-3.3.2-18]. */
export type UserProperty = readonly [name: string, value: string];

/**
 * All properties of MQTT 5 (section 2.2.2.2). Which packet may carry which is in the table in
 * `property.ts`. A property that is absent is `undefined`; times are in seconds as on the wire.
 */
export interface Properties {
  payloadFormatIndicator?: number;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  /** 1 to 268,435,455; more than one only in PUBLISH from server to client. */
  subscriptionIdentifiers?: number[];
  sessionExpiryInterval?: number;
  assignedClientIdentifier?: string;
  serverKeepAlive?: number;
  authenticationMethod?: string;
  authenticationData?: Uint8Array;
  requestProblemInformation?: number;
  willDelayInterval?: number;
  requestResponseInformation?: number;
  responseInformation?: string;
  serverReference?: string;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQoS?: number;
  retainAvailable?: number;
  userProperties?: UserProperty[];
  maximumPacketSize?: number;
  wildcardSubscriptionAvailable?: number;
  subscriptionIdentifierAvailable?: number;
  sharedSubscriptionAvailable?: number;
}

/** Will Message as carried by CONNECT (MQTT 5 section 3.1.3.2 to 3.1.3.4). */
export interface Will {
  topicName: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  properties: Properties;
}

export interface ConnectPacket {
  type: typeof PacketType.Connect;
  protocolVersion: ProtocolVersion;
  /** Clean Session in MQTT 3.1 and 3.1.1. */
  cleanStart: boolean;
  /** Seconds; 0 turns Keep Alive off. */
  keepAlive: number;
  /** Empty when the client wants one assigned. */
  clientIdentifier: string;
  will?: Will;
  username?: string;
  password?: Uint8Array;
  properties: Properties;
  /**
   * Bit 7 of the protocol level: set by bridges (Mosquitto's `try_private`) that want Retain As
   * Published and No Local behaviour from a 3.1.1 broker. Not part of the specification.
   */
  bridge: boolean;
}

export interface ConnackPacket {
  type: typeof PacketType.Connack;
  sessionPresent: boolean;
  /** For MQTT 3.1 and 3.1.1 translated to the nearest Connect Return code when written. */
  reasonCode: ReasonCode;
  properties: Properties;
}

/** A decoded PUBLISH that owns its bytes. The broker's hot path uses `PublishFrame` instead. */
export interface PublishPacket {
  type: typeof PacketType.Publish;
  /** Empty only where a Topic Alias stands for it (MQTT 5). */
  topicName: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  duplicate: boolean;
  /** 1 to 65,535 at QoS 1 and 2, 0 at QoS 0. */
  packetIdentifier: number;
  properties: Properties;
}

/** What PUBACK, PUBREC, PUBREL and PUBCOMP have in common (MQTT 5 sections 3.4 to 3.7). */
interface AcknowledgementFields {
  packetIdentifier: number;
  reasonCode: ReasonCode;
  properties: Properties;
}
export interface PubackPacket extends AcknowledgementFields {
  type: typeof PacketType.Puback;
}
export interface PubrecPacket extends AcknowledgementFields {
  type: typeof PacketType.Pubrec;
}
export interface PubrelPacket extends AcknowledgementFields {
  type: typeof PacketType.Pubrel;
}
export interface PubcompPacket extends AcknowledgementFields {
  type: typeof PacketType.Pubcomp;
}

/** Retain Handling of a subscription (MQTT 5 section 3.8.3.1). */
export const RetainHandling = { Send: 0, SendIfNew: 1, DoNotSend: 2 } as const;
export type RetainHandling = typeof RetainHandling[keyof typeof RetainHandling];

/** One Topic Filter of a SUBSCRIBE with its Subscription Options. */
export interface SubscriptionRequest {
  topicFilter: string;
  qos: QoS;
  noLocal: boolean;
  retainAsPublished: boolean;
  retainHandling: RetainHandling;
}
export interface SubscribePacket {
  type: typeof PacketType.Subscribe;
  packetIdentifier: number;
  /** At least one [MQTT-3.8.3-2]. */
  subscriptions: SubscriptionRequest[];
  properties: Properties;
}
export interface SubackPacket {
  type: typeof PacketType.Suback;
  packetIdentifier: number;
  /** One for each Topic Filter, in order [MQTT-3.9.3-1]: granted QoS, or 0x80 and above. */
  reasonCodes: ReasonCode[];
  properties: Properties;
}
export interface UnsubscribePacket {
  type: typeof PacketType.Unsubscribe;
  packetIdentifier: number;
  topicFilters: string[];
  properties: Properties;
}
export interface UnsubackPacket {
  type: typeof PacketType.Unsuback;
  packetIdentifier: number;
  /** Empty in MQTT 3.1 and 3.1.1. */
  reasonCodes: ReasonCode[];
  properties: Properties;
}
export interface PingreqPacket {
  type: typeof PacketType.Pingreq;
}
export interface PingrespPacket {
  type: typeof PacketType.Pingresp;
}
export interface DisconnectPacket {
  type: typeof PacketType.Disconnect;
  reasonCode: ReasonCode;
  properties: Properties;
}
export interface AuthPacket {
  type: typeof PacketType.Auth;
  reasonCode: ReasonCode;
  properties: Properties;
}

export type AcknowledgementPacket = PubackPacket | PubrecPacket | PubrelPacket | PubcompPacket;

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingreqPacket
  | PingrespPacket
  | DisconnectPacket
  | AuthPacket;
