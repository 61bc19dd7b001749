/**
 * A `mosquitto.db` made by hand, in any version of its layout, after what Mosquitto writes.
 *
 * Owns the bytes. What is not said has the value that Mosquitto writes for a plain MQTT 3.1.1 client.
 * Nothing is checked, so that wrong files can be made too.
 */

import { encodeProperties } from "../../../src/protocol/property.ts";
import { PacketType, type Properties } from "../../../src/protocol/packet.ts";
import { Writer } from "../../../src/protocol/writer.ts";
import { ChunkKind, MessageState } from "../../../src/import/database/records.ts";

const encoder = new TextEncoder();
export const MAGIC = Uint8Array.of(0x00, 0xb5, 0x00, ...encoder.encode("mosquitto db"));
export const NEVER = 0xffff_ffff;

export interface MessageFields {
  readonly key?: number | bigint;
  readonly topicName?: string;
  readonly payload?: string | Uint8Array;
  readonly qos?: number;
  readonly retain?: boolean;
  /** Seconds since 1970. */
  readonly expiryTime?: number;
  readonly source?: string;
  readonly properties?: Properties;
}

export interface ClientFields {
  readonly username?: string | Uint8Array;
  /** Seconds. */
  readonly interval?: number;
  /** Seconds since 1970. */
  readonly expiryTime?: number;
  /** Versions 3 and 4: seconds since 1970. */
  readonly disconnectedTime?: number;
  /** Versions 3 and 4: 4 on computers of 32 bits. */
  readonly timeBytes?: 4 | 8;
  /** Version 6: 0 on those of x86 with 32 bits. */
  readonly gap?: number;
}

export interface ClientMessageFields {
  readonly key?: number | bigint;
  readonly packetIdentifier?: number;
  readonly qos?: number;
  readonly state?: number;
  readonly retain?: boolean;
  readonly isIncoming?: boolean;
  readonly identifiers?: readonly number[];
}

export interface SubscriptionFields {
  readonly qos?: number;
  readonly options?: number;
  readonly identifier?: number;
}

export class DatabaseBuilder {
  readonly version: number;
  readonly writer = new Writer(4096);

  constructor(version = 6, savedAtShutdown = true) {
    this.version = version;
    this.writer.rawBytes(MAGIC, 0, MAGIC.length);
    this.writer.fourByteInteger(0);
    this.writer.fourByteInteger(version);
    this.#config(savedAtShutdown);
  }

