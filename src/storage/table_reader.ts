/**
 * Reads the tables of a file as batches (`batch.ts`), in chunks.
 *
 * Owns the way through a damaged table: rows are asked for in order of their numbers, and where the
 * file cannot be read the next number is looked for from which it can. Rows whose checksum is wrong
 * are left out and counted.
 */

import { messageOf } from "../error_text.ts";
import type { DatabaseSync } from "node:sqlite";
import { Writer } from "../protocol/writer.ts";
import {
  BatchReader,
  Change,
  LARGE_ROW_BYTES,
  writeData,
  writeInbound,
  writeMessageKey,
  writeOutgoingKey,
  writeRetainedKey,
  writeSessionKey,
  writeSubscriptionKey,
} from "./batch.ts";
import { hasData, inboundSum, isIntact, progressSum } from "./checksum.ts";
import { failureKind, StoreDamagedError } from "./errors.ts";
import { INBOUND_PER_SESSION, numberOf, prepare } from "./schema.ts";

/** Rows that are asked for at once: at first, at most, and how many bytes they should have. */
const FIRST_ROWS = 16;
const ROWS_AT_ONCE = 2000;
const BYTES_AT_ONCE = 1024 * 1024;
/** What so small a file has can be in memory at once: then the sizes of rows are not looked at. */
const SMALL_FILE_BYTES = 64 * BYTES_AT_ONCE;
const CHUNK_BYTES = 256 * 1024;
const FIRST_CHUNK_BYTES = 4096;

type Row = Record<string, unknown>;

interface Table {
  readonly name: string;
  /** Columns besides `id`. */
  readonly columns: string;
  write(writer: Writer, row: Row): void;
}

/** In the order in which they are read: what others refer to comes first. */
const TABLES: readonly Table[] = [
  {
    name: "session",
    columns: "client_identifier, data",
    write(writer, row) {
      writeSessionKey(writer, asNumber(row["id"]), asText(row["client_identifier"]));
      writeData(writer, asBytes(row["data"]));
    },
  },
  {
    name: "subscription",
    columns: "session, topic_filter, data",
    write(writer, row) {
      writeSubscriptionKey(writer, asNumber(row["session"]), asText(row["topic_filter"]));
      writeData(writer, asBytes(row["data"]));
    },
  },
  {
    name: "inbound",
    columns: "sum",
    write(writer, row) {
      const id = asNumber(row["id"]);
      checkSum(row, inboundSum(id));
      const session = Math.floor(id / INBOUND_PER_SESSION);
      writeInbound(writer, Change.PutInbound, session, id % INBOUND_PER_SESSION);
    },
  },
  {
    name: "message",
    columns: "data",
    write(writer, row) {
      writeMessageKey(writer, asNumber(row["id"]));
      writeData(writer, asBytes(row["data"]));
    },
  },
  {
    name: "retained",
    columns: "topic_name, data",
    write(writer, row) {
      writeRetainedKey(writer, asText(row["topic_name"]));
      writeData(writer, asBytes(row["data"]));
    },
  },
  {
    name: "outgoing",
    columns: "session, message, packet_identifier, released, sum, data",
    write(writer, row) {
      const session = asNumber(row["session"]);
      const packetIdentifier = asNumber(row["packet_identifier"]);
      const released = asNumber(row["released"]);
      const message = asNumber(row["message"]);
      const id = asNumber(row["id"]);
      checkSum(row, progressSum(id, packetIdentifier, released));
      writeOutgoingKey(writer, id, session, message, packetIdentifier, released === 1);
      writeData(writer, asBytes(row["data"]));
    },
  },
];

function asNumber(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new StoreDamagedError("a row has something else where a number should be");
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new StoreDamagedError("a row has something else where text should be");
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new StoreDamagedError("a row has something else where bytes should be");
}

function checkSum(row: Row, sum: number): void {
  if (row["sum"] !== sum) throw new StoreDamagedError("a row has a wrong checksum");
}

/** How many rows like these to ask for next. */
function nextCount(rows: readonly Row[]): number {
  const bytes = rows.reduce(
    (sum, { data }) => sum + (data instanceof Uint8Array ? data.length : 0),
    0,
  );
  const fitting = Math.floor(BYTES_AT_ONCE * rows.length / Math.max(bytes, 1));
  return Math.min(Math.max(fitting, 1), rows.length * 4, ROWS_AT_ONCE);
}

/** What was found damaged, and left out. */
export interface Damage {
  /** Rows whose checksum or form is wrong. */
  rows: number;
  /** Stretches of a table that could not be read; how many rows they had is unknown. */
  gaps: number;
  /** The first error, in words. */
  reason: string;
}

export type Emit = (chunk: Uint8Array<ArrayBuffer>) => void;

/**
 * Reads one file once. `lenient`: goes round what cannot be read; otherwise `StoreDamagedError` is
 * thrown at the first of it.
 */
export class TableReader {
  readonly damage: Damage = { rows: 0, gaps: 0, reason: "" };
  readonly #database: DatabaseSync;
  readonly #isLenient: boolean;
  readonly #emit: Emit;
  readonly #smallFileBytes: number;
  #isSmall = false;
  /** Large rows come in chunks of their own, which are not kept for the sake of a small one. */
  readonly #small = new ChunkWriter();
  readonly #large = new ChunkWriter();

  /** `smallFileBytes`: files below it are read without looking at the sizes of rows first. */
  constructor(
    database: DatabaseSync,
    emit: Emit,
    isLenient: boolean,
    smallFileBytes: number = SMALL_FILE_BYTES,
  ) {
    this.#smallFileBytes = smallFileBytes;
    this.#database = database;
    this.#emit = emit;
    this.#isLenient = isLenient;
  }

