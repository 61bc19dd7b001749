/**
 * Looks into a store's file without a broker: sessions, their messages, retained messages.
 *
 * Owns what of the file is in memory: everything is read in one transaction, which is over before
 * anything is handed out (a reader that waits for its user would make the log of a running broker
 * grow), but only what is wanted is kept. Changes nothing. What has expired is there as long as the
 * file has it.
 */

import { messageOf } from "../error_text.ts";
import { DatabaseSync } from "node:sqlite";
import type { WillMessage } from "../broker/will.ts";
import { PacketType, type Properties, type ProtocolVersion, type QoS } from "../protocol/packet.ts";
import { NO_PROPERTIES, readProperties } from "../protocol/property.ts";
import { Reader } from "../protocol/reader.ts";
import { Writer } from "../protocol/writer.ts";
import type { StoredSubscription } from "./contents.ts";
import { openToRead } from "./copy.ts";
import { failureKind, StoreDamagedError } from "./errors.ts";
import { lastChangeMs, sizeOf } from "./paths.ts";
import { PendingChanges } from "./pending_changes.ts";
import { recover } from "./repair.ts";
import type { RestoredMessage, RestoredOutgoing, RestoredSession } from "./restored.ts";
import { checkVersion, migrate } from "./schema.ts";
import {
  EVERYTHING,
  type InspectedCounts,
  type SessionCounts,
  Sieve,
  type Wanted,
} from "./sieve.ts";
import { LoadedState } from "./stored_state.ts";
import { type Damage, TableReader } from "./table_reader.ts";

export interface InspectedMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
  /** Unix milliseconds; `Infinity`: never. */
  readonly expiresAtMs: number;
}

export interface InspectedRetained extends InspectedMessage {
  /** Unix milliseconds; undefined: not known, as of a row that version 2 has written. */
  readonly retainedAtMs: number | undefined;
  /** Client Identifier of who had it retained; undefined: not known. */
  readonly publisher: string | undefined;
}

export interface InspectedOutgoing extends InspectedMessage {
  readonly subscriptionIdentifiers: readonly number[];
  /** 0: not sent yet. */
  readonly packetIdentifier: number;
  /** QoS 2: PUBREC has come. */
  readonly released: boolean;
  readonly sharedFilter: string | undefined;
}

export interface InspectedSession extends SessionCounts {
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  /** Groups that came with the proof of who the client is. */
  readonly groups: readonly string[];
  /** The listener that it came in by; empty in a file of version 1. */
  readonly listener: string;
  /** IP address without port; empty for a Unix socket and in a file of version 1. */
  readonly address: string;
  readonly protocolVersion: ProtocolVersion;
  readonly bridge: boolean;
  /** Milliseconds that it outlives its connection; `Infinity`: for ever. */
  readonly expiryIntervalMs: number;
  /** Whether the client is connected, or was when the broker ended. */
  readonly isConnected: boolean;
  /** Unix milliseconds; undefined for a client that is connected. */
  readonly disconnectedAtMs: number | undefined;
  readonly will: WillMessage | undefined;
  readonly subscriptions: readonly StoredSubscription[];
  /** In the order in which it will be sent. Empty when its messages are not wanted. */
  readonly outgoing: readonly InspectedOutgoing[];
  readonly inboundPacketIdentifiers: readonly number[];
}

export interface InspectedStore {
  readonly path: string;
  /** Of the file's format. */
  readonly version: number;
  /** The file and its log. */
  readonly fileBytes: number;
  /** Unix milliseconds: when the file was last written. */
  readonly changedAtMs: number;
  /** Of everything, wanted or not. */
  readonly counts: InspectedCounts;
  /** What could not be read. */
  readonly damage: Damage;
  /** To be read once. */
  readonly sessions: Iterable<InspectedSession>;
  /** To be read once. */
  readonly retained: Iterable<InspectedRetained>;
}

/**
 * Reads a store as it was at one moment; a broker may be using it. Damaged rows are left out, and
 * counted. Throws `Deno.errors.NotFound` when there is no file, `StoreDamagedError` when it is none
 * of ours or nothing of it can be read.
 */
