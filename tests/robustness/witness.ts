/**
 * A publisher and a subscriber who must not notice what others do to the broker.
 *
 * From `start` to `stop` they exchange numbered messages, at QoS 0 and 1, one round after the other.
 * A message that is missing, late by seconds, doubled or out of order ends the exchange, and the
 * test fails where it waits for the witness next.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { acknowledgement, publishPacket } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import type { Address } from "../support/packet_channel.ts";
import { QuickClient } from "./quick_client.ts";

const TOPIC = "witness/numbers";
/** Messages of QoS 0 in a round, before the one of QoS 1. */
const BATCH = 10;

export class Witness implements AsyncDisposable {
  readonly #publisher: QuickClient;
  readonly #subscriber: QuickClient;
  readonly #running: Promise<void>;
  #rounds = 0;
  #isStopping = false;
  #failure: unknown;
  #wake: () => void = () => {};

  private constructor(publisher: QuickClient, subscriber: QuickClient) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#running = this.#run();
  }

  /** Begins; resolves after the first round. */
  static async start(address: Address): Promise<Witness> {
    const subscriber = await QuickClient.connect(address, "witness-subscriber", 5);
    await subscriber.subscribe(TOPIC, 1);
    const publisher = await QuickClient.connect(address, "witness-publisher", 4);
    const witness = new Witness(publisher, subscriber);
    await witness.keepsHearing(1);
    return witness;
  }

  /** Waits for `rounds` more rounds, in which every message arrives in order. */
  async keepsHearing(rounds = 3): Promise<void> {
    const until = this.#rounds + rounds;
    while (this.#rounds < until && this.#failure === undefined) {
      await new Promise<void>((wake) => this.#wake = wake);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends; throws when a message was missing since `start`. */
  async stop(): Promise<void> {
    await this.keepsHearing();
    this.#isStopping = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    this.#publisher.close();
    this.#subscriber.close();
  }

  async #run(): Promise<void> {
    try {
      for (let number = 0; !this.#isStopping; number += BATCH + 1) {
        await this.#round(number);
        this.#rounds++;
        this.#wake();
      }
    } catch (error) {
      this.#failure = error;
      this.#wake();
    }
  }

  async #round(first: number): Promise<void> {
    const last = first + BATCH;
    const packets = Array.from({ length: BATCH }, (_, at) => publishPacket(TOPIC, `${first + at}`));
    const acknowledged = publishPacket(TOPIC, `${last}`, { qos: 1, packetIdentifier: 1 });
    await this.#publisher.send(...packets, acknowledged);
    for (let number = first; number <= last; number++) {
      const packet = await this.#subscriber.next(PacketType.Publish);
      assert(packet?.type === PacketType.Publish, "The witness was disconnected");
      assert.equal(asText(packet.payload), `${number}`);
      if (packet.qos === 0) continue;
      await this.#subscriber.send(acknowledgement(PacketType.Puback, packet.packetIdentifier));
    }
    const puback = await this.#publisher.next(PacketType.Puback);
    assert(puback !== undefined, "The witness was disconnected");
  }
}
