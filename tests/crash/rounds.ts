/**
 * Rounds of the crash test: everybody works, the broker is killed at a random moment and started
 * again on the same data, everybody comes back, and what is there is compared with what was
 * acknowledged.
 *
 * Owns the order of events in a round, and the random numbers: one sequence for each task, so that
 * who comes first does not change what the others do. Invariant: a comparison is made only when
 * everybody has finished what the crash interrupted and the broker has nothing more to send.
 */

import { Random } from "../simulation/random.ts";
import type { CrashBroker } from "./brokers.ts";
import { Cast, type PublisherWithRole, type SubscriberWithHabit } from "./cast.ts";
import type { Findings } from "./findings.ts";
import { ConnectionLost } from "./ground.ts";
import type { Publication, Publisher } from "./publisher.ts";
import type { Subscriber } from "./subscriber.ts";

/** Packets that the broker sends before it is killed, at most. */
const LONGEST_ROUND = 6000;
/** How often it is killed very early in a round. */
const EARLY = 0.3;
/** How often it is killed once more while everybody comes back. */
const AGAIN = 0.25;
const LONGEST_RECOVERY = 1500;
/** Milliseconds between the last packet that is counted and the signal, at most. */
const LONGEST_DELAY_MS = 8;
const LARGEST_WINDOW = 20;
const SMALLEST_RECEIVE_MAXIMUM = 8;
const LARGEST_PAYLOAD = 400;

export class Rounds implements AsyncDisposable {
  readonly #broker: CrashBroker;
  readonly #seed: number;
  readonly #cast = new Cast();
  #round = 0;

  constructor(broker: CrashBroker, seed: number) {
    this.#broker = broker;
    this.#seed = seed;
  }

  get findings(): Findings {
    return this.#cast.findings;
  }

  /** Starts the broker for the first time; everybody connects and subscribes. */
  async begin(): Promise<void> {
    await this.#start();
    await this.#recover();
  }

  /** One round, after which the broker runs and everything has been compared. */
  async next(): Promise<void> {
    this.#round++;
    const random = this.#random("the kill");
    const packets = random.chance(EARLY)
      ? Math.ceil(LONGEST_ROUND ** random.fraction())
      : 1 + random.below(LONGEST_ROUND);
    await this.#workUntilKilled(packets, random);
    await this.#start();
    if (random.chance(AGAIN)) {
      await this.#recoverUntilKilled(1 + random.below(LONGEST_RECOVERY), random);
      await this.#start();
    }
    await this.#recover();
  }

