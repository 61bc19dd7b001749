/**
 * What happens to the broker's file, as log lines.
 *
 * Owns the wording: what happened, what was done about it, what it means for clients, what to do.
 */

import type { Restored } from "../broker/restore.ts";
import { getLogger } from "../log/logger.ts";
import type { StoreCounts } from "../storage/counts.ts";
import type { RepairReport } from "../storage/repair.ts";
import type { StoreReport } from "../storage/store.ts";
import { WritableLog } from "./writable_log.ts";

/** What holds while nothing can be written. */
const REFUSED = "Until it can be, what would have to be stored is refused, not acknowledged: " +
  "clients with a session that outlives their connection, QoS 1 and 2 messages for them, and " +
  "retained ones of QoS 1 and 2. It is tried again all the time; persistence.durability: off " +
  "does without a disk";

/** Runs `action` once, later. Returns what cancels it. */
function later(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}

export class StorageLog {
  readonly #log = getLogger("storage");
  readonly #path: string;
  readonly #writable: WritableLog;

  /** `after`: as `setTimeout`; returns what cancels it. */
  constructor(path: string, after: (delayMs: number, action: () => void) => () => void = later) {
    this.#path = path;
    this.#writable = new WritableLog({
      write: (isWritable, reason, more) => this.#writableChanged(isWritable, reason, more),
      after,
    });
  }

  /** Nothing is written any more, unless it is told to. */
  stop(): void {
    this.#writable.stop();
  }

  opened({ isNew, repair, unusable, isLoaded, damage }: StoreReport): void {
    if (repair !== undefined) this.#repaired(repair);
    if (unusable === undefined) {
      if (isNew) this.#log.info("'{path}' is new: nothing was stored yet", { path: this.#path });
      return;
    }
    this.#writable.changed(false, unusable);
    if (damage !== undefined && isDamaged(damage)) {
      this.#log.error(
        "'{path}' is damaged as well, and repaired when it can be written. {damage}",
        { path: this.#path, damage: describeDamage(damage) },
      );
    }
    if (isLoaded) return;
    this.#log.error(
      "'{path}' cannot be read either: what is in it is missing, and stays in it. Restart the " +
        "broker when it can be read",
      { path: this.#path },
    );
  }

  /** At the start a damaged file was set aside, and what could be read of it is in a new one. */
  #repaired(repair: RepairReport): void {
    const { reason, setAsideAs, recovered, damage } = repair;
    this.#log.error(
      "'{path}' was damaged: {reason}. {kept}. Recovered: {sessions} sessions, {subscriptions} " +
        "subscriptions, {outgoing} waiting messages, {retained} retained messages. {damage}",
      {
        path: this.#path,
        reason,
        kept: setAsideAs === undefined ? "Nothing was left of it" : `It is kept as '${setAsideAs}'`,
        ...recovered,
        damage: describeDamage(damage),
      },
    );
  }

  /** While the broker ran; all it knows is written to a new file. */
  replaced({ reason, setAsideAs }: RepairReport): void {
    this.#log.error(
      "'{path}' could not be used any more: {reason}.{kept} Everything is written to a new file",
      {
        path: this.#path,
        reason,
        kept: setAsideAs === undefined ? "" : ` What was there is kept as '${setAsideAs}'.`,
      },
    );
  }

  restored({ sessions, subscriptions, messages, retained }: Restored): void {
    this.#log.info(
      "Restored {sessions} sessions, {subscriptions} subscriptions, {messages} waiting messages, " +
        "{retained} retained messages",
      { sessions, subscriptions, messages, retained },
    );
  }

  /** What was over when it was to be put back, having waited in the file. */
  expired({ sessions, outgoing, retained }: Readonly<StoreCounts>): void {
    if (sessions + outgoing + retained === 0) return;
    this.#log.info(
      "Expired while the broker was not there: {sessions} sessions with all they had, {messages} " +
        "other waiting messages, {retained} retained messages",
      { sessions, messages: outgoing, retained },
    );
  }

  writable(isWritable: boolean, reason: string): void {
    this.#writable.changed(isWritable, reason);
  }

  #writableChanged(isWritable: boolean, reason: string, more: number): void {
    const changes = more === 0 ? "" : ` (after ${more} more changes in the last minutes)`;
    if (isWritable) {
      this.#log.warning("'{path}' can be written again{changes}", { path: this.#path, changes });
    } else {
      this.#log.error("Cannot write '{path}': {reason}{changes}. {refused}", {
        path: this.#path,
        reason,
        changes,
        refused: REFUSED,
      });
    }
  }

  failed(reason: string): void {
    this.#log.error(
      "The storage has ended by a mistake of the broker: {reason}. Nothing is stored any more; " +
        "restart the broker, and please report this",
      { reason },
    );
  }

  notClosed(): void {
    this.#log.error("The last changes could not be written to '{path}', and are lost", {
      path: this.#path,
    });
  }
}

function isDamaged({ rows, gaps, reason }: RepairReport["damage"]): boolean {
  return rows > 0 || gaps > 0 || reason !== "";
}

function describeDamage({ rows, gaps, reason }: RepairReport["damage"]): string {
  if (rows === 0 && gaps === 0) {
    return reason === "" ? "Nothing is missing" : `Nothing could be read: ${reason}`;
  }
  return `Missing: ${rows} damaged rows and ${gaps} stretches that could not be read (${reason})`;
}