  readAll(): void {
    for (const _step of this.steps()) {
      // Nobody waits for the steps.
    }
  }

  /** Reads everything in steps, for a caller that has other things to do in between. */
  *steps(): Generator<void> {
    const pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    this.#isSmall = numberOf(this.#database, pages) < this.#smallFileBytes;
    for (const table of TABLES) {
      yield* this.#readTable(table);
      // What follows may refer to it.
      this.#flush(this.#large);
      this.#flush(this.#small);
    }
  }

  *#readTable(table: Table): Generator<void> {
    let last = -1;
    let count = FIRST_ROWS;
    for (;;) {
      let rows: Row[];
      try {
        count = this.#fittingCount(table, last, count);
        rows = this.#rowsAfter(table, last, count);
      } catch (error) {
        this.#noteUnreadable(table, error);
        // One by one up to the damage, then on behind it.
        const next = yield* this.#creep(table, last);
        if (next === undefined) return;
        last = next;
        continue;
      }
      for (const row of rows) this.#write(table, row);
      if (rows.length < count) return;
      last = asNumber(rows[rows.length - 1]?.["id"]);
      count = nextCount(rows);
      yield;
    }
  }

  /** Of `count` rows after `row`, so many as have `BYTES_AT_ONCE`, and one at least. */
  #fittingCount({ name, columns }: Table, row: number, count: number): number {
    if (this.#isSmall || !columns.endsWith("data")) return count;
    const statement = prepare(
      this.#database,
      `SELECT length(data) AS bytes FROM ${name} WHERE id > ? ORDER BY id LIMIT ?`,
    );
    let sum = 0;
    let fitting = 0;
    for (const { bytes } of statement.all(row, count)) {
      sum += Number(bytes);
      if (sum > BYTES_AT_ONCE) return Math.max(fitting, 1);
      fitting++;
    }
    return count;
  }

  #rowsAfter(table: Table, row: number, count: number): Row[] {
    const statement = prepare(
      this.#database,
      `SELECT id, ${table.columns} FROM ${table.name} WHERE id > ? ORDER BY id LIMIT ?`,
    );
    const rows = statement.all(row, count);
    // Where pages are mixed up SQLite may go back, and would do so for ever.
    let last = row;
    for (const { id } of rows) {
      if (asNumber(id) <= last) throw new StoreDamagedError("its rows are not in order");
      last = asNumber(id);
    }
    return rows;
  }

  #noteUnreadable(table: Table, error: unknown): void {
    if (!this.#isLenient) {
      if (failureKind(error) !== "damaged") throw error;
      throw new StoreDamagedError(`table '${table.name}' cannot be read: ${messageOf(error)}`);
    }
    this.damage.gaps++;
    this.damage.reason ||= `table '${table.name}': ${messageOf(error)}`;
  }

  /**
   * Reads single rows after `start` until one cannot be read. Returns the row number after which
   * the table can be read again; undefined when there is none.
   */
  *#creep(table: Table, start: number): Generator<void, number | undefined> {
    let last = start;
    for (let read = 0; read < ROWS_AT_ONCE; read++) {
      try {
        const [row] = this.#rowsAfter(table, last, 1);
        if (row === undefined) return undefined;
        this.#write(table, row);
        last = asNumber(row["id"]);
      } catch {
        return this.#afterGap(table, last);
      }
      if (read % 100 === 0) yield;
    }
    return last;
  }

  /** The first row number after `row` from which the table can be read; undefined: none. */
  #afterGap(table: Table, row: number): number | undefined {
    let unreadable = row;
    let step = 1;
    while (!this.#canRead(table, unreadable + step)) {
      unreadable += step;
      step *= 2;
      if (unreadable + step > Number.MAX_SAFE_INTEGER) return undefined;
    }
    let readable = unreadable + step;
    while (readable - unreadable > 1) {
      const middle = Math.floor((readable + unreadable) / 2);
      if (this.#canRead(table, middle)) readable = middle;
      else unreadable = middle;
    }
    return readable;
  }

  #canRead(table: Table, row: number): boolean {
    try {
      this.#rowsAfter(table, row, 1);
      return true;
    } catch {
      return false;
    }
  }

  #write(table: Table, row: Row): void {
    const { data } = row;
    const isLarge = data instanceof Uint8Array && data.length >= LARGE_ROW_BYTES;
    const chunk = isLarge ? this.#large : this.#small;
    // A very large one alone: it is not even copied by who gets it.
    if (isLarge && data.length > CHUNK_BYTES) this.#flush(chunk);
    const { writer } = chunk;
    const start = writer.length;
    try {
      table.write(writer, row);
      const reader = new BatchReader(writer.written(), start);
      reader.next();
      if (hasData(reader.change) && !isIntact(reader)) {
        throw new StoreDamagedError(`table '${table.name}' has a row with a wrong checksum`);
      }
    } catch (error) {
      if (!this.#isLenient) {
        throw new StoreDamagedError(`table '${table.name}': ${messageOf(error)}`);
      }
      writer.length = start;
      this.damage.rows++;
      this.damage.reason ||= messageOf(error);
    }
    if (writer.length > CHUNK_BYTES) this.#flush(chunk);
  }

  #flush(chunk: ChunkWriter): void {
    if (chunk.writer.length > 0) this.#emit(chunk.take());
  }
}

/** A chunk that grows. */
class ChunkWriter {
  writer = new Writer(FIRST_CHUNK_BYTES);

  /** The chunk, whose buffer is the receiver's; another begins. */
  take(): Uint8Array<ArrayBuffer> {
    const chunk = this.writer.written().slice();
    if (this.writer.bytes.length > CHUNK_BYTES * 4) this.writer = new Writer(FIRST_CHUNK_BYTES);
    else this.writer.length = 0;
    return chunk;
  }
}