  get #isPacked(): boolean {
    return this.version < 5;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.writer.written().slice();
  }

  save(path: string): void {
    Deno.writeFileSync(path, this.writer.written());
  }

  #config(savedAtShutdown: boolean): void {
    this.chunk(ChunkKind.Config, (body) => {
      const flags = [savedAtShutdown ? 1 : 0, 8];
      if (this.#isPacked) { for (const flag of flags) body.byte(flag); }
      raw64(body, 99);
      if (this.#isPacked) return;
      for (const byte of [...flags, 1, 2, 3, 4, 5, 6]) body.byte(byte);
    });
  }

  /** One chunk of any kind; what `write` writes is its body. */
  chunk(kind: number, write: (body: Writer) => void): this {
    const body = new Writer();
    write(body);
    if (this.#isPacked) this.writer.twoByteInteger(kind);
    else this.writer.fourByteInteger(kind);
    this.writer.fourByteInteger(body.length);
    this.writer.rawBytes(body.bytes, 0, body.length);
    return this;
  }

  message(fields: MessageFields = {}): this {
    const write = this.#isPacked ? writePackedMessage : writeMessage;
    return this.chunk(ChunkKind.Message, (body) => write(body, fields, this.version));
  }

  client(clientIdentifier: string, fields: ClientFields = {}): this {
    return this.chunk(ChunkKind.Client, (body) => {
      if (this.#isPacked) writePackedClient(body, clientIdentifier, fields, this.version);
      else writeClient(body, clientIdentifier, fields, this.version);
    });
  }

  clientMessage(clientIdentifier: string, fields: ClientMessageFields = {}): this {
    return this.chunk(ChunkKind.ClientMessage, (body) => {
      const write = this.#isPacked ? writePackedClientMessage : writeClientMessage;
      write(body, clientIdentifier, fields);
    });
  }

  subscription(
    clientIdentifier: string,
    topicFilter: string,
    { qos = 1, options = 0, identifier = 0 }: SubscriptionFields = {},
  ): this {
    return this.chunk(ChunkKind.Subscription, (body) => {
      if (this.#isPacked) {
        body.utf8String(clientIdentifier);
        body.utf8String(topicFilter);
        body.byte(qos);
        return;
      }
      const [id, filter] = [encoder.encode(clientIdentifier), encoder.encode(topicFilter)];
      body.fourByteInteger(identifier);
      body.twoByteInteger(id.length);
      body.twoByteInteger(filter.length);
      body.byte(qos);
      body.byte(options);
      body.twoByteInteger(0);
      bytes(body, id);
      bytes(body, filter);
    });
  }

  retained(key: number | bigint = 1): this {
    return this.chunk(ChunkKind.Retained, (body) => raw64(body, key));
  }
}

/** As Mosquitto writes what it has in memory, on most computers. */
export function raw64(writer: Writer, value: number | bigint): void {
  const buffer = new DataView(new ArrayBuffer(8));
  buffer.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  bytes(writer, new Uint8Array(buffer.buffer));
}

function bytes(writer: Writer, source: Uint8Array): void {
  writer.rawBytes(source, 0, source.length);
}

function asBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

function writeMessage(body: Writer, fields: MessageFields): void {
  const { key = 1, topicName = "t", qos = 1, retain = false, expiryTime = 0 } = fields;
  const [source, topic] = [asBytes(fields.source ?? "publisher"), asBytes(topicName)];
  const payload = asBytes(fields.payload ?? "payload");
  raw64(body, key);
  raw64(body, expiryTime);
  body.fourByteInteger(payload.length);
  body.twoByteInteger(5);
  body.twoByteInteger(source.length);
  body.twoByteInteger(4);
  body.twoByteInteger(topic.length);
  body.twoByteInteger(1883);
  body.byte(qos);
  body.byte(retain ? 1 : 0);
  bytes(body, source);
  bytes(body, asBytes("anna"));
  bytes(body, topic);
  bytes(body, payload);
  if (fields.properties !== undefined) writeBlock(body, fields.properties);
}

function writeBlock(body: Writer, properties: Properties): void {
  const encoded = encodeProperties(PacketType.Publish, properties);
  body.variableByteInteger(encoded.length);
  bytes(body, encoded);
}

function writePackedMessage(body: Writer, fields: MessageFields, version: number): void {
  const { key = 1, topicName = "t", qos = 1, retain = false, source = "publisher" } = fields;
  const payload = asBytes(fields.payload ?? "payload");
  raw64(body, key);
  body.utf8String(source);
  if (version === 4) {
    body.utf8String("anna");
    body.twoByteInteger(1883);
  }
  body.twoByteInteger(5);
  body.twoByteInteger(6);
  body.utf8String(topicName);
  body.byte(qos);
  body.byte(retain ? 1 : 0);
  body.fourByteInteger(payload.length);
  bytes(body, payload);
}

function writeClient(body: Writer, name: string, fields: ClientFields, version: number): void {
  const { interval = NEVER, expiryTime = 0, gap = 4 } = fields;
  const [id, username] = [asBytes(name), asBytes(fields.username ?? "")];
  raw64(body, expiryTime);
  body.fourByteInteger(interval);
  body.twoByteInteger(7);
  body.twoByteInteger(id.length);
  if (version === 6) {
    body.twoByteInteger(1883);
    body.twoByteInteger(username.length);
    for (let at = 0; at < gap; at++) body.byte(0xaa);
  }
  bytes(body, id);
  if (version === 6) bytes(body, username);
}

function writePackedClient(
  body: Writer,
  name: string,
  { disconnectedTime = 0, timeBytes = 8 }: ClientFields,
  version: number,
): void {
  body.utf8String(name);
  body.twoByteInteger(7);
  if (version === 2) return;
  const time = new Writer();
  raw64(time, disconnectedTime);
  body.rawBytes(time.bytes, 0, timeBytes);
}

function writeClientMessage(body: Writer, name: string, fields: ClientMessageFields): void {
  const { key = 1, packetIdentifier = 1, qos = 1, state = MessageState.Queued } = fields;
  const id = asBytes(name);
  raw64(body, key);
  body.twoByteInteger(packetIdentifier);
  body.twoByteInteger(id.length);
  body.byte(qos);
  body.byte(state);
  body.byte(fields.retain === true ? 0x10 : 0);
  body.byte(fields.isIncoming === true ? 0 : 1);
  bytes(body, id);
  const { identifiers } = fields;
  if (identifiers !== undefined) writeBlock(body, { subscriptionIdentifiers: [...identifiers] });
}

function writePackedClientMessage(body: Writer, name: string, fields: ClientMessageFields): void {
  const { key = 1, packetIdentifier = 1, qos = 1, state = MessageState.Queued } = fields;
  body.utf8String(name);
  raw64(body, key);
  body.twoByteInteger(packetIdentifier);
  body.byte(qos);
  body.byte(fields.retain === true ? 1 : 0);
  body.byte(fields.isIncoming === true ? 0 : 1);
  body.byte(state);
  body.byte(0);
}
