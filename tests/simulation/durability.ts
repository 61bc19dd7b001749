/**
 * A simulation of the core on a disk that fails, tears and stalls writes, is deleted, and loses its
 * power: clients that publish, subscribe, acknowledge late and come back as real ones do, on links
 * that hold what waits for a commit.
 *
 * Owns the clients and what they are owed; the broker and its disk are `DurableBroker`'s, which
 * checks what is on the disk. Checked here is what clients see: what was acknowledged to a
 * publisher reaches whom it was for, no QoS 2 message comes twice, and nothing is held when the
 * disk works. Everything follows from the seed.
 */

import assert from "node:assert/strict";
import type { Session } from "../../src/broker/session.ts";
import {
  type ConnectPacket,
  type Packet,
  PacketType,
  type PublishPacket,
} from "../../src/protocol/packet.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { asText, describePacket } from "../support/packet_text.ts";
import { connectPacket, publishPacket } from "../support/packets.ts";
import { PowerLoss } from "../support/simulated_disk.ts";
import { Debts } from "./debts.ts";
import { DurableBroker, type Handled, type StoreSabotage } from "./durable_broker.ts";
import { DurableClient, type World } from "./durable_client.ts";
import { outgoingOf, payloadOf } from "./durable_state.ts";
import { Faults } from "./faults.ts";
import { Operations, TOPICS } from "./operations.ts";
import { Random } from "./random.ts";
import { runSeed } from "./run.ts";

const CLIENTS = ["c0", "c1", "c2", "c3", "c4"];
/** The user name of those who have one. */
const SOMEBODY = "somebody";
const STEPS = 300;

export interface DurabilitySabotage extends StoreSabotage {
  client?(client: FakeClient): void;
}

/** How often the things happened that this simulation is for. */
export interface DurabilityCounts {
  powerLosses: number;
  /** Files that were lost and recorded anew. */
  replacements: number;
  /** Starts with nothing, since the file was lost and the power as well. */
  totalLosses: number;
  /** PUBLISH, SUBSCRIBE and CONNECT that were refused because the disk took nothing. */
  refusals: number;
  /** Steps in which somebody waited for a commit. */
  held: number;
  /** PUBLISH packets that were sent again, by clients or to them. */
  repetitions: number;
}

export class Durability implements World {
  readonly #random: Random;
  readonly #sabotage: DurabilitySabotage;
  readonly #operations: Operations;
  readonly #durable: DurableBroker;
  readonly #clients: readonly DurableClient[];
  readonly #faults: Faults;
  readonly #debts = new Debts();
  readonly #retainedPayloads = new Set<string>();
  readonly log: string[] = [];
  readonly counts: DurabilityCounts = {
    powerLosses: 0,
    replacements: 0,
    totalLosses: 0,
    refusals: 0,
    held: 0,
    repetitions: 0,
  };

  constructor(seed: number, sabotage: DurabilitySabotage = {}) {
    const random = this.#random = new Random(seed);
    this.#sabotage = sabotage;
    const limits = {
      maximumQueuedMessages: random.pick([3, 1000, 1000]),
      maximumRetainedBytes: random.pick([1000, 1_000_000]),
      queueOverflow: random.pick(["drop_newest", "drop_oldest", "disconnect"] as const),
      queueQoS0Messages: random.chance(0.5),
      receiveMaximum: 6,
      maximumInflightMessages: random.pick([2, 1000]),
      persistentClientExpirationMs: random.pick([20_000, Infinity]),
      topicTableCapacity: random.pick([4, 1000]),
    };
    this.log.push(JSON.stringify(limits));
    this.#operations = new Operations(random, false);
    this.#faults = new Faults(random);
    this.#durable = new DurableBroker(limits, sabotage);
    this.#durable.onCommitted = (commit) => this.#committed(commit);
    this.#clients = CLIENTS.map((clientIdentifier) => new DurableClient(clientIdentifier, this));
  }

  /** Throws where something does not hold. */
  run(): void {
    this.#durable.nextFault = () => this.#faults.next();
    for (let step = 0; step < STEPS; step++) this.#step(() => this.#act());
    this.#step(() => this.#durable.settle());
    this.#drain();
    this.#clearEverything();
    this.counts.replacements = this.#durable.replacements;
  }

