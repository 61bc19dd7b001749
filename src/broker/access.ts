/**
 * What the core asks about access: who a client is, and what it may publish and receive.
 *
 * Declared here, implemented in `access/`. Authentication is over before the core hears of a
 * client: it gets a `ClientIdentity` that is proven, keeps it with the session (also on the disk),
 * and asks what that identity may do. No rule is kept with a session: after a reload every session
 * is judged by the rules of now.
 */

import type { QoS } from "../protocol/packet.ts";
import { ReasonCode } from "../protocol/reason_code.ts";

/** A "no": the Reason Code and text for the client, and the rule that decided, for the log. */
export interface Refusal {
  readonly reasonCode: ReasonCode;
  /** For the client: gives nothing away. */
  readonly reasonString: string;
  /** For the log: says what decided and what to do. */
  readonly rule: string;
}

/** The refusal that tells the client nothing but 0x87; `rule` is for the log. */
export function notAuthorized(rule: string): Refusal {
  return { reasonCode: ReasonCode.NotAuthorized, reasonString: "Not authorized", rule };
}

/** Who a client is, proven, and where it came in. Kept with its session, also on the disk. */
export interface ClientIdentity {
  /** Undefined: anonymous. */
  readonly username: string | undefined;
  /** Groups that came with the proof; those of configured users are looked up by `accessOf`. */
  readonly groups: readonly string[];
  /** The name of the listener it came in by. */
  readonly listener: string;
  /** IP address without port; empty for a Unix socket. */
  readonly address: string;
}

/** What one client may do by the rules of now. Each call answers for the moment it is made. */
export interface ClientAccess {
  mayPublish(topicName: string): Refusal | undefined;
  /** Whether a message of this topic may be delivered to it: live, queued, retained, shared. */
  mayReceive(topicName: string): boolean;
  /**
   * `topicFilter` as the client sent it, `$share/NAME/` included. Undefined also when only a part of
   * what it matches may be delivered, unless configured to refuse that.
   */
  maySubscribe(topicFilter: string): Refusal | undefined;
}

export interface AccessControl {
  /** Asked for each connection, for each restored session, and again when rules are reloaded. */
  accessOf(clientIdentifier: string, identity: ClientIdentity): ClientAccess;
}

/** What the listener allows less than the broker as a whole. */
export interface ListenerTerms {
  readonly maximumQoS: QoS;
}
