/**
 * What the core reports to whoever logs. Declared here, implemented above; every call is cheap and
 * rate-limited by the receiver, because a client can cause any of them at will.
 */

import type { Refusal } from "./access.ts";
import type { Session } from "./session.ts";

/** Why a message did not reach a session. */
export type DropReason =
  | "queue_full"
  | "slow_reader"
  | "packet_too_large"
  | "expired"
  | "session_ended";

export interface BrokerEvents {
  /** `resumed`: the session was there before. */
  sessionConnected(session: Session, resumed: boolean): void;
  /** `reason` is for people: "keep alive timeout", "client closed the connection". */
  sessionDisconnected(session: Session, reason: string): void;
  /** Its Session Expiry Interval is over, or a new one took its place. */
  sessionEnded(session: Session, reason: string): void;
  sessionTakenOver(session: Session, oldAddress: string, newAddress: string): void;
  messagesDropped(session: Session, topicName: string, reason: DropReason, count: number): void;
  publishRefused(session: Session, topicName: string, refusal: Refusal): void;
  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void;
  retainedRefused(topicName: string, limit: string): void;
}
