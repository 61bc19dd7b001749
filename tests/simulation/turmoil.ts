/**
 * A simulation of what the model leaves out: full queues that disconnect their clients, with Wills,
 * shared subscriptions and many packets of one buffer. A delivery may close a connection here, whose
 * Will is routed while the first message still is.
 *
 * Who gets what is not foretold. Checked after every step are what must hold however the broker
 * orders these things: counters, journal, identifiers, Wills, and two witnesses, who keep up and
 * get every message that was published exactly once.
 */

import assert from "node:assert/strict";
import type { PublishPacket } from "../../src/protocol/packet.ts";
import type { Session } from "../../src/broker/session.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishes } from "../support/fake_link.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { asText, describePacket } from "../support/packet_text.ts";
import { checkEmpty } from "./checker.ts";
import { Operations } from "./operations.ts";
import { Random } from "./random.ts";
import { runSeed } from "./run.ts";
import type { Sabotage } from "./simulation.ts";
import { Peer } from "./turmoil_peer.ts";

const CLIENTS = ["c0", "c1", "c2", "c3", "c4", "c5"];
const STEPS = 400;

/** How often the things happened that this simulation is for. */
export interface TurmoilCounts {
  /** Clients that were disconnected because their queue was full. */
  overflows: number;
  /** Messages that were routed while another one was. */
  nested: number;
}

export class Turmoil {
  readonly #random: Random;
  readonly #journal = new MemoryJournal();
  readonly #core: Core;
  readonly #operations: Operations;
  readonly #sabotage: Sabotage;
  readonly #peers = new Map<string, Peer>();
  readonly #witnesses: readonly FakeClient[];
  /** They are away and get nothing at once: it waits or is reported as dropped. */
  readonly #absent: readonly Session[];
  readonly #sabotaged = new WeakSet<Session>();
  /** Payloads of this step's messages. */
  #published: string[] = [];
  #publishedCount = 0;
  /** How many messages were reported as dropped, by Client Identifier. */
  readonly #dropped = new Map<string, number>();
  readonly #publishedWills = new Set<string>();
  readonly log: string[] = [];
  readonly counts: TurmoilCounts = { overflows: 0, nested: 0 };

