/**
 * What the tests of the storage need of the core: sessions, messages and subscriptions without a
 * broker, a folder for a file, and stored state as plain values.
 *
 * Owns nothing that outlives a test.
 */

import type { StoredMessage, StoredSession, StoredState } from "../../src/broker/journal.ts";
import { Message } from "../../src/broker/message.ts";
import { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import type { Subscription } from "../../src/broker/subscription.ts";
import { inspectStore } from "../../src/storage/offline.ts";
import type { SqliteJournal } from "../../src/storage/journal.ts";
import { openStore, type Store } from "../../src/storage/store.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import type { QoS } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import { ANONYMOUS } from "../support/fake_client.ts";

const NO_BYTES = new Uint8Array(0);
const topics = new Map<string, Topic>();

function topicNamed(name: string): Topic {
  const topic = topics.get(name) ?? new Topic(name);
  topics.set(name, topic);
  return topic;
}

/** A session that its client has left, with an hour to live. `Infinity`: for ever. */
export function newSession(
  clientIdentifier: string,
  core: Core = new Core(),
  expiryIntervalMs = 3_600_000,
): Session {
  const session = core.broker.createSession(clientIdentifier, ANONYMOUS);
  session.expiryIntervalMs = expiryIntervalMs;
  session.disconnectedAtMs = core.nowMs;
  session.expiresAtMs = core.nowMs + expiryIntervalMs;
  return session;
}

export function newMessage(
  topicName: string,
  payload: string | Uint8Array,
  qos: QoS = 1,
  expiresAtMs = Infinity,
): Message {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return new Message(topicNamed(topicName), bytes, qos, false, NO_BYTES, expiresAtMs);
}

export function newOutgoing(message: Message, qos: QoS = message.qos): Outgoing {
  return new Outgoing(message, qos, false, [], undefined);
}

/** A subscription of QoS 1 without options. */
export function newSubscription(session: Session, topicFilter: string): Subscription {
  return {
    session,
    topicFilter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    replayPending: false,
    identifier: 0,
    shareName: undefined,
  };
}

/** A folder that is removed when the test is over. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "storage-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** The files in a folder, without the digits of times and what SQLite leaves of a reader. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name.replace(/\d{8}-\d{6}/, "TIME"))
    .filter((name) => !name.endsWith("-shm") && !name.endsWith("-wal")).sort();
}

/** A clock of the broker and one of the wall, moved together. */
export class Clocks {
  now = 5000;
  wall = Date.now();
  nowMs = () => this.now;
  wallMs = () => this.wall;
  advance(milliseconds: number): void {
    this.now += milliseconds;
    this.wall += milliseconds;
  }
}

/** A store with durability `full` that is written as fast as the disk is. */
export function openFull(path: string, { nowMs, wallMs } = new Clocks()): Promise<Store> {
  return openStore({ path, durability: "full", commitIntervalMs: 0, nowMs, wallMs });
}

/** Stored state as text, for comparison: what there is of each session, in order. */
export function describeState(state: StoredState): {
  sessions: Record<string, string[]>;
  retained: string[];
} {
  const sessions: Record<string, string[]> = {};
  for (const session of state.sessions) {
    sessions[session.clientIdentifier] = describeSession(session);
  }
  const retained = [...state.retained].map((message) =>
    describeRetained({ topicName: message.topicName, payload: payloadOf(message) })
  );
  return { sessions, retained: retained.sort() };
}

function payloadOf({ payloadBytes, payloadStart, payloadEnd }: StoredMessage): Uint8Array {
  return payloadBytes.subarray(payloadStart, payloadEnd);
}

function describeSession(session: StoredSession): string[] {
  return [
    ...session.subscriptions.map(({ topicFilter, qos }) => `filter ${topicFilter} ${qos}`).sort(),
    ...session.outgoing.map((each) =>
      describeOutgoing(each.message.topicName, payloadOf(each.message), each)
    ),
    ...session.inboundPacketIdentifiers.map((identifier) => `inbound ${identifier}`).sort(),
  ];
}

/** What a file holds, without opening it as a broker does. */
export function describeFile(path: string): ReturnType<typeof describeState> {
  const { sessions, retained } = inspectStore(path);
  const found: Record<string, string[]> = {};
  for (const { clientIdentifier, subscriptions, outgoing, ...rest } of sessions) {
    found[clientIdentifier] = [
      ...subscriptions.map(({ topicFilter, qos }) => `filter ${topicFilter} ${qos}`).sort(),
      ...outgoing.map((each) => describeOutgoing(each.topicName, each.payload, each)),
      ...rest.inboundPacketIdentifiers.map((identifier) => `inbound ${identifier}`).sort(),
    ];
  }
  return { sessions: found, retained: [...retained].map(describeRetained).sort() };
}

function describeRetained({ topicName, payload }: { topicName: string; payload: Uint8Array }) {
  return `${topicName}=${new TextDecoder().decode(payload)}`;
}

function describeOutgoing(
  topicName: string,
  payload: Uint8Array,
  { qos, packetIdentifier, released }: { qos: QoS; packetIdentifier: number; released: boolean },
): string {
  return `${topicName}=${new TextDecoder().decode(payload)} qos ${qos}` +
    (packetIdentifier === 0 ? "" : ` id ${packetIdentifier}`) + (released ? " released" : "");
}

/** Restores sessions as the core does, and returns what stands for what. */
export function restore(
  state: StoredState,
  journal: SqliteJournal,
  core: Core = new Core(),
): Map<string, { session: Session; outgoing: Outgoing[] }> {
  const restored = new Map<string, { session: Session; outgoing: Outgoing[] }>();
  const messages = new Map<object, Message>();
  for (const stored of state.sessions) {
    const session = newSession(stored.clientIdentifier, core, stored.expiryIntervalMs);
    session.disconnectedAtMs = stored.disconnectedAtMs;
    session.expiresAtMs = stored.disconnectedAtMs + stored.expiryIntervalMs;
    journal.adoptSession(session, stored);
    const outgoing = stored.outgoing.map((each) => {
      const { message } = each;
      let kept = messages.get(message);
      if (kept === undefined) {
        kept = newMessage(message.topicName, payloadOf(message), message.qos, message.expiresAtMs);
        messages.set(message, kept);
      }
      const adopted = newOutgoing(kept, each.qos);
      adopted.packetIdentifier = each.packetIdentifier;
      adopted.released = each.released;
      journal.adoptOutgoing(session, adopted, each);
      return adopted;
    });
    restored.set(stored.clientIdentifier, { session, outgoing });
  }
  return restored;
}