export function inspectStore(path: string, wanted: Wanted = EVERYTHING): InspectedStore {
  const head = () => ({
    path,
    fileBytes: (sizeOf(path) ?? 0) + (sizeOf(`${path}-wal`) ?? 0),
    changedAtMs: lastChangeMs(path),
  });
  try {
    return { ...head(), ...readStore(path, wanted) };
  } catch (error) {
    if (error instanceof StoreDamagedError || failureKind(error) !== "damaged") throw error;
    return { ...head(), ...readSalvaged(path, wanted, messageOf(error)) };
  }
}

/**
 * As if it were the earliest time that there is: nothing is left out because it has expired. Finite,
 * since for `LoadedState` nobody has left later than now, and a session ends later than that. When
 * its client has left indeed is asked of the sieve.
 */
const LONG_AGO_MS = -8.64e15;

type Content = Omit<InspectedStore, "path" | "fileBytes" | "changedAtMs">;

function readStore(path: string, wanted: Wanted): Content {
  const database = openToRead(path);
  try {
    const sieve = new Sieve(wanted);
    const state = new LoadedState(new PendingChanges(), () => {});
    const reader = new TableReader(database, (chunk) => state.add(sieve.sift(chunk)), true);
    database.exec("BEGIN");
    reader.readAll();
    database.exec("ROLLBACK");
    state.complete({ offsetMs: 0, nowMs: LONG_AGO_MS });
    return {
      version: checkVersion(database),
      counts: sieve.counts,
      damage: reader.damage,
      sessions: mapped(state.sessions, (session) => inspectSession(session, sieve)),
      retained: mapped(state.retained, inspectRetained),
    };
  } finally {
    database.close();
  }
}

/** Of some damaged files SQLite reads nothing at all, as of one that was cut off: by way of a copy. */
function readSalvaged(path: string, wanted: Wanted, reason: string): Content {
  const folder = Deno.makeTempDirSync({ prefix: "broker-" });
  try {
    const salvaged = `${folder}/salvaged.db`;
    const target = new DatabaseSync(salvaged);
    let damage: Damage;
    try {
      migrate(target);
      damage = recover(path, `${folder}/copy.db`, target).damage;
    } finally {
      target.close();
    }
    const content = readStore(salvaged, wanted);
    const { sessions, retained } = content.counts;
    if (sessions + retained === 0) throw new StoreDamagedError(reason);
    return { ...content, damage: { ...damage, reason: damage.reason || reason } };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function* mapped<From, To>(values: Iterable<From>, map: (value: From) => To): Generator<To> {
  for (const value of values) yield map(value);
}

function inspectSession(session: RestoredSession, sieve: Sieve): InspectedSession {
  const { row, fate: _fate, wasConnected, outgoing, ...rest } = session;
  const { queued, inFlight, disconnectedAtMs } = sieve.session(row);
  return {
    ...rest,
    queued,
    inFlight,
    isConnected: wasConnected,
    disconnectedAtMs: wasConnected ? undefined : disconnectedAtMs,
    outgoing: outgoing.map(inspectOutgoing),
  };
}

function inspectOutgoing(outgoing: RestoredOutgoing): InspectedOutgoing {
  const { row: _row, fate: _fate, message, ...rest } = outgoing;
  return { ...inspectMessage(message), ...rest };
}

function inspectRetained(message: RestoredMessage): InspectedRetained {
  const { retainedAtMs, publisher } = message;
  return { ...inspectMessage(message), retainedAtMs, publisher };
}

function inspectMessage(message: RestoredMessage): InspectedMessage {
  const { topicName, payload, qos, retain, encodedProperties, expiresAtMs } = message;
  return { topicName, payload, qos, retain, properties: decode(encodedProperties), expiresAtMs };
}

/** They are stored without the Property Length that the specification has before them. */
function decode(encodedProperties: Uint8Array): Properties {
  const { length } = encodedProperties;
  if (length === 0) return NO_PROPERTIES;
  const writer = new Writer(length + 4);
  writer.variableByteInteger(length);
  writer.rawBytes(encodedProperties, 0, length);
  return readProperties(new Reader(writer.written()), PacketType.Publish);
}
