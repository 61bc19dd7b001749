/**
 * The journal on a simulated disk: random changes, faults and power cuts from a seed, compared with
 * a model of what has to be there afterwards.
 */
import assert from "node:assert/strict";
import type { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import { Random } from "../simulation/random.ts";
import { Core } from "../support/core.ts";
import { type Fault, PowerLoss, SimulatedDisk, SimulatedStore } from "../support/simulated_disk.ts";
import {
  Clocks,
  describeState,
  newMessage,
  newOutgoing,
  newSession,
  newSubscription,
  restore,
} from "./fixture.ts";

const SEEDS = 60;
const STEPS = 400;

/** One session as it has to be stored. */
interface Expected {
  session: Session;
  outgoing: Outgoing[];
  inbound: Set<number>;
  filters: Set<string>;
}

class Run {
  readonly random: Random;
  readonly clocks = new Clocks();
  readonly disk = new SimulatedDisk();
  core = new Core();
  store: SimulatedStore;
  sessions = new Map<string, Expected>();
  retained = new Map<string, string>();
  /** What is stored once a commit is reported, by its number, as text. */
  snapshots = new Map<number, string>();
  reported = "";
  /** The file was lost, and with it what was reported, until the next commit. */
  wasLost = false;
  powerLosses = 0;
  #messages = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.store = this.#open();
    this.reported = this.#describe();
  }

  #open(): SimulatedStore {
    const store = new SimulatedStore(this.disk, this.clocks, "full");
    store.journal.onCommitted = (number) => this.#committed(number);
    store.journal.onLost = () => this.#recordAll();
    store.nextFault = () => this.#fault();
    return store;
  }

  #fault(): Fault {
    const faults: Fault[] = ["full", "error", "gone", "damaged", "lostPower", "lostPowerAfter"];
    const fault = this.random.chance(0.2) ? this.random.pick(faults) : "none";
    if (fault === "gone") this.wasLost = true;
    return fault;
  }

  #committed(number: number): void {
    this.wasLost = false;
    for (const [known, snapshot] of this.snapshots) {
      if (known > number) continue;
      this.reported = snapshot;
      this.snapshots.delete(known);
    }
  }

  #recordAll(): void {
    const { journal } = this.store;
    for (const { session, outgoing, inbound, filters } of this.sessions.values()) {
      journal.saveSession(session);
      for (const filter of filters) journal.saveSubscription(newSubscription(session, filter));
      for (const each of outgoing) journal.addOutgoing(session, each);
      for (const identifier of inbound) journal.addInbound(session, identifier);
    }
    for (const [topic, payload] of this.retained) journal.saveRetained(newMessage(topic, payload));
    // The next batch has all of it, or the file stays as it was reported.
    this.snapshots = new Map([[journal.nextCommit, this.#describe()]]);
  }

  /** The model as `describeState` writes what is stored. */
  #describe(): string {
    const sessions: Record<string, string[]> = {};
    for (const [name, expected] of [...this.sessions].sort()) {
      const lines = expected.outgoing.map((each) => lineOf(each));
      sessions[name] = [
        ...[...expected.filters].sort().map((filter) => `filter ${filter} 1`),
        ...lines.filter((line) => line.includes(" id ")),
        ...lines.filter((line) => !line.includes(" id ")),
        ...[...expected.inbound].sort().map((identifier) => `inbound ${identifier}`),
      ];
    }
    const retained = [...this.retained].map(([topic, payload]) => `${topic}=${payload}`).sort();
    return JSON.stringify({ sessions, retained });
  }

  step(): void {
    if (this.random.chance(0.4)) {
      this.store.step();
      return;
    }
    const { journal } = this.store;
    const { recordings } = journal;
    this.#change();
    if (journal.recordings > recordings) this.snapshots.set(journal.nextCommit, this.#describe());
  }

  #change(): void {
    const { random } = this;
    const { journal } = this.store;
    const name = random.pick(["a", "b", "c", "d"]);
    const expected = this.sessions.get(name);
    if (expected === undefined) {
      const session = newSession(name, this.core);
      this.sessions.set(name, { session, outgoing: [], inbound: new Set(), filters: new Set() });
      return journal.saveSession(session);
    }
    const { session, outgoing, inbound, filters } = expected;
    const waiting = outgoing.length === 0 ? undefined : random.pick(outgoing);
    const identifier = random.below(3) + 1;
    const filter = random.pick(["f/1", "f/2"]);
    switch (random.below(12)) {
      case 0:
        this.sessions.delete(name);
        return journal.deleteSession(session);
      case 1:
      case 2:
      case 3:
        return this.#publish(random.below(3) + 1);
      case 4:
      case 5:
      case 6:
        if (waiting === undefined) return;
        outgoing.splice(outgoing.indexOf(waiting), 1);
        return journal.removeOutgoing(session, waiting);
      case 7:
        return this.#progress(session, outgoing);
      case 8:
        if (inbound.delete(identifier)) return journal.removeInbound(session, identifier);
        inbound.add(identifier);
        return journal.addInbound(session, identifier);
      case 9:
        if (filters.delete(filter)) {
          return journal.deleteSubscription(newSubscription(session, filter));
        }
        filters.add(filter);
        return journal.saveSubscription(newSubscription(session, filter));
      case 10:
        this.retained.set(filter, `${++this.#messages}`);
        return journal.saveRetained(newMessage(filter, `${this.#messages}`));
      default:
        this.retained.delete(filter);
        return journal.deleteRetained(filter);
    }
  }

  /** Messages are sent in the order in which they wait; any that was sent may be released. */
  #progress(session: Session, outgoing: Outgoing[]): void {
    const next = outgoing.find(({ packetIdentifier }) => packetIdentifier === 0);
    const sent = outgoing.filter(({ packetIdentifier }) => packetIdentifier !== 0);
    const changed = sent.length > 0 && this.random.chance(0.5) ? this.random.pick(sent) : next;
    if (changed === undefined) return;
    if (changed.packetIdentifier !== 0) changed.released = true;
    changed.packetIdentifier ||= ++this.#messages;
    this.store.journal.updateOutgoing(session, changed);
  }

  /** One message to some sessions. */
  #publish(count: number): void {
    const message = newMessage("t", `${++this.#messages}`);
    for (const { session, outgoing } of [...this.sessions.values()].slice(0, count)) {
      const each = newOutgoing(message);
      outgoing.push(each);
      this.store.journal.addOutgoing(session, each);
    }
  }

  /** Starts on what the disk holds, which has to be what was reported or the commit after that. */
  restart(): void {
    this.powerLosses++;
    const found = sorted(describeState(this.#readAll()));
    const allowed = [this.reported, ...this.snapshots.values()].slice(0, 2);
    if (!this.wasLost) assert.ok(allowed.includes(found), `${found} is none of ${allowed}`);
    this.core = new Core();
    this.store = this.#open();
    this.#adopt();
    this.wasLost = false;
    this.snapshots.clear();
    this.reported = this.#describe();
    assert.equal(this.reported, found);
  }

  #readAll() {
    return new SimulatedStore(this.disk, this.clocks, "full").state;
  }

  #adopt(): void {
    const { state, journal } = this.store;
    const details = describedParts(this.#readAll());
    this.sessions.clear();
    for (const [name, { session, outgoing }] of restore(state, journal, this.core)) {
      const { inbound, filters } = details.get(name) as { inbound: number[]; filters: string[] };
      this.sessions.set(name, {
        session,
        outgoing,
        inbound: new Set(inbound),
        filters: new Set(filters),
      });
    }
    this.retained = new Map(
      [...state.retained].map((
        { topicName, payload },
      ) => [topicName, new TextDecoder().decode(payload)]),
    );
  }
}

function describedParts(state: SimulatedStore["state"]) {
  return new Map(
    [...state.sessions].map((each) => [each.clientIdentifier, {
      inbound: [...each.inboundPacketIdentifiers],
      filters: each.subscriptions.map(({ topicFilter }) => topicFilter),
    }]),
  );
}

function lineOf({ message, packetIdentifier, released }: Outgoing): string {
  const payload = new TextDecoder().decode(message.payload);
  return `t=${payload} qos 1` + (packetIdentifier === 0 ? "" : ` id ${packetIdentifier}`) +
    (released ? " released" : "");
}

function sorted({ sessions, retained }: ReturnType<typeof describeState>): string {
  return JSON.stringify({
    sessions: Object.fromEntries(Object.entries(sessions).sort()),
    retained,
  });
}

Deno.test(`what was reported as committed survives faults and power cuts (${SEEDS} seeds)`, () => {
  let powerLosses = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) {
      try {
        run.step();
      } catch (error) {
        if (!(error instanceof PowerLoss)) throw new Error(`seed ${seed}`, { cause: error });
        run.restart();
      }
    }
    powerLosses += run.powerLosses;
  }
  assert.ok(powerLosses > SEEDS, `${powerLosses} power cuts`);
});
