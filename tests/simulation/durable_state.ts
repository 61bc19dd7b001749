/**
 * What of a broker must survive, as values that can be compared: of a running broker, and of what a
 * start would find on its disk.
 *
 * Owns nothing: a state refers to messages and Wills, which never change, and copies what does. Times are Unix milliseconds when a state is described, since each start of a broker has
 * a clock of its own.
 */

import assert from "node:assert/strict";
import type { Broker } from "../../src/broker/broker.ts";
import type { StoredMessage, StoredOutgoing, StoredSession } from "../../src/broker/journal.ts";
import type { Message } from "../../src/broker/message.ts";
import type { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import type { WillMessage } from "../../src/broker/will.ts";
import type { LoadedState } from "../../src/storage/stored_state.ts";
import { asText } from "../support/packet_text.ts";
import type { SimulatedDisk } from "../support/simulated_disk.ts";

export type DurableMessage = Message | StoredMessage;

export interface DurableOutgoing extends Omit<StoredOutgoing, "message"> {
  readonly message: DurableMessage;
}

export interface DurableSession extends
  Omit<
    StoredSession,
    "outgoing" | "disconnectedAtMs"
  > {
  readonly outgoing: readonly DurableOutgoing[];
  /** Broker's clock; undefined: its client is connected. */
  readonly disconnectedAtMs: number | undefined;
}

export interface DurableState {
  readonly sessions: readonly DurableSession[];
  readonly retained: readonly DurableMessage[];
  /** What has to be added to the broker's clock to get Unix milliseconds. */
  readonly offsetMs: number;
}

// Where states come from.

export function stateOfBroker({ sessions, retained }: Broker, offsetMs: number): DurableState {
  const durable = [...sessions.values()].filter(({ isDurable }) => isDurable);
  return {
    sessions: durable.map(toDurable),
    retained: [...retained.values()].filter(({ topic }) => !topic.isSystem),
    offsetMs,
  };
}

function toDurable(session: Session): DurableSession {
  const { clientIdentifier, identity, protocolVersion, bridge, expiryIntervalMs, will } = session;
  return {
    clientIdentifier,
    ...identity,
    protocolVersion,
    bridge,
    expiryIntervalMs,
    will,
    disconnectedAtMs: session.disconnectedAtMs,
    subscriptions: [...session.subscriptions.values()].map((each) => ({ ...each })),
    outgoing: outgoingOf(session).map(({ group, ...outgoing }) => ({
      ...outgoing,
      sharedFilter: group && `$share/${group.shareName}/${group.topicFilter}`,
    })),
    inboundPacketIdentifiers: [...session.inbound.values()],
  };
}

/** What waits or is in flight at QoS 1 and 2. */
export function outgoingOf(session: Session): Outgoing[] {
  return [...session.outgoing()].filter(({ qos }) => qos > 0);
}

/** Reads all of `state`, which can be read once. */
export function stateOfStored(state: LoadedState, offsetMs: number): DurableState {
  const sessions = [...state.sessions].map((session) => ({
    ...session,
    disconnectedAtMs: session.wasConnected ? undefined : session.disconnectedAtMs,
  }));
  return { sessions, retained: [...state.retained], offsetMs };
}

// Comparing.

/** In lines, without what a start at `unixMs` leaves out as over. */
export function describeState(state: DurableState, unixMs: number): string[] {
  const nowMs = unixMs - state.offsetMs;
  const sessions = state.sessions.filter((session) => !isOver(session, nowMs))
    .toSorted((one, other) => one.clientIdentifier < other.clientIdentifier ? -1 : 1);
  const retained = state.retained.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  return [
    ...sessions.flatMap((session) => [
      ...describeSession(session, state.offsetMs),
      ...describeOutgoing(session, state.offsetMs, nowMs),
    ]),
    ...retained.map((message) => `retained ${describeMessage(message, state.offsetMs)}`).sort(),
  ];
}

/** It has ended, and nobody is concerned by that but the session itself. */
function isOver(session: DurableSession, nowMs: number): boolean {
  const { disconnectedAtMs = nowMs, expiryIntervalMs } = session;
  return disconnectedAtMs + expiryIntervalMs <= nowMs && session.will === undefined &&
    withoutExpired(session, nowMs).every(({ sharedFilter }) => sharedFilter === undefined);
}

/** The session without its messages. */
export function describeSession(session: DurableSession, offsetMs: number): string[] {
  const { clientIdentifier, protocolVersion, bridge, will, disconnectedAtMs } = session;
  const { username, groups, listener, address } = session;
  const subscriptions = session.subscriptions.map((subscription) => {
    const { topicFilter, qos, noLocal, retainAsPublished, identifier, shareName } = subscription;
    const options = [qos, noLocal, retainAsPublished, identifier, shareName].join(" ");
    const replay = subscription.replayPending ? " replay pending" : "";
    return `  subscribed ${topicFilter} ${options}${replay}`;
  });
  const left = disconnectedAtMs === undefined ? "connected" : disconnectedAtMs + offsetMs;
  const inbound = [...session.inboundPacketIdentifiers].sort((one, other) => one - other);
  return [
    `${clientIdentifier} ${protocolVersion} ${username} ${groups} ${listener} ${address}` +
    ` ${bridge} for ${session.expiryIntervalMs}` +
    ` ${left} ${will && describeWill(will)}`,
    ...subscriptions.sort(),
    `  received ${inbound}`,
  ];
}

function describeWill({ topicName, payload, qos, retain, properties, delayMs }: WillMessage) {
  const sorted = Object.entries(properties).sort(([one], [other]) => one < other ? -1 : 1);
  return `${topicName}=${asText(payload)} ${qos} ${retain} ${JSON.stringify(sorted)} ${delayMs}`;
}

/** In the order in which the client is to get them. */
export function describeOutgoing(
  session: DurableSession,
  offsetMs: number,
  nowMs: number,
): string[] {
  return withoutExpired(session, nowMs).map((
    { message, qos, retain, subscriptionIdentifiers, ...rest },
  ) =>
    `  ${describeMessage(message, offsetMs)} to ${qos} ${retain} ${subscriptionIdentifiers}` +
    ` #${rest.packetIdentifier} ${rest.released} ${rest.sharedFilter}`
  );
}

/** What was sent already has to be completed, expired or not. */
function withoutExpired({ outgoing }: DurableSession, nowMs: number): DurableOutgoing[] {
  return outgoing.filter(({ packetIdentifier, message }) =>
    packetIdentifier > 0 || message.expiresAtMs > nowMs
  );
}

export function describeMessage(message: DurableMessage, offsetMs: number): string {
  const { qos, retain, encodedProperties, expiresAtMs } = message;
  return `${topicOf(message)}=${payloadOf(message)} ${qos} ${retain} ${encodedProperties}` +
    ` until ${expiresAtMs + offsetMs}`;
}

export function topicOf(message: DurableMessage): string {
  return "topic" in message ? message.topic.name : message.topicName;
}

export function payloadOf(message: DurableMessage): string {
  return asText(message.payloadBytes.subarray(message.payloadStart, message.payloadEnd));
}

// Rows.

/** A settled disk has a row for each thing of `broker`, and no other. */
export function checkRows({ rows }: SimulatedDisk, broker: Broker): void {
  const { sessions, retained } = stateOfBroker(broker, 0);
  const total = (count: (session: DurableSession) => number) =>
    sessions.reduce((sum, session) => sum + count(session), 0);
  const keys = [...rows.keys()];
  const contents = keys.filter((key) => key.startsWith("message "));
  assert.deepEqual({
    sessions: keys.filter((key) => key.startsWith("session ")).length,
    subscriptions: keys.filter((key) => /^of \d+ subscription /.test(key)).length,
    inbound: keys.filter((key) => /^of \d+ inbound /.test(key)).length,
    outgoing: keys.filter((key) => key.startsWith("outgoing ")).length,
    retained: keys.filter((key) => key.startsWith("retained ")).length,
    all: keys.length - contents.length,
  }, {
    sessions: sessions.length,
    subscriptions: total(({ subscriptions }) => subscriptions.length),
    inbound: total(({ inboundPacketIdentifiers }) => inboundPacketIdentifiers.length),
    outgoing: total(({ outgoing }) => outgoing.length),
    retained: retained.length,
    all: retained.length + sessions.length +
      total((session) =>
        session.subscriptions.length + session.inboundPacketIdentifiers.length +
        session.outgoing.length
      ),
  }, "rows");
  // One that several waited for has its row until the last of them is done.
  const messages = sessions.flatMap(({ outgoing }) => outgoing.map(({ message }) => message));
  const contentRows = new Set(messages.map((message) => (message as Message).journalRow));
  contentRows.delete(0);
  const wanted = [...contentRows].map((row) => `message ${row}`);
  assert.deepEqual(contents.toSorted(), wanted.toSorted(), "rows of shared content");
}
