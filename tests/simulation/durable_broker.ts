/**
 * A broker on a simulated disk, and those that follow it when the power has failed.
 *
 * Owns the disk, the broker of the moment and every state that it has had. Invariant: what is on the
 * disk is one of these states, and not one from before what was promised, which is what a client has
 * seen acknowledged. What the journal says of its commits counts for nothing in this.
 */

import assert from "node:assert/strict";
import type { Broker } from "../../src/broker/broker.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import { recordAll } from "../../src/broker/record_all.ts";
import { restore } from "../../src/broker/restore.ts";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import type { SqliteJournal } from "../../src/storage/journal.ts";
import { Core } from "../support/core.ts";
import { type Fault, SimulatedDisk, SimulatedStore } from "../support/simulated_disk.ts";
import {
  checkRows,
  describeState,
  type DurableState,
  payloadOf,
  stateOfBroker,
  stateOfStored,
} from "./durable_state.ts";
import { type Effect, watchEffects } from "./effects.ts";
import { checkRestored } from "./restored_state.ts";

/** Breaks something on purpose, to see whether it is found. */
export interface StoreSabotage {
  /** Of each broker, before anything is restored. */
  journal?(journal: SqliteJournal): void;
  /** Of each broker, when everything is restored. */
  restored?(broker: Broker): void;
  /** In place of the real one. */
  recordAll?(broker: Broker): void;
}

/** What a packet did, and the number of the broker's state right after it. */
export interface Handled extends Effect {
  readonly position: number;
}

const FIRST_UNIX_MS = 1_800_000_000_000;

export class DurableBroker {
  readonly #limits: Partial<BrokerLimits>;
  readonly #sabotage: StoreSabotage;
  readonly #disk = new SimulatedDisk();
  core: Core;
  #store: SimulatedStore;
  /** What has to be added to the broker's clock to get Unix milliseconds. */
  #offsetMs = 0;
  /** States of this broker in order, the first as it was found on the disk. */
  #states: DurableState[] = [];
  #recordings = 0;
  /** What was acknowledged is in this state and all that follow. */
  #promised = 0;
  /** The disk was looked at since then. */
  #isChecked = true;
  /** The file was deleted, and a new one does not have everything yet. */
  #isFileLost = false;
  /** Attempts to write that have failed, one after the other. */
  #failures = 0;
  /** What the broker did in the call of `handle` that is going on. */
  #handled: Handled[] = [];
  nextFault: () => Fault = () => "none";
  onCommitted: (commit: number) => void = () => {};
  /** Files that were lost and recorded anew. */
  replacements = 0;

  constructor(limits: Partial<BrokerLimits>, sabotage: StoreSabotage) {
    this.#limits = limits;
    this.#sabotage = sabotage;
    [this.core, this.#store] = this.#start(FIRST_UNIX_MS, 1_000_000);
    this.#states.push(stateOfBroker(this.broker, this.#offsetMs));
  }

  get broker(): Broker {
    return this.core.broker;
  }
  get #unixMs(): number {
    return this.core.nowMs + this.#offsetMs;
  }

  // Running.

  /** The next thing happens between broker and disk. Throws `PowerLoss`. */
  work(): void {
    this.#store.step();
    // Of the last failure the journal may not have been told yet.
    if (this.#failures > 1) assert.equal(this.broker.journal.isWritable, false, "it takes nothing");
  }

  /** What the broker does, packet by packet, while `act` gives it some. */
  handle(act: () => void): Handled[] {
    this.#handled = [];
    act();
    this.note();
    return this.#handled.splice(0);
  }

  /** Notes down the state of now; returns its number. */
  note(): number {
    if (this.#recorded()) this.#states.push(stateOfBroker(this.broker, this.#offsetMs));
    return this.#states.length - 1;
  }

  #recorded(): boolean {
    const { recordings } = this.#store.journal;
    const isNew = recordings !== this.#recordings;
    this.#recordings = recordings;
    return isNew;
  }

  /** A client has seen an acknowledgement that covers the state of that number. */
  promise(position: number): void {
    if (position <= this.#promised) return;
    this.#promised = position;
    this.#isChecked = false;
  }

  // The disk.

  #fault(): Fault {
    const fault = this.nextFault();
    if (fault === "gone") this.#isFileLost = true;
    this.#failures = fault === "full" || fault === "error" ? this.#failures + 1 : 0;
    return fault;
  }

  #committed(commit: number): void {
    this.#isFileLost = false;
    this.onCommitted(commit);
  }

