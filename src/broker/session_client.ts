/**
 * Whose a session is, how its client is connected, and when it ends (MQTT 5 section 4.1).
 *
 * Owns the identity and what it may do by the rules of now; nothing of the messages. `link` is the
 * connection of the moment: a take-over swaps it and copies nothing. Invariant: `access` is that of
 * `identity`, so nobody is judged by what a client before it was allowed.
 */

import type { ProtocolVersion, QoS } from "../protocol/packet.ts";
import { NO_PROPERTIES } from "../protocol/property.ts";
import type { ClientAccess, ClientIdentity } from "./access.ts";
import type { BrokerContext } from "./context.ts";
import type { Deadline } from "./deadlines.ts";
import { type Journal, NO_JOURNAL } from "./journal.ts";
import type { Link } from "./link.ts";
import type { ReplayBudget } from "./replay_budget.ts";

export class SessionClient {
  readonly clientIdentifier: string;
  protected readonly context: BrokerContext;
  #identity: ClientIdentity;
  /** Worked out when it is first asked for: most of ten thousand restored sessions never ask. */
  #access: ClientAccess | undefined;
  /** What its client may publish and subscribe at, by the broker and the listener. */
  maximumQoS: QoS;
  /** Undefined while the client is away. Written by the broker alone. */
  link: Link | undefined = undefined;
  protocolVersion: ProtocolVersion = 5;
  /** Milliseconds that the session lives on without a connection; `Infinity`: for ever. */
  expiryIntervalMs = 0;
  /** Broker's clock; set while the client is away. */
  expiresAtMs = Infinity;
  /** Its end, and its Will, while the client is away; the broker's. */
  expiryDeadline: Deadline<() => void> | undefined = undefined;
  willDeadline: Deadline<() => void> | undefined = undefined;
  /** Receive Maximum of the client. */
  receiveMaximum = 0;
  /** The client wants reason strings and user properties with errors [MQTT-3.1.2-29]. */
  wantsProblemInformation = true;
  /** A bridge: all its subscriptions are No Local and Retain As Published. */
  bridge = false;
  /** Broker's clock, of the last connection; undefined while it lasts. */
  connectedAtMs = 0;
  disconnectedAtMs: number | undefined = undefined;

  constructor(clientIdentifier: string, identity: ClientIdentity, context: BrokerContext) {
    this.clientIdentifier = clientIdentifier;
    this.#identity = identity;
    this.context = context;
    this.maximumQoS = context.limits.maximumQoS;
  }

  /** Who its client is: of the connection of now, or the last one. */
  get identity(): ClientIdentity {
    return this.#identity;
  }
  /** It is judged anew with that. Routes that list the session are up to the caller. */
  set identity(identity: ClientIdentity) {
    this.#identity = identity;
    this.#access = undefined;
  }
  /** Undefined: anonymous. */
  get username(): string | undefined {
    return this.#identity.username;
  }

  /** What its client may do by the rules of now. */
  get access(): ClientAccess {
    return this.#access ??= this.context.access.accessOf(this.clientIdentifier, this.#identity);
  }
  /** The rules have changed. Routes are up to the caller. */
  judgeAnew(): void {
    this.#access = undefined;
  }

  /** It outlives its connection, so it must outlive the broker too. */
  get isDurable(): boolean {
    return this.expiryIntervalMs > 0;
  }

  /** Where changes of this session are recorded: nowhere, when it ends with its connection. */
  get journal(): Journal {
    return this.isDurable ? this.context.journal : NO_JOURNAL;
  }

  /** What looking for retained messages takes from. */
  get replayBudget(): ReplayBudget {
    return this.context.replayBudget;
  }

  get isOnline(): boolean {
    return this.link !== undefined;
  }

  /** Holds what is sent next until everything recorded so far is durable, if that concerns us. */
  gate(): void {
    this.link?.gate(this.journal.pendingCommit);
  }

  /** Answers a client that asked something of us, with problem information if it wants any. */
  problemInformation(reasonString: string): { reasonString?: string } {
    return this.wantsProblemInformation ? { reasonString } : NO_PROPERTIES;
  }
}
