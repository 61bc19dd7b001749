/**
 * A simulation of the synchronous core: clients that come, go, subscribe, publish, acknowledge late,
 * out of order, twice or never, and lie, on fake links, checked after every step against the model.
 *
 * Owns the broker, the model and the clients of one run. Everything follows from the seed. Each
 * step takes one millisecond more than whole seconds, so that no two deadlines coincide.
 */

import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import type { Session } from "../../src/broker/session.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { describePacket } from "../support/packet_text.ts";
import { checkClient, checkEmpty, checkState } from "./checker.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { Model, ModelProtocolError } from "./model.ts";
import type { ModelSession } from "./model_session.ts";
import type { ModelLimits } from "./model_types.ts";
import { Operations } from "./operations.ts";
import { Random } from "./random.ts";
import { runSeed } from "./run.ts";

const CLIENTS = ["c0", "c1", "c2", "c3", "c4", "c5"];
/** Fewer than a second has milliseconds: see above. */
const STEPS = 400;

/** Breaks something on purpose, to see whether the check finds it. */
export interface Sabotage {
  session?(session: Session): void;
  client?(client: FakeClient): void;
}

export class Simulation {
  readonly #random: Random;
  readonly #core: Core;
  readonly #model: Model;
  readonly #operations: Operations;
  readonly #limits: ModelLimits;
  readonly #sabotage: Sabotage;
  /** The latest connection of each client. */
  readonly #clients = new Map<string, FakeClient>();
  readonly #watched = new WeakSet<Session>();
  /** What each client got in this step. */
  #received = new Map<string, Packet[]>();
  /** Keeps what has to survive; compared with the core after every step. */
  readonly journal = new MemoryJournal();
  /** What was done, for whoever has to find out why it failed. */
  readonly log: string[] = [];

  constructor(seed: number, sabotage: Sabotage = {}) {
    const random = this.#random = new Random(seed);
    this.#sabotage = sabotage;
    this.#limits = {
      maximumQueuedMessages: random.pick([3, 8, 1000]),
      queueOverflow: random.pick(["drop_newest", "drop_oldest", "disconnect"]),
      queueQoS0Messages: random.chance(0.5),
      receiveMaximum: 6,
      maximumInflightMessages: random.pick([2, 1000]),
      persistentClientExpirationMs: 20_000,
    };
    this.#core = new Core(
      { ...this.#limits, topicTableCapacity: random.pick([4, 1000]) },
      this.journal,
    );
    this.#model = new Model(this.#limits, this.#core.nowMs);
    this.#operations = new Operations(random, this.#limits.queueOverflow === "disconnect");
    this.#model.retainedOrder = (topicFilter) =>
      this.#core.broker.retained.match(topicFilter).map(({ topic }) => topic.name);
    this.log.push(JSON.stringify(this.#limits));
  }

  /** Throws where broker and model differ. */
  run(): void {
    for (let step = 0; step < STEPS; step++) this.#step(() => this.#act());
    for (const clientIdentifier of CLIENTS) {
      const session = this.#model.sessions.get(clientIdentifier);
      if (session?.isOnline) this.#step(() => this.#lose(session));
    }
    this.#step(() => this.#advance(1_000_000));
    checkEmpty(this.#core);
  }

  #step(act: () => void): void {
    this.#core.nowMs++;
    this.#model.nowMs++;
    this.#received = new Map();
    act();
    this.#core.broker.settle();
    for (const [clientIdentifier, client] of this.#clients) {
      this.#collect(clientIdentifier, client.received());
    }
    for (const clientIdentifier of CLIENTS) {
      checkClient(this.#model, clientIdentifier, this.#received.get(clientIdentifier) ?? []);
    }
    checkState(this.#model, this.#core);
    this.journal.check(this.#core.broker);
    if (this.#model.picks.length > 0) {
      throw new Error(`chosen without need: ${JSON.stringify(this.#model.picks)}`);
    }
    for (const session of [...this.#model.sessions.values(), ...this.#model.ended]) {
      session.expected = [];
      session.expectedControl = [];
      session.drops = [];
    }
    this.#model.ended = [];
  }

  #collect(clientIdentifier: string, packets: Packet[]): void {
    const before = this.#received.get(clientIdentifier) ?? [];
    this.#received.set(clientIdentifier, [...before, ...packets]);
  }

  #act(): void {
    const random = this.#random;
    const online = [...this.#model.sessions.values()].filter(({ isOnline }) => isOnline);
    const dice = random.below(100);
    if (dice < 10) return this.#advance(1000 * (1 + random.below(15)));
    if (dice < 22 || online.length === 0) return this.#connect();
    const session = random.pick(online);
    if (dice < 34) return this.#subscribe(session);
    if (dice < 60) return this.#send(session, this.#publishes(session));
    if (dice < 80) {
      const count = 1 + random.below(4);
      return this.#send(
        session,
        random.several(count, () => this.#operations.acknowledge(session)),
      );
    }
    if (dice < 88) return this.#congest(session, !session.isCongested || random.chance(0.2));
    if (dice < 92) return this.#lose(session);
    if (dice < 95) return this.#disconnect(session);
    if (dice < 97) return this.#lie(session);
    return this.#send(session, [this.#operations.unsubscribe(session)]);
  }

  /**
   * Retained messages that cannot be sent at once are those of the time when they can, which the
   * model does not know: a client that would have to wait for them does not ask for them.
   */
  #subscribe(session: ModelSession): void {
    const isQuick = session.isReady && session.sendQuota > 3 * this.#model.retained.size;
    if (!isQuick && session.version !== 5) return;
    this.#send(session, [this.#operations.subscribe(session, isQuick ? undefined : 2)]);
  }

  /** PUBLISH packets of one buffer, with subscriptions that change in between. */
  #publishes(session: ModelSession): Packet[] {
    // Where a full queue disconnects, the broker may notice at the end of the buffer.
    const most = this.#limits.queueOverflow === "disconnect" ? 1 : 6;
    return this.#random.several(1 + this.#random.below(most), (): Packet => {
      const dice = session.version === 5 && most > 1 ? this.#random.below(20) : 2;
      if (dice === 0) return this.#operations.subscribe(session, 2);
      if (dice === 1) return this.#operations.unsubscribe(session);
      return this.#operations.publish(session);
    });
  }