  #lost(broker: Broker): void {
    this.replacements++;
    (this.#sabotage.recordAll ?? recordAll)(broker);
  }

  /** The disk works, and everything gets there: it holds what the broker does, and nothing else. */
  settle(): void {
    this.nextFault = () => "none";
    this.#store.runToEnd();
    this.promise(this.note());
    const { journal, hasWork } = this.#store;
    assert.deepEqual([hasWork, journal.isWritable, journal.pendingCommit], [false, true, 0]);
    checkRows(this.#disk, this.broker);
    this.#checkDisk([stateOfBroker(this.broker, this.#offsetMs)]);
  }

  /** Were the power to fail now, nothing promised would be lost. */
  check(): void {
    if (this.#isFileLost || this.#isChecked) return;
    this.#isChecked = true;
    this.#checkDisk(this.#states.slice(this.#promised));
  }

  #checkDisk(allowed: readonly DurableState[]): DurableState {
    const { state } = new SimulatedStore(this.#disk, this.#clocks(() => this.core.nowMs), "full");
    const found = stateOfStored(state, this.#offsetMs);
    const lines = describeState(found, this.#unixMs);
    const text = lines.join("\n");
    const isKnown = allowed.some((each) => text === describeState(each, this.#unixMs).join("\n"));
    const last = allowed.at(-1) as DurableState;
    if (!isKnown) assert.deepEqual(lines, describeState(last, this.#unixMs), "what is on the disk");
    return found;
  }

  get rowCount(): number {
    return this.#disk.rows.size;
  }

  // Starting and ending.

  /** The power fails, and is back after `downMs`. True when everything was lost with the file. */
  restart(downMs: number, nowMs: number): boolean {
    this.note();
    const isEmpty = this.#isFileLost && this.#disk.rows.size === 0;
    const empty: DurableState = { sessions: [], retained: [], offsetMs: this.#offsetMs };
    const found = this.#checkDisk(isEmpty ? [empty] : this.#states.slice(this.#promised));
    this.#isFileLost = false;
    this.#failures = 0;
    this.#promised = 0;
    this.#states = [found];
    [this.core, this.#store] = this.#start(this.#unixMs + downMs, nowMs, found);
    this.#recorded();
    this.#states.push(stateOfBroker(this.broker, this.#offsetMs));
    return isEmpty;
  }

  #clocks(nowMs: () => number) {
    const offsetMs = this.#offsetMs;
    return { nowMs, wallMs: () => nowMs() + offsetMs };
  }

  #start(unixMs: number, nowMs: number, found?: DurableState): [Core, SimulatedStore] {
    this.#offsetMs = unixMs - nowMs;
    const clock: { core?: Core } = {};
    const store = new SimulatedStore(
      this.#disk,
      this.#clocks(() => clock.core?.nowMs ?? nowMs),
      "full",
    );
    const { journal } = store;
    this.#sabotage.journal?.(journal);
    const core = clock.core = new Core(this.#limits, journal);
    core.nowMs = nowMs;
    // Its messages are not to be stored.
    new SysTopics(core.broker, "version 1").update({ currentBytes: 0, maximumBytes: 0 });
    store.nextFault = () => this.#fault();
    journal.onCommitted = (commit) => this.#committed(commit);
    journal.onLost = () => this.#lost(core.broker);
    this.#restore(core, store, unixMs, found);
    watchEffects(core.broker, (effect) => {
      this.#handled.push({ ...effect, position: this.note() });
    });
    return [core, store];
  }

  #restore(core: Core, store: SimulatedStore, unixMs: number, found?: DurableState): void {
    const { broker } = core;
    const published: string[] = [];
    const publishMessage = broker.publishMessage.bind(broker);
    broker.publishMessage = (message, publisher) => {
      published.push(payloadOf(message));
      return publishMessage(message, publisher);
    };
    restore(broker, store.state, store.journal);
    broker.tick();
    broker.publishMessage = publishMessage;
    this.#sabotage.restored?.(broker);
    if (found === undefined) return;
    const start = { unixMs, published, events: core.events.lines };
    checkRestored(found, stateOfBroker(broker, this.#offsetMs), start);
  }
}
