/**
 * What can be done with a store's file without a broker: look into it, copy it, put a copy back.
 *
 * Owns the functions behind `broker inspect`, `broker backup` and `broker restore`. Reading and
 * copying work while a broker uses the file; putting back does not.
 */

import type { Subscription } from "../broker/subscription.ts";
import type { WillMessage } from "../broker/will.ts";
import type { ProtocolVersion, QoS } from "../protocol/packet.ts";
import { backUpFrom, openToRead } from "./copy.ts";
import type { StoreCounts } from "./counts.ts";
import { FileLock } from "./lock.ts";
import { exists, lastChangeMs } from "./paths.ts";
import { PendingChanges } from "./pending_changes.ts";
import { removeLog, setAside } from "./repair.ts";
import type { RestoredMessage, RestoredOutgoing, RestoredSession } from "./restored.ts";
import { checkVersion } from "./schema.ts";
import { LoadedState } from "./stored_state.ts";
import { type Damage, TableReader } from "./table_reader.ts";

export interface InspectedMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Unix milliseconds; `Infinity`: never. */
  readonly expiresAtMs: number;
}

export interface InspectedOutgoing extends InspectedMessage {
  readonly subscriptionIdentifiers: readonly number[];
  /** 0: not sent yet. */
  readonly packetIdentifier: number;
  /** QoS 2: PUBREC has come. */
  readonly released: boolean;
  readonly sharedFilter: string | undefined;
}

export interface InspectedSession {
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  readonly protocolVersion: ProtocolVersion;
  readonly bridge: boolean;
  /** Milliseconds that it outlives its connection; `Infinity`: for ever. */
  readonly expiryIntervalMs: number;
  /** Whether the client is connected, or was when the broker ended. */
  readonly isConnected: boolean;
  /** Unix milliseconds; undefined for a client that is connected. */
  readonly disconnectedAtMs: number | undefined;
  readonly will: WillMessage | undefined;
  readonly subscriptions: readonly Omit<Subscription, "session">[];
  /** In the order in which it will be sent. */
  readonly outgoing: readonly InspectedOutgoing[];
  readonly inboundPacketIdentifiers: readonly number[];
}

export interface InspectedStore {
  readonly path: string;
  /** Of the file's format. */
  readonly version: number;
  /** Unix milliseconds: when the file was last written. */
  readonly changedAtMs: number;
  readonly counts: StoreCounts;
  /** What could not be read. */
  readonly damage: Damage;
  /** To be read once. What has expired is there as long as the file has it. */
  readonly sessions: Iterable<InspectedSession>;
  /** To be read once. */
  readonly retained: Iterable<InspectedMessage>;
}

/**
 * Reads a store as it was at one moment; a broker may be using it. Damaged rows are left out.
 * Throws `Deno.errors.NotFound` when there is no file, `StoreDamagedError` when it is none of ours.
 */
export function inspectStore(path: string): InspectedStore {
  const database = openToRead(path);
  try {
    const state = new LoadedState(new PendingChanges(), () => {});
    const reader = new TableReader(database, (chunk) => state.add(chunk), true);
    database.exec("BEGIN");
    reader.readAll();
    database.exec("ROLLBACK");
    // As if no time had passed: nothing is left out because it has expired.
    state.complete({ offsetMs: 0, nowMs: -Infinity });
    return {
      path,
      version: checkVersion(database),
      changedAtMs: lastChangeMs(path),
      counts: state.counts,
      damage: reader.damage,
      sessions: mapped(state.sessions, inspectSession),
      retained: mapped(state.retained, inspectMessage),
    };
  } finally {
    database.close();
  }
}

function* mapped<From, To>(values: Iterable<From>, map: (value: From) => To): Generator<To> {
  for (const value of values) yield map(value);
}

function inspectSession(session: RestoredSession): InspectedSession {
  const { row: _row, fate: _fate, wasConnected, disconnectedAtMs, outgoing, ...rest } = session;
  return {
    ...rest,
    isConnected: wasConnected,
    disconnectedAtMs: wasConnected ? undefined : disconnectedAtMs,
    outgoing: outgoing.map(inspectOutgoing),
  };
}

function inspectOutgoing(outgoing: RestoredOutgoing): InspectedOutgoing {
  const { row: _row, fate: _fate, message, ...rest } = outgoing;
  return { ...inspectMessage(message), ...rest };
}

function inspectMessage(message: RestoredMessage): InspectedMessage {
  const { topicName, payload, qos, retain, expiresAtMs } = message;
  return { topicName, payload, qos, retain, expiresAtMs };
}

/**
 * Copies the store `from` to `to`, consistently, also while a broker uses it. Throws as
 * `inspectStore`, and `StoreDamagedError` when some of it cannot be read.
 */
export async function backupStore(from: string, to: string): Promise<StoreCounts> {
  return await backUpFrom(from, to);
}

/** What `restoreStore` did. */
export interface RestoreReport {
  readonly counts: StoreCounts;
  /** Where the store is now that was there before; undefined when there was none. */
  readonly setAsideAs: string | undefined;
}

/**
 * Puts the backup `from` in the place of the store `to`, which is set aside. Throws
 * `StoreInUseError` when a broker uses `to`; then, and when `from` cannot be read in full, nothing
 * has changed.
 */
export async function restoreStore(
  from: string,
  to: string,
  wallMs: number,
): Promise<RestoreReport> {
  const lock = FileLock.take(to);
  const copy = `${to}.restoring`;
  try {
    const counts = await backUpFrom(from, copy);
    const setAsideAs = exists(to) ? setAside(to, wallMs, "replaced") : undefined;
    removeLog(to);
    await Deno.rename(copy, to);
    return { counts, setAsideAs };
  } finally {
    lock.release();
  }
}
