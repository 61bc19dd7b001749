/**
 * A disk for the journal that fails, stalls and loses power when a test says so, without worker,
 * file or time.
 *
 * `SimulatedDisk` owns what is durable and outlives crashes. `SimulatedStore` is one run of a broker
 * on it: journal, the worker's service and what waits to happen between them, which happens only in
 * `step()`. Invariant: a batch is on the disk as a whole or not at all.
 */

import { messageOf } from "../../src/error_text.ts";
import { BatchReader, Change, writeData, writeOutgoingKey } from "../../src/storage/batch.ts";
import { hasData, isIntact, sealData } from "../../src/storage/checksum.ts";
import { noCounts } from "../../src/storage/counts.ts";
import { StoreDamagedError, StoreGoneError } from "../../src/storage/errors.ts";
import { SqliteJournal } from "../../src/storage/journal.ts";
import type { FromWorker } from "../../src/storage/messages.ts";
import type { StoreFile } from "../../src/storage/store_file.ts";
import { StoreService } from "../../src/storage/store_service.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { Writer } from "../../src/protocol/writer.ts";

/** What happens to one attempt to write a batch. */
export type Fault =
  | "none"
  /** The disk is full: nothing is written. */
  | "full"
  /** The disk reports an error; nothing is written. */
  | "error"
  /** The file was deleted: what it held is gone. */
  | "gone"
  /** SQLite does not get on with the file any more, though a start can read all of it. */
  | "damaged"
  /** The power fails before the batch is on the disk. */
  | "lostPower"
  /** The power fails when a part of the batch is in the log. */
  | "torn"
  /** The power fails when the batch is on the disk and nobody has been told. */
  | "lostPowerAfter";

/** The power is gone: only a new `SimulatedStore` on the same disk goes on. */
export class PowerLoss extends Error {}

/** A batch on its way to the rows, as a log of changes has it. */
interface LogRecord {
  readonly announcedBytes: number;
  readonly bytes: Uint8Array;
}

/** What is durable: each row as the change that puts it there, and a log of what is to follow. */
export class SimulatedDisk {
  rows = new Map<string, Uint8Array<ArrayBuffer>>();
  #log: LogRecord[] = [];

  /** Writes a batch, or the first `count` bytes of it. It counts when it is there as a whole. */
  write(batch: Uint8Array, count = batch.length): void {
    this.#log.push({ announcedBytes: batch.length, bytes: batch.slice(0, count) });
  }

  /** Carries out what is in the log, and drops what is there in part. */
  applyLog(): void {
    for (const { announcedBytes, bytes } of this.#log.splice(0)) {
      if (bytes.length === announcedBytes) this.#apply(bytes);
    }
  }

  /** The file is gone. */
  clear(): void {
    this.rows.clear();
    this.#log = [];
  }

