/**
 * What the core reports to whoever logs. Declared here, implemented above; every call is cheap and
 * rate-limited by the receiver, because a client can cause any of them at will.
 */

import type { ClientIdentity, Refusal } from "./access.ts";
import type { Session } from "./session.ts";

/** Why a message did not reach a session. */
export type DropReason =
  | "queue_full"
  | "slow_reader"
  | "packet_too_large"
  | "expired"
  | "session_ended"
  /** By the rules of now, the client may not receive its topic. */
  | "not_authorized";

export interface BrokerEvents {
  /** `resumed`: the session was there before. */
  sessionConnected(session: Session, resumed: boolean): void;
  /** `reason` is for people: "keep alive timeout", "client closed the connection". */
  sessionDisconnected(session: Session, reason: string): void;
  /** Its Session Expiry Interval is over, or a new one took its place. */
  sessionEnded(session: Session, reason: string): void;
  sessionTakenOver(session: Session, oldAddress: string, newAddress: string): void;
  messagesDropped(session: Session, topicName: string, reason: DropReason, count: number): void;
  /**
   * A client of another user wanted the Client Identifier of `session`, which is connected; it goes
   * on. `newcomer` and `address` are who was refused and where it is ("192.168.1.7:51234").
   */
  takeOverRefused(
    session: Session,
    newcomer: ClientIdentity,
    address: string,
    refusal: Refusal,
  ): void;
  /** A PUBLISH, or the Will of a session when its time had come. */
  publishRefused(session: Session, topicName: string, refusal: Refusal): void;
  /** A CONNECT was refused for its Will; no session was made or changed. */
  willRefused(
    clientIdentifier: string,
    identity: ClientIdentity,
    topicName: string,
    refusal: Refusal,
  ): void;
  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void;
  retainedRefused(topicName: string, limit: string): void;
}
