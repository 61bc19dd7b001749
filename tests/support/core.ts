/**
 * The broker's synchronous core for tests: a `Broker` with a clock that tests move, events that
 * are written down, access rules that tests set, and clients on fake links.
 *
 * Input goes in as bytes, the way `net/connection.ts` does it: whole packets of one buffer, then
 * `settle`. Invariant: the buffer is overwritten when the call returns, so that whoever keeps a
 * part of it without copying is found out.
 */

import assert from "node:assert/strict";
import type {
  AccessControl,
  ClientAccess,
  ClientIdentity,
  Refusal,
} from "../../src/broker/access.ts";
import { Broker } from "../../src/broker/broker.ts";
import type { BrokerEvents, DropReason } from "../../src/broker/events.ts";
import { type Journal, NO_JOURNAL } from "../../src/broker/journal.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import type { Session } from "../../src/broker/session.ts";
import type { ConnectPacket, ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { DEFAULT_LIMITS } from "./default_limits.ts";
import { FakeClient } from "./fake_client.ts";
import { connectPacket, type Fields } from "./packets.ts";

/** One line for each event, in order. */
export class RecordingEvents implements BrokerEvents {
  lines: string[] = [];

  /** The lines since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
  sessionConnected(session: Session, resumed: boolean): void {
    this.lines.push(`${session.clientIdentifier} connected${resumed ? " again" : ""}`);
  }
  sessionDisconnected(session: Session, reason: string): void {
    this.lines.push(`${session.clientIdentifier} disconnected: ${reason}`);
  }
  sessionEnded(session: Session, reason: string): void {
    this.lines.push(`${session.clientIdentifier} ended: ${reason}`);
  }
  sessionTakenOver(session: Session, oldAddress: string, newAddress: string): void {
    this.lines.push(`${session.clientIdentifier} taken over: ${oldAddress} by ${newAddress}`);
  }
  messagesDropped(session: Session, topicName: string, reason: DropReason, count: number): void {
    this.lines.push(`${session.clientIdentifier} dropped ${count} of '${topicName}': ${reason}`);
  }
  publishRefused(session: Session, topicName: string, refusal: Refusal): void {
    this.lines.push(`${session.clientIdentifier} may not publish '${topicName}': ${refusal.rule}`);
  }
  subscriptionRefused(session: Session, topicFilter: string, refusal: Refusal): void {
    const { clientIdentifier } = session;
    this.lines.push(`${clientIdentifier} may not subscribe '${topicFilter}': ${refusal.rule}`);
  }
  takeOverRefused(
    session: Session,
    { username }: ClientIdentity,
    address: string,
    refusal: Refusal,
  ): void {
    const { clientIdentifier } = session;
    this.lines.push(`${clientIdentifier} not given to ${username} at ${address}: ${refusal.rule}`);
  }
  willRefused(
    clientIdentifier: string,
    { username }: ClientIdentity,
    topicName: string,
    refusal: Refusal,
  ): void {
    this.lines.push(
      `${clientIdentifier} of ${username} may not have a Will '${topicName}': ${refusal.rule}`,
    );
  }
  retainedRefused(topicName: string, limit: string): void {
    this.lines.push(`'${topicName}' not retained: ${limit}`);
  }
}

/** Allows everything but what the sets name; it asks them each time, so nothing is to be reloaded. */
export class SetAccess implements AccessControl {
  /** Topics that may not be published to, and those that may not be received. */
  readonly topics = new Set<string>();
  readonly unreadable = new Set<string>();
  readonly filters = new Set<string>();

  accessOf(): ClientAccess {
    return {
      mayPublish: (topicName) => this.#refuseIf(this.topics.has(topicName)),
      mayReceive: (topicName) => !this.unreadable.has(topicName),
      maySubscribe: (topicFilter) => this.#refuseIf(this.filters.has(topicFilter)),
    };
  }
  #refuseIf(refused: boolean): Refusal | undefined {
    if (!refused) return undefined;
    return { reasonCode: ReasonCode.NotAuthorized, reasonString: "Not allowed", rule: "rule 1" };
  }
}

export class Core {
  /** Broker's clock; not 0, so that a forgotten clock shows. */
  nowMs = 1_000_000;
  readonly events = new RecordingEvents();
  readonly access = new SetAccess();
  readonly broker: Broker;

  constructor(limits: Partial<BrokerLimits> = {}, journal: Journal = NO_JOURNAL) {
    this.broker = new Broker({
      limits: { ...DEFAULT_LIMITS, ...limits },
      access: this.access,
      events: this.events,
      nowMs: () => this.nowMs,
      seed: 0x1234_5678,
      journal,
    });
  }

  /** A connection on which nothing has been received. */
  open(version: ProtocolVersion = 5, address = "fake:1"): FakeClient {
    return new FakeClient(this.broker, version, address);
  }

  /** A client that the broker has accepted; its CONNACK is taken. */
  connect(
    clientIdentifier: string,
    version: ProtocolVersion = 5,
    fields: Fields<ConnectPacket> = {},
  ): FakeClient {
    const client = this.open(version, `${clientIdentifier}:1`);
    client.connect(connectPacket(clientIdentifier, version, fields));
    assert.equal(client.refusal, undefined);
    return client;
  }

  /** A client whose session outlives its connection, and is resumed where there is one. */
  connectKept(
    clientIdentifier: string,
    version: ProtocolVersion = 5,
    fields: Fields<ConnectPacket> = {},
  ): FakeClient {
    const properties = version === 5 ? { sessionExpiryInterval: 3600, ...fields.properties } : {};
    return this.connect(clientIdentifier, version, { cleanStart: false, ...fields, properties });
  }

  /** Time goes on, and what has become due is done. */
  advance(milliseconds: number): void {
    this.nowMs += milliseconds;
    this.broker.tick();
  }
}