  #apply(batch: Uint8Array): void {
    const reader = new BatchReader(batch);
    for (let start = 0; reader.next(); start = reader.position) {
      if (hasData(reader.change)) sealData(reader);
      this.#applyChange(reader, reader.bytes.slice(start, reader.position));
    }
  }

  #applyChange(reader: BatchReader, bytes: Uint8Array<ArrayBuffer>): void {
    const { change, row, text } = reader;
    switch (change) {
      case Change.PutSession:
        return this.#put(`session ${row}`, bytes);
      case Change.PutSubscription:
        return this.#put(`of ${row} subscription ${text}`, bytes);
      case Change.PutInbound:
        return this.#put(`of ${row} inbound ${reader.packetIdentifier}`, bytes);
      case Change.PutMessage:
        return this.#put(`message ${row}`, bytes);
      case Change.PutOutgoing:
        return this.#put(`outgoing ${row}`, bytes);
      case Change.PutRetained:
        return this.#put(`retained ${text}`, bytes);
      case Change.UpdateOutgoing:
        return this.#update(`outgoing ${row}`, reader);
      case Change.DeleteSession:
        return this.#deleteSession(row);
      case Change.DeleteSubscription:
        return this.#delete(`of ${row} subscription ${text}`);
      case Change.DeleteInbound:
        return this.#delete(`of ${row} inbound ${reader.packetIdentifier}`);
      case Change.DeleteMessage:
        return this.#delete(`message ${row}`);
      case Change.DeleteOutgoing:
        return this.#delete(`outgoing ${row}`);
      case Change.DeleteRetained:
        return this.#delete(`retained ${text}`);
    }
  }

  #put(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.rows.set(key, bytes);
  }
  #delete(key: string): void {
    this.rows.delete(key);
  }
  #deleteSession(row: number): void {
    this.rows.delete(`session ${row}`);
    for (const key of this.rows.keys()) if (key.startsWith(`of ${row} `)) this.rows.delete(key);
  }
  #update(key: string, { row, packetIdentifier, released }: BatchReader): void {
    const bytes = this.rows.get(key);
    if (bytes === undefined) return;
    const old = new BatchReader(bytes);
    old.next();
    const writer = new Writer(bytes.length);
    writeOutgoingKey(writer, row, old.session, old.message, packetIdentifier, released);
    writeData(writer, old.data);
    this.rows.set(key, writer.written().slice());
  }

  /** In the order in which a file is read. */
  load(emit: (chunk: Uint8Array<ArrayBuffer>) => void): void {
    this.applyLog();
    for (const kind of ["session", "of", "message", "retained", "outgoing"]) {
      const keys = [...this.rows.keys()].filter((key) => key.startsWith(`${kind} `));
      if (kind === "outgoing") keys.sort((one, other) => rowIn(one) - rowIn(other));
      for (const key of keys) emit(checked(this.rows.get(key) as Uint8Array<ArrayBuffer>));
    }
  }
}

function rowIn(key: string): number {
  return Number(key.split(" ")[1]);
}

function checked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const reader = new BatchReader(bytes);
  reader.next();
  if (hasData(reader.change) && !isIntact(reader)) throw new StoreDamagedError("wrong checksum");
  return bytes.slice();
}

/** The disk as the service sees it while it has the file open. */
class SimulatedFile implements StoreFile {
  readonly counters = { commits: 0, bytesWritten: 0, fileBytes: 0 };
  readonly #disk: SimulatedDisk;
  readonly #nextFault: () => Fault;

  constructor(disk: SimulatedDisk, nextFault: () => Fault) {
    this.#disk = disk;
    this.#nextFault = nextFault;
  }

  apply(batch: Uint8Array): void {
    const fault = this.#nextFault();
    if (fault === "full") throw new Error("database or disk is full");
    if (fault === "error") throw new Error("disk I/O error");
    if (fault === "gone") this.#disk.clear();
    if (fault === "gone") throw new StoreGoneError("it was deleted");
    if (fault === "damaged") throw new StoreDamagedError("it is malformed");
    if (fault === "torn") this.#disk.write(batch, batch.length >> 1);
    if (fault === "torn" || fault === "lostPower") throw new PowerLoss();
    this.#disk.write(batch);
    this.#disk.applyLog();
    this.counters.commits++;
    this.counters.bytesWritten += batch.length;
    if (fault === "lostPowerAfter") throw new PowerLoss();
  }
  tidyUp(): boolean {
    return false;
  }
  close(): void {}
}

/** A new file in place of the one there is, as a whole or not at all. */
function replaceOn(disk: SimulatedDisk, batch: Uint8Array, nextFault: () => Fault): SimulatedFile {
  const fault = nextFault();
  if (fault === "full") throw new Error("database or disk is full");
  if (fault === "error" || fault === "damaged") throw new Error("disk I/O error");
  if (fault === "torn" || fault === "lostPower") throw new PowerLoss();
  disk.clear();
  if (fault === "gone") throw new StoreGoneError("it was deleted");
  disk.write(batch);
  disk.applyLog();
  if (fault === "lostPowerAfter") throw new PowerLoss();
  return new SimulatedFile(disk, nextFault);
}

