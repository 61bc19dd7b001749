/**
 * Carries out the changes of a batch on the tables.
 *
 * Owns the prepared statements. Every change may come twice with the same outcome, so that a batch
 * that was committed without our knowing can be applied again.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type BatchReader, Change } from "./batch.ts";
import { inboundSum, progressSum } from "./checksum.ts";
import { INBOUND_PER_SESSION, prepare as prepareOn } from "./schema.ts";

export class TableWriter {
  readonly #putSession: StatementSync;
  readonly #deleteSession: readonly StatementSync[];
  readonly #deleteInbounds: StatementSync;
  readonly #putSubscription: StatementSync;
  readonly #deleteSubscription: StatementSync;
  readonly #putMessage: StatementSync;
  readonly #deleteMessage: StatementSync;
  readonly #putOutgoing: StatementSync;
  readonly #updateOutgoing: StatementSync;
  readonly #deleteOutgoing: StatementSync;
  readonly #putInbound: StatementSync;
  readonly #deleteInbound: StatementSync;
  readonly #putRetained: StatementSync;
  readonly #deleteRetained: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (text: string) => prepareOn(database, text);
    this.#putSession = prepare("INSERT OR REPLACE INTO session VALUES (?, ?, ?)");
    this.#deleteSession = [
      prepare("DELETE FROM session WHERE id = ?"),
      prepare("DELETE FROM subscription WHERE session = ?"),
    ];
    this.#deleteInbounds = prepare("DELETE FROM inbound WHERE id BETWEEN ? AND ?");
    this.#putSubscription = prepare(
      "INSERT INTO subscription (session, topic_filter, data) VALUES (?, ?, ?) " +
        "ON CONFLICT (session, topic_filter) DO UPDATE SET data = excluded.data",
    );
    this.#deleteSubscription = prepare(
      "DELETE FROM subscription WHERE session = ? AND topic_filter = ?",
    );
    this.#putMessage = prepare("INSERT OR REPLACE INTO message VALUES (?, ?)");
    this.#deleteMessage = prepare("DELETE FROM message WHERE id = ?");
    this.#putOutgoing = prepare("INSERT OR REPLACE INTO outgoing VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#updateOutgoing = prepare(
      "UPDATE outgoing SET packet_identifier = ?, released = ?, sum = ? WHERE id = ?",
    );
    this.#deleteOutgoing = prepare("DELETE FROM outgoing WHERE id = ?");
    this.#putInbound = prepare("INSERT OR REPLACE INTO inbound VALUES (?, ?)");
    this.#deleteInbound = prepare("DELETE FROM inbound WHERE id = ?");
    this.#putRetained = prepare(
      "INSERT INTO retained (topic_name, data) VALUES (?, ?) " +
        "ON CONFLICT (topic_name) DO UPDATE SET data = excluded.data",
    );
    this.#deleteRetained = prepare("DELETE FROM retained WHERE topic_name = ?");
  }

  /** Carries out the current change of `batch`. */
  apply(batch: BatchReader): void {
    const { row } = batch;
    switch (batch.change) {
      case Change.PutOutgoing:
        return this.#addOutgoing(batch);
      case Change.UpdateOutgoing:
        return this.#progressOutgoing(batch);
      case Change.DeleteOutgoing:
        this.#deleteOutgoing.run(row);
        return;
      case Change.PutMessage:
        this.#putMessage.run(row, batch.data);
        return;
      case Change.DeleteMessage:
        this.#deleteMessage.run(row);
        return;
      case Change.PutInbound:
        return this.#addInbound(row * INBOUND_PER_SESSION + batch.packetIdentifier);
      case Change.DeleteInbound:
        this.#deleteInbound.run(row * INBOUND_PER_SESSION + batch.packetIdentifier);
        return;
      default:
        return this.#applyRare(batch);
    }
  }

  #addOutgoing(batch: BatchReader): void {
    const { row, session, message, packetIdentifier } = batch;
    const released = batch.released ? 1 : 0;
    const sum = progressSum(row, packetIdentifier, released);
    this.#putOutgoing.run(row, session, message, packetIdentifier, released, sum, batch.data);
  }

  #progressOutgoing({ row, packetIdentifier, released }: BatchReader): void {
    const isReleased = released ? 1 : 0;
    const sum = progressSum(row, packetIdentifier, isReleased);
    this.#updateOutgoing.run(packetIdentifier, isReleased, sum, row);
  }

  #addInbound(id: number): void {
    this.#putInbound.run(id, inboundSum(id));
  }

  #applyRare(batch: BatchReader): void {
    const { row, text } = batch;
    switch (batch.change) {
      case Change.PutSession:
        this.#putSession.run(row, text, batch.data);
        return;
      case Change.DeleteSession:
        for (const statement of this.#deleteSession) statement.run(row);
        this.#deleteInbounds.run(
          row * INBOUND_PER_SESSION,
          (row + 1) * INBOUND_PER_SESSION - 1,
        );
        return;
      case Change.PutSubscription:
        this.#putSubscription.run(row, text, batch.data);
        return;
      case Change.DeleteSubscription:
        this.#deleteSubscription.run(row, text);
        return;
      case Change.PutRetained:
        this.#putRetained.run(text, batch.data);
        return;
      case Change.DeleteRetained:
        this.#deleteRetained.run(text);
        return;
    }
  }
}
