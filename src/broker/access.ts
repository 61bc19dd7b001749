/**
 * Who may connect, publish and subscribe: what the broker asks. Implemented in `access/`.
 */

import type { ConnectPacket } from "../protocol/packet.ts";
import type { ReasonCode } from "../protocol/reason_code.ts";
import type { Session } from "./session.ts";

/** A "no": the Reason Code and text for the client, and the rule that decided, for the log. */
export interface Refusal {
  readonly reasonCode: ReasonCode;
  /** For the client: gives nothing away. */
  readonly reasonString: string;
  /** For the log: says what decided and what to do. */
  readonly rule: string;
}

/** Where a client came in, as far as access rules care. */
export interface ClientOrigin {
  /** IP address without port; empty for a Unix socket. */
  readonly address: string;
  /** Which anonymous clients the listener serves. */
  readonly allowAnonymous: "never" | "local_network" | "always";
}

export interface AccessControl {
  mayConnect(packet: ConnectPacket, origin: ClientOrigin): Refusal | undefined;
  mayPublish(session: Session, topicName: string): Refusal | undefined;
  maySubscribe(session: Session, topicFilter: string): Refusal | undefined;
}
