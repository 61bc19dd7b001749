/**
 * The rows of a new store, as the broker itself would write them.
 *
 * Owns the numbers of outgoing rows, which grow in the order of the calls. Rows are collected and
 * handed on many at a time; `flush` hands on the rest. Times are Unix milliseconds.
 */

import type { Outgoing } from "../../broker/outgoing.ts";
import type { Message } from "../../broker/message.ts";
import { Writer } from "../../protocol/writer.ts";
import {
  beginData,
  Change,
  endData,
  writeInbound,
  writeMessageKey,
  writeOutgoingKey,
  writeRetainedKey,
  writeSessionKey,
  writeSubscriptionKey,
} from "../../storage/batch.ts";
import {
  type SessionContent,
  type StoredSubscription,
  writeMessage,
  writeOutgoing,
  writeRetainedMessage,
  writeSession,
  writeSubscription,
} from "../../storage/contents.ts";

const CHUNK_BYTES = 256 * 1024;

export class StoreRows {
  readonly #apply: (chunk: Uint8Array) => void;
  #writer = new Writer(CHUNK_BYTES);
  #nextOutgoingRow = 1;

  /** `apply` carries out a batch (`storage/batch.ts`); its bytes are used again afterwards. */
  constructor(apply: (chunk: Uint8Array) => void) {
    this.#apply = apply;
  }

  /** It is time for `flush`. */
  get isFull(): boolean {
    return this.#writer.length >= CHUNK_BYTES;
  }

  flush(): void {
    if (this.#writer.length === 0) return;
    this.#apply(this.#writer.written());
    this.#writer.length = 0;
    // A message of many megabytes must not keep them.
    if (this.#writer.bytes.length > CHUNK_BYTES * 4) this.#writer = new Writer(CHUNK_BYTES);
  }

  session(row: number, clientIdentifier: string, session: SessionContent): void {
    writeSessionKey(this.#writer, row, clientIdentifier);
    this.#data((writer) => writeSession(writer, session, 0));
  }

  subscription(session: number, subscription: StoredSubscription): void {
    writeSubscriptionKey(this.#writer, session, subscription.topicFilter);
    this.#data((writer) => writeSubscription(writer, subscription));
  }

  /** The content of a message that several wait for. */
  message(row: number, message: Message): void {
    writeMessageKey(this.#writer, row);
    this.#data((writer) => writeMessage(writer, message, 0));
  }

  /** `messageRow`: where its content is; 0: it is written with it. */
  outgoing(session: number, outgoing: Outgoing, messageRow: number): void {
    const row = this.#nextOutgoingRow++;
    const { packetIdentifier, released } = outgoing;
    writeOutgoingKey(this.#writer, row, session, messageRow, packetIdentifier, released);
    this.#data((writer) => {
      writeOutgoing(writer, outgoing);
      if (messageRow === 0) writeMessage(writer, outgoing.message, 0);
    });
  }

  inbound(session: number, packetIdentifier: number): void {
    writeInbound(this.#writer, Change.PutInbound, session, packetIdentifier);
  }

  retained(message: Message): void {
    writeRetainedKey(this.#writer, message.topic.name);
    this.#data((writer) => writeRetainedMessage(writer, message, 0));
  }

  #data(write: (writer: Writer) => void): void {
    const start = beginData(this.#writer);
    write(this.#writer);
    endData(this.#writer, start);
  }
}