  /** Kills the broker; nobody comes back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
  }

  // The broker.

  async #start(): Promise<void> {
    this.#cast.ground.begin(await this.#broker.start());
  }

  /** Kills the broker when so many packets have come, or when nobody has anything left to do. */
  async #killAfter(packets: number, random: Random): Promise<void> {
    const { ground } = this.#cast;
    const delayMs = random.fraction() * LONGEST_DELAY_MS;
    await ground.within(ground.packetsMore(packets), () => `${packets} packets from the broker`);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await this.#kill();
  }

  async #kill(): Promise<void> {
    const { ground, everybody, findings } = this.#cast;
    ground.kill();
    findings.checked.kills++;
    await this.#broker.kill();
    await Promise.all(everybody.map((peer) => peer.gone()));
  }

  // Work.

  async #workUntilKilled(packets: number, random: Random): Promise<void> {
    const { ground, publishers, retainedWriters, subscribers, churns, visitors, retained } =
      this.#cast;
    await all(subscribers.map((subscriber) => this.#takeUpHabit(subscriber)));
    await this.#cast.willWatcher.leave("DISCONNECT");
    const killed = this.#killAfter(packets, random);
    const work = [
      ...subscribers.filter(({ habit }) => habit === "comes and goes")
        .map(({ client }) => this.#comeAndGo(client)),
      ...publishers.map(({ client }) => this.#interrupt(client)),
      ...churns.map(async (churn) => {
        const own = this.#random(churn.client.clientIdentifier);
        while (!ground.isOver) await churn.changeOne(own);
      }),
      ...visitors.map(async (visitor) => {
        const own = this.#random(visitor.client.clientIdentifier);
        for (; !ground.isOver; await ground.packetsMore(own.below(50))) await visitor.visit(own);
      }),
    ];
    for (const publisher of publishers) {
      this.#startPublishing(publisher, (own) => this.#nextOfFlow(publisher, own));
    }
    for (const writer of retainedWriters) {
      this.#startPublishing(writer, (own) => retained.next(writer.name, writer.qos, own));
    }
    await all([killed, ...work.map(untilLost)]);
    for (const visitor of visitors) visitor.interrupt();
    for (const { client } of [...publishers, ...retainedWriters]) client.stop();
  }

  #startPublishing({ client }: PublisherWithRole, next: (random: Random) => Publication): void {
    const random = this.#random(client.clientIdentifier);
    client.start(() => next(random), 1 + random.below(LARGEST_WINDOW));
  }

  #nextOfFlow({ topics, qos, version }: PublisherWithRole, random: Random): Publication {
    const size = random.below(LARGEST_PAYLOAD);
    return this.#cast.flow.next(random.pick(topics), qos, size, version === 5);
  }

  async #takeUpHabit({ client, habit }: SubscriberWithHabit): Promise<void> {
    const random = this.#random(`${client.clientIdentifier}'s habit`);
    client.acknowledgesTogether = 1 + random.below(SMALLEST_RECEIVE_MAXIMUM);
    if (habit === "stays away") await client.leave(random.chance(0.5) ? "DISCONNECT" : "silently");
  }

  async #comeAndGo(client: Subscriber): Promise<void> {
    const { ground } = this.#cast;
    const random = this.#random(client.clientIdentifier);
    while (!ground.isOver) {
      await ground.packetsMore(random.below(400));
      await client.leave(random.chance(0.5) ? "DISCONNECT" : "silently");
      await ground.packetsMore(random.below(300));
      if (ground.isOver) return;
      await client.comeBack(this.#randomReceiveMaximum(random));
      client.acknowledgesTogether = 1 + random.below(SMALLEST_RECEIVE_MAXIMUM);
    }
  }

  /** Its connection breaks now and then, with messages in flight. */
  async #interrupt(client: Publisher): Promise<void> {
    const { ground } = this.#cast;
    const random = this.#random(`the connection of ${client.clientIdentifier}`);
    for (;;) {
      await ground.packetsMore(random.below(1000));
      if (ground.isOver) return;
      await client.leave("silently");
      await client.comeBack();
    }
  }

  // Recovery.

  /** Kills the broker once more, while everybody comes back. */
  async #recoverUntilKilled(packets: number, random: Random): Promise<void> {
    const killed = this.#killAfter(packets, random);
    const recovered = untilLost(this.#finish()).then(() => this.#cast.ground.end());
    await all([killed, recovered]);
    for (const visitor of this.#cast.visitors) visitor.interrupt();
  }

  async #recover(): Promise<void> {
    await this.#finish();
    const { flow, churns, visitors, retained } = this.#cast;
    flow.settle();
    for (const churn of churns) churn.check();
    for (const visitor of visitors) visitor.check();
    await retained.check("when everything was done");
  }

  /** Everybody comes back and does what is left to do. Throws `ConnectionLost`. */
  async #finish(): Promise<void> {
    const { receivers, senders, prober, churns, visitors, retained } = this.#cast;
    const random = this.#random("coming back");
    await retained.check("after the restart");
    const maxima = receivers.map(() => this.#randomReceiveMaximum(random));
    await all(receivers.map((receiver, index) => receiver.comeBack(maxima[index])));
    await all(senders.map((sender) => sender.comeBack()));
    await all(senders.map((sender) => sender.idle()));
    const looks = visitors.map(() => random.chance(0.5) ? "resuming" as const : "ending" as const);
    await all(visitors.map((visitor, index) => visitor.look(looks[index] ?? "ending")));
    await prober.startAfresh();
    for (const churn of churns) await churn.probe(prober);
    await prober.leave("DISCONNECT");
    await all(receivers.map((receiver) => receiver.quiet()));
  }

  #randomReceiveMaximum(random: Random): number {
    return SMALLEST_RECEIVE_MAXIMUM + random.below(40);
  }

  /** The numbers of one task in this round. */
  #random(task: string): Random {
    let hash = 0x811c9dc5;
    for (const letter of `${this.#seed} ${this.#round} ${task}`) {
      hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    }
    return new Random(hash);
  }
}

/** Waits for all, whatever becomes of each; then throws an error that is not `ConnectionLost`, or that. */
async function all(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  const reasons = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  const worst = reasons.find((reason) => !(reason instanceof ConnectionLost)) ?? reasons[0];
  if (worst !== undefined) throw worst;
}

/** A task that ends with the connection, as is to be expected when the broker is killed. */
async function untilLost(task: Promise<void>): Promise<void> {
  try {
    await task;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
}