  constructor(seed: number, sabotage: Sabotage = {}) {
    const random = this.#random = new Random(seed);
    this.#sabotage = sabotage;
    const limits = {
      maximumQueuedMessages: random.pick([0, 1, 3]),
      maximumRetainedBytes: random.pick([1000, 1_000_000]),
      queueOverflow: "disconnect",
      queueQoS0Messages: random.chance(0.5),
      receiveMaximum: 6,
      maximumInflightMessages: random.pick([1, 2, 1000]),
      persistentClientExpirationMs: Infinity,
      topicTableCapacity: random.pick([4, 1000]),
    } as const;
    this.log.push(JSON.stringify(limits));
    this.#core = new Core(limits, this.#journal);
    this.#operations = new Operations(random, false);
    this.#observe();
    // With a Subscription Identifier there are no bytes to share: one witness for each way.
    this.#witnesses = [{}, { subscriptionIdentifiers: [1] }].map((properties, index) => {
      const witness = this.#core.connect(`witness${index}`);
      this.#sabotageOf(witness);
      const filters = ["#", "$x/#"].map((topicFilter) => ({ topicFilter, qos: 0 as const }));
      return witness.subscribed(filters, properties);
    });
    this.#absent = limits.queueQoS0Messages ? this.#makeAbsent() : [];
    this.#core.events.take();
  }

  /** Sessions that wait for QoS 0 messages too. */
  #makeAbsent(): Session[] {
    return ([4, 5] as const).map((version, index) => {
      const client = this.#core.connectKept(`absent${index}`, version, {
        properties: version === 5 ? { sessionExpiryInterval: 0xffff_ffff } : {},
      });
      const filters = ["#", "$x/#"].map((topicFilter) => ({ topicFilter, qos: 0 as const }));
      client.subscribed(filters).lose();
      return client.session;
    });
  }

  /** Writes down what is published, and whether that happens inside of another delivery. */
  #observe(): void {
    const { broker } = this.#core;
    const publishMessage = broker.publishMessage.bind(broker);
    let depth = 0;
    broker.publishMessage = (message, publisher) => {
      const payload = asText(message.payload);
      this.#published.push(payload);
      if (payload.startsWith("will.")) {
        assert.ok(!this.#publishedWills.has(payload), `${payload} is published again`);
        this.#publishedWills.add(payload);
      }
      if (depth++ > 0) this.counts.nested++;
      const matched = publishMessage(message, publisher);
      depth--;
      return matched;
    };
  }

  /** Throws where something does not hold. */
  run(): void {
    for (let step = 0; step < STEPS; step++) this.#step(() => this.#act());
    for (const peer of this.#peers.values()) {
      if (peer.client.isOpen) this.#step(() => this.#lose(peer));
    }
    this.#step(() => this.#core.advance(1_000_000));
    for (const witness of this.#witnesses) witness.disconnect();
    for (const clientIdentifier of [...this.#core.broker.sessions.keys()]) {
      this.#core.connect(clientIdentifier).disconnect();
    }
    checkEmpty(this.#core);
    assert.equal(this.#core.broker.router.tree.bytes, 0, "bytes of the tree");
  }

  #step(act: () => void): void {
    this.#core.nowMs++;
    this.#published = [];
    act();
    this.#core.broker.settle();
    for (const peer of this.#peers.values()) peer.take(this.#publishedWills);
    this.#checkWitnesses();
    this.#checkCounters();
    this.#journal.check(this.#core.broker);
  }

  #act(): void {
    const random = this.#random;
    const open = [...this.#peers.values()].filter(({ client }) => client.isOpen);
    const dice = random.below(100);
    if (dice < 5) return this.#core.advance(1000 * (1 + random.below(15)));
    if (dice < 25 || open.length === 0) return this.#connect();
    const peer = random.pick(open);
    if (dice < 33) return this.#lose(peer);
    if (dice < 45) return this.#congest(peer);
    const packets = random.several(1 + random.below(6), () => {
      const kind = random.below(10);
      if (kind < 2) return this.#operations.subscribe(peer);
      if (kind === 2) return this.#operations.unsubscribe(peer);
      return kind < 7 ? this.#operations.publish(peer) : this.#operations.acknowledge(peer);
    });
    this.log.push(`${peer.clientIdentifier} sends ${packets.map(describePacket).join("; ")}`);
    peer.client.input(...packets);
    for (const packet of packets) peer.acknowledged(packet);
  }

  #connect(): void {
    const packet = this.#operations.connect(this.#random.pick(CLIENTS));
    this.log.push(describePacket(packet));
    const client = this.#core.open(packet.protocolVersion);
    client.connect(packet);
    assert.equal(client.refusal, undefined);
    this.#peers.get(packet.clientIdentifier)?.take(this.#publishedWills);
    this.#sabotageOf(client);
    this.#peers.set(packet.clientIdentifier, new Peer(packet, client));
  }

  #sabotageOf(client: FakeClient): void {
    this.#sabotage.client?.(client);
    if (this.#sabotaged.has(client.session)) return;
    this.#sabotaged.add(client.session);
    this.#sabotage.session?.(client.session);
  }

  #lose({ clientIdentifier, client }: Peer): void {
    this.log.push(`${clientIdentifier} is lost`);
    client.lose();
  }

  #congest({ clientIdentifier, client }: Peer): void {
    client.link.isCongested = !client.link.isCongested;
    this.log.push(`${clientIdentifier} reads ${client.link.isCongested ? "no more" : "again"}`);
    if (!client.link.isCongested) client.drain();
  }

  /** Both got what was published in this step, each message once; the order is not foretold. */
  #checkWitnesses(): void {
    const payloadOf = ({ payload }: PublishPacket) => asText(payload);
    for (const witness of this.#witnesses) {
      assert.ok(witness.isOpen, "a witness was disconnected");
      const got = publishes(witness.received()).map(payloadOf);
      assert.deepEqual(got.sort(), this.#published.toSorted(), "what a witness got");
    }
  }

  /** The counters are the sums of what the sessions have. */
  #checkCounters(): void {
    const { statistics, router, sessions } = this.#core.broker;
    const all = [...sessions.values()];
    const total = (count: (session: Session) => number) =>
      all.reduce((sum, session) => sum + count(session), 0);
    const { clientsConnected, queuedMessages, queuedBytes } = statistics;
    const open = [...this.#peers.values()].filter(({ client }) => client.isOpen);
    assert.equal(clientsConnected, total(({ isOnline }) => isOnline ? 1 : 0), "online");
    assert.equal(clientsConnected, open.length + this.#witnesses.length, "open connections");
    assert.equal(queuedMessages, total(({ queuedCount }) => queuedCount), "queued messages");
    assert.equal(queuedBytes, total((session) => session.queuedBytes), "queued bytes");
    assert.equal(router.tree.size, total((session) => session.subscriptionCount), "subscriptions");
    for (const session of all) {
      const identifiers = [...session.outgoing()].map(({ packetIdentifier }) => packetIdentifier)
        .filter((identifier) => identifier > 0);
      assert.equal(new Set(identifiers).size, identifiers.length, "identifiers in use twice");
      assert.equal(session.inflightCount, identifiers.length, "messages in flight");
      assert.equal(session.ended, false);
    }
    this.#checkEvents();
  }

  /** Whoever is away has every message in the queue, or it is reported as dropped. */
  #checkAbsent(lines: readonly string[]): void {
    this.#publishedCount += this.#published.length;
    for (const { clientIdentifier, queuedCount } of this.#absent) {
      const dropped = lines.filter((line) => line.startsWith(`${clientIdentifier} dropped 1 of`));
      const count = (this.#dropped.get(clientIdentifier) ?? 0) + dropped.length;
      this.#dropped.set(clientIdentifier, count);
      assert.equal(queuedCount + count, this.#publishedCount, `messages of ${clientIdentifier}`);
    }
  }

  #checkEvents(): void {
    const overflow = /^c\d disconnected: Cannot queue more messages/;
    const lines = this.#core.events.take();
    this.#checkAbsent(lines);
    this.counts.overflows += lines.filter((line) => overflow.test(line)).length;
  }
}

/** Runs one simulation (`runSeed`). */
export function simulateTurmoil(seed: number, sabotage?: Sabotage): TurmoilCounts {
  const turmoil = new Turmoil(seed, sabotage);
  runSeed(seed, turmoil.log, () => turmoil.run());
  return turmoil.counts;
}