  #step(act: () => void): void {
    const { core } = this.#durable;
    core.nowMs++;
    try {
      act();
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      this.#losePower();
    }
    this.#durable.broker.settle();
    this.#takeAll();
    this.#durable.note();
    if (this.#clients.some(({ connection }) => connection?.link.isHolding)) this.counts.held++;
    if (this.#faults.mood !== "sound" || this.#random.chance(0.25)) this.#durable.check();
  }

  #takeAll(): void {
    for (const client of this.#clients) client.take();
    this.#debts.take(this.#durable.core.events.take());
  }

  #committed(commit: number): void {
    for (const { connection } of this.#clients) connection?.link.committed(commit);
  }

  #act(): void {
    const dice = this.#random.below(100);
    if (dice < 25) return this.#work(1 + this.#random.below(4));
    if (dice < 29) return this.#advance(1000 * (1 + this.#random.below(15)));
    if (dice < 31) return this.#losePower();
    if (dice < 33) return this.#settle();
    if (dice < 36) return this.#changeDisk();
    this.#actAs(this.#random.pick(this.#clients));
  }

  // The disk.

  #changeDisk(): void {
    this.#faults.change();
    this.log.push(`the disk is ${this.#faults.mood}`);
  }

  #work(steps: number): void {
    if (this.#faults.mood === "stalled") return;
    for (let step = 0; step < steps; step++) this.#durable.work();
  }

  #advance(milliseconds: number): void {
    this.log.push(`${milliseconds} ms go by`);
    this.#durable.core.advance(milliseconds);
  }

  #losePower(): void {
    // What was on its way may have come.
    this.#takeAll();
    const random = this.#random;
    const downMs = random.pick([0, 0, 0, 3_000, 40_000]);
    this.log.push(`the power fails for ${downMs} ms`);
    this.counts.powerLosses++;
    for (const client of this.#clients) client.powerFailed();
    const isEmpty = this.#durable.restart(downMs, 1_000_000 + random.below(1_000_000));
    if (isEmpty) this.counts.totalLosses++;
    if (isEmpty) this.log.push("everything is lost");
    this.#debts.keepOnly(this.#durable.broker.sessions);
  }

  /** The disk works again; now and then, the broker is stopped and started. */
  #settle(): void {
    this.log.push("the disk works, and all is written");
    this.#faults.repair();
    this.#durable.settle();
    this.#durable.nextFault = () => this.#faults.next();
    for (const { clientIdentifier, connection } of this.#clients) {
      assert.ok(!connection?.link.isHolding, `something is held back from ${clientIdentifier}`);
    }
    if (this.#random.chance(0.3)) this.#losePower();
  }

  // The clients.

  #actAs(client: DurableClient): void {
    const random = this.#random;
    const dice = random.below(100);
    if (!client.isOpen || dice < 3) return this.#connect(client);
    if (dice < 8) return this.#lose(client);
    if (!client.isReady) return this.#work(1);
    if (dice < 12) return this.#disconnect(client);
    if (dice < 17) return this.#congest(client);
    const packets = [
      ...client.repetitions(),
      ...random.several(1 + random.below(4), () => this.#packetsOf(client)).flat(),
    ];
    if (packets.length === 0) return;
    this.log.push(`${client.clientIdentifier} sends ${packets.map(describePacket).join("; ")}`);
    client.send(packets);
  }

  #packetsOf(client: DurableClient): Packet[] {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 3) return client.answers(random, 1 + random.below(4));
    if (kind < 7 || !client.mayAsk) {
      const packet = client.toSend(this.#operations.publish(client));
      if (packet.retain) this.#retainedPayloads.add(asText(packet.payload));
      return [packet];
    }
    // Only one of these may be on its way.
    client.mayAsk = false;
    if (kind < 9) return [this.#operations.subscribe(client)];
    return [this.#operations.unsubscribe(client)];
  }

  #connect(client: DurableClient): void {
    const { properties, ...packet } = this.#operations.connect(client.clientIdentifier);
    const { maximumPacketSize: _size, ...rest } = properties;
    if (packet.protocolVersion === 3) packet.protocolVersion = 4; // Its CONNACK says too little.
    if (packet.will?.retain) this.#retainedPayloads.add(asText(packet.will.payload));
    client.hasName ||= this.#random.chance(0.2);
    this.#open(client, { ...packet, properties: rest });
  }

  #open(client: DurableClient, packet: ConnectPacket): void {
    // Without its name, it would be somebody else.
    if (client.hasName) packet.username = SOMEBODY;
    this.log.push(describePacket(packet));
    const connection = this.#durable.core.open(packet.protocolVersion);
    connection.link.waitsForCommits = true;
    this.#sabotage.client?.(connection);
    client.connect(connection, packet);
    if (connection.refusal !== undefined) this.counts.refusals++;
  }

  #lose(client: DurableClient): void {
    this.log.push(`${client.clientIdentifier} is lost`);
    client.connection?.lose();
    client.connectionBroke();
  }

  #disconnect(client: DurableClient): void {
    const isFive = client.version === 5;
    const { connection } = client;
    const reasonCode = isFive && this.#random.chance(0.3) ? 0x04 : 0x00;
    const expiry = isFive && connection?.session.isDurable
      ? this.#random.pick([undefined, 0, 5])
      : undefined;
    this.log.push(`${client.clientIdentifier} disconnects: ${reasonCode}, expiry ${expiry}`);
    client.disconnect(reasonCode, expiry);
  }

  #congest({ clientIdentifier, connection }: DurableClient): void {
    if (connection === undefined) return;
    connection.link.isCongested = !connection.link.isCongested;
    // Large messages may have to wait where small ones do not.
    connection.link.roomBytes = this.#random.pick([100, Infinity]);
    const { isCongested } = connection.link;
    this.log.push(`${clientIdentifier} reads ${isCongested ? "no more" : "again"}`);
    if (!isCongested) connection.drain();
  }

  // What clients tell (`World`).

  handle({ connection }: DurableClient, packets: readonly Packet[]): Handled[] {
    assert.ok(connection);
    this.#countRepetitions(packets);
    return this.#durable.handle(() => {
      const [first] = packets;
      if (first?.type === PacketType.Connect) connection.sendConnect(first);
      else connection.input(...packets);
    });
  }

  #countRepetitions(packets: readonly Packet[]): void {
    this.counts.repetitions +=
      packets.filter((packet) => packet.type === PacketType.Publish && packet.duplicate).length;
  }

  acknowledged({ isDurable, position, recipients }: Handled, packet?: PublishPacket): void {
    if (isDurable) this.#durable.promise(position);
    if (packet === undefined || packet.properties.messageExpiryInterval !== undefined) return;
    const payload = asText(packet.payload);
    for (const session of recipients) {
      if (!this.#holds(session, payload)) continue;
      this.#debts.owe(session.clientIdentifier, payload, packet.topicName);
    }
  }

  /** It is still to get this message, which was not dropped meanwhile. */
  #holds(session: Session, payload: string): boolean {
    const { clientIdentifier, isDurable } = session;
    return isDurable && this.#durable.broker.sessions.get(clientIdentifier) === session &&
      outgoingOf(session).some(({ message }) => payloadOf(message) === payload);
  }

  hasSession({ clientIdentifier }: DurableClient): boolean {
    return this.#durable.broker.sessions.get(clientIdentifier)?.isDurable === true;
  }

  refused({ wasWritable, isDurable }: Handled): void {
    assert.deepEqual({ wasWritable, isDurable }, { wasWritable: false, isDurable: false });
    this.counts.refusals++;
  }

  received({ clientIdentifier }: DurableClient, packet: PublishPacket): void {
    this.#countRepetitions([packet]);
    this.#debts.received(clientIdentifier, asText(packet.payload));
  }

  mayComeAgain({ payload }: PublishPacket): boolean {
    return this.#retainedPayloads.has(asText(payload));
  }

  // The end.

  /** Everybody who has a session comes and gets what is owed. */
  #drain(): void {
    const { broker } = this.#durable;
    const waiting = this.#clients.filter(({ clientIdentifier: name }) => broker.sessions.has(name));
    for (let rounds = 0; rounds === 0 || waiting.some(({ isDone }) => !isDone); rounds++) {
      assert.ok(rounds < 500, "they do not come to an end");
      for (const client of waiting) {
        if (!client.isOpen || rounds === 0) this.#step(() => this.#resume(client));
        // Its answers make room for what it gets of its own messages.
        const answers = client.answers(this.#random, 10);
        const packets = answers.length > 0 ? answers : client.repetitions();
        if (packets.length > 0) this.#step(() => client.send(packets));
      }
      this.#step(() => this.#durable.settle());
    }
    this.#debts.checkPaid();
  }

  #resume(client: DurableClient): void {
    const properties = { sessionExpiryInterval: 1000 };
    this.#open(
      client,
      connectPacket(client.clientIdentifier, 5, { cleanStart: false, properties }),
    );
  }

  /** Sessions and retained messages go, and nothing is left on the disk. */
  #clearEverything(): void {
    const { core, broker } = this.#durable;
    for (const name of [...broker.sessions.keys()]) {
      core.connect(name, 5, { username: SOMEBODY }).disconnect();
    }
    const publisher = core.connect("publisher");
    for (const topicName of TOPICS) publisher.input(publishPacket(topicName, "", { retain: true }));
    publisher.disconnect();
    this.#step(() => this.#durable.settle());
    assert.equal(this.#durable.rowCount, 0, "rows of nothing");
  }
}

/** Runs one simulation (`runSeed`). */
export function simulateDurability(
  seed: number,
  sabotage?: DurabilitySabotage,
): DurabilityCounts {
  const durability = new Durability(seed, sabotage);
  runSeed(seed, durability.log, () => durability.run());
  return durability.counts;
}