export interface SimulationClocks {
  nowMs(): number;
  wallMs(): number;
}

export class SimulatedStore {
  readonly journal: SqliteJournal;
  readonly state: LoadedState;
  /** Asked before each attempt to write. */
  nextFault: () => Fault = () => "none";
  readonly #service: StoreService;
  readonly #clocks: SimulationClocks;
  /** What waits to happen, in order of its time. */
  #waiting: { readonly dueMs: number; readonly action: () => void }[] = [];
  /** Time that was skipped because nothing was to happen before. */
  #skippedMs = 0;
  #hasPower = true;

  constructor(disk: SimulatedDisk, clocks: SimulationClocks, durability: "full" | "relaxed") {
    this.#clocks = clocks;
    const later = (action: () => void, delayMs = 0) => this.#later(action, delayMs);
    this.journal = new SqliteJournal({
      nowMs: () => this.#nowMs,
      wallMs: () => clocks.wallMs() + this.#skippedMs,
      durability,
      commitIntervalMs: 0,
      port: { commit: (batch) => void later(() => this.#service.commit(batch)) },
      schedule: later,
      soon: later,
    });
    this.state = new LoadedState(this.journal.changes, () => this.journal.recorded());
    const file = () => new SimulatedFile(disk, () => this.#takeFault());
    this.#service = new StoreService({
      open: (load) => {
        if (load !== undefined) disk.load(load);
        return { file: file(), report: { isNew: false, repair: undefined } };
      },
      loadOnly: () => undefined,
      replace: ({ reason }, batch) => {
        const damage = { rows: 0, gaps: 0, reason: "" };
        const repair = { reason, setAsideAs: undefined, recovered: noCounts(), damage };
        return { file: replaceOn(disk, batch, () => this.#takeFault()), repair };
      },
      describe: messageOf,
      post: (message) => this.#receive(message, later),
      after: (delayMs, action) => later(action, delayMs),
    });
    this.#service.open();
    const offsetMs = clocks.wallMs() - clocks.nowMs();
    this.state.complete({ offsetMs, nowMs: clocks.nowMs() });
  }

  #takeFault(): Fault {
    const fault = this.nextFault();
    if (fault === "torn" || fault.startsWith("lostPower")) this.#hasPower = false;
    return fault;
  }

  get #nowMs(): number {
    return this.#clocks.nowMs() + this.#skippedMs;
  }

  #later(action: () => void, delayMs: number): () => void {
    const entry = { dueMs: this.#nowMs + delayMs, action };
    const next = this.#waiting.findIndex(({ dueMs }) => dueMs > entry.dueMs);
    this.#waiting.splice(next < 0 ? this.#waiting.length : next, 0, entry);
    return () => this.#waiting = this.#waiting.filter((each) => each !== entry);
  }

  /** What is loaded comes at once; answers to batches come in their turn. */
  #receive(message: FromWorker, later: (action: () => void) => void): void {
    if (message.kind === "chunk") this.state.add(message.chunk);
    else if (message.kind === "committed") later(() => this.journal.committed());
    else if (message.kind === "writeFailed") later(() => this.journal.writeFailed(message.reason));
    else if (message.kind === "lost") later(() => this.journal.lost());
  }

  get hasWork(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Lets the next thing happen, whenever it is due: a batch is sent, written, answered. Throws
   * `PowerLoss` when the power fails in it. False: nothing waits.
   */
  step(): boolean {
    const next = this.#waiting.shift();
    this.#skippedMs += Math.max(0, (next?.dueMs ?? 0) - this.#nowMs);
    next?.action();
    if (!this.#hasPower) {
      this.#waiting = [];
      throw new PowerLoss("The power is gone");
    }
    return next !== undefined;
  }

  /** Lets everything happen that waits; a disk that fails for ever is given up after a while. */
  runToEnd(mostSteps = 10_000): void {
    for (let done = 0; this.hasWork && done < mostSteps; done++) this.step();
  }
}