  #clientOf({ clientIdentifier }: ModelSession): FakeClient {
    return this.#clients.get(clientIdentifier) as FakeClient;
  }

  #connect(): void {
    const clientIdentifier = this.#random.pick(CLIENTS);
    const packet = this.#operations.connect(clientIdentifier);
    this.log.push(describePacket(packet));
    const previous = this.#clients.get(clientIdentifier);
    const client = this.#core.open(packet.protocolVersion);
    client.connect(packet);
    if (previous !== undefined) this.#collect(clientIdentifier, previous.received());
    if (client.connack !== undefined) this.#collect(clientIdentifier, [client.connack]);
    this.#clients.set(clientIdentifier, client);
    this.#watch(client);
    this.#model.connect(packet);
  }

  /** Notes which member of a shared subscription the broker chooses. */
  #watch(client: FakeClient): void {
    const { session } = client;
    this.#sabotage.client?.(client);
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    this.#sabotage.session?.(session);
    const { clientIdentifier } = session;
    const deliver = session.deliver.bind(session);
    session.deliver = (message, qos, retain, subscriptionIdentifiers, group) => {
      if (group !== undefined) {
        this.#model.picks.push({ shareName: group.shareName, clientIdentifier });
      }
      deliver(message, qos, retain, subscriptionIdentifiers, group);
    };
  }

  #send(session: ModelSession, packets: readonly Packet[]): void {
    const { clientIdentifier } = session;
    this.log.push(`${clientIdentifier} sends ${packets.map(describePacket).join("; ")}`);
    this.#clientOf(session).input(...packets);
    try {
      for (const packet of packets) if (session.isOnline) this.#modelReceives(session, packet);
    } catch (error) {
      if (!(error instanceof ModelProtocolError)) throw error;
      this.#model.close(session, error.reasonCode);
    }
  }

  #modelReceives(session: ModelSession, packet: Packet): void {
    switch (packet.type) {
      case PacketType.Publish:
        return this.#model.receivePublish(session, packet);
      case PacketType.Subscribe:
        return this.#model.subscribe(session, packet);
      case PacketType.Unsubscribe:
        return this.#model.unsubscribe(session, packet.packetIdentifier, packet.topicFilters);
      case PacketType.Puback:
      case PacketType.Pubrec:
      case PacketType.Pubrel:
      case PacketType.Pubcomp: {
        const { type, packetIdentifier, reasonCode } = packet;
        return this.#model.acknowledge(session, type, packetIdentifier, reasonCode);
      }
      default:
        throw new Error(`the model knows no ${describePacket(packet)}`);
    }
  }

  #congest(session: ModelSession, isCongested: boolean): void {
    this.log.push(`${session.clientIdentifier} ${isCongested ? "reads no more" : "reads again"}`);
    const client = this.#clientOf(session);
    client.link.isCongested = session.isCongested = isCongested;
    if (isCongested) return;
    client.drain();
    session.pump();
  }

  #lose(session: ModelSession): void {
    this.log.push(`${session.clientIdentifier} is lost`);
    this.#clientOf(session).lose();
    this.#model.connectionLost(session);
  }

  #disconnect(session: ModelSession): void {
    const isFive = session.version === 5;
    const reasonCode = isFive && this.#random.chance(0.3) ? 0x04 : 0x00;
    const expiry = isFive && session.expiryMs > 0
      ? this.#random.pick([undefined, 0, 5])
      : undefined;
    this.log.push(`${session.clientIdentifier} disconnects: ${reasonCode}, expiry ${expiry}`);
    const properties = expiry === undefined ? {} : { sessionExpiryInterval: expiry };
    this.#clientOf(session).disconnect(reasonCode, properties);
    if (reasonCode === 0) session.will = undefined;
    if (expiry !== undefined) session.expiryMs = expiry * 1000;
    this.#model.connectionLost(session);
  }

  #lie(session: ModelSession): void {
    const { name, bytes, reasonCode } = this.#operations.lie(session);
    this.log.push(`${session.clientIdentifier} lies: ${name}`);
    this.#clientOf(session).inputBytes(bytes);
    this.#model.close(session, reasonCode);
  }

  #advance(milliseconds: number): void {
    this.log.push(`${milliseconds} ms go by`);
    this.#model.nowMs += milliseconds;
    this.#core.advance(milliseconds);
    this.#model.tick();
  }
}

/** Runs one simulation (`runSeed`). */
export function simulate(seed: number, sabotage?: Sabotage): void {
  const simulation = new Simulation(seed, sabotage);
  runSeed(seed, simulation.log, () => simulation.run());
}
