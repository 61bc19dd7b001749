/**
 * A client's session against a small model of a server, over a network that breaks whenever it likes:
 * seeded, so that a failure can be run again.
 */

import assert from "node:assert/strict";
import { ServerLimits } from "../../src/client/server_limits.ts";
import { SessionState } from "../../src/client/session_state.ts";
import {
  type Packet,
  PacketType,
  type PublishPacket,
  type QoS,
} from "../../src/protocol/packet.ts";
import { settled } from "../net/fake_sink.ts";
import { Random } from "../simulation/random.ts";
import { asText } from "../support/packet_text.ts";
import { acknowledgement, publishPacket } from "../support/packets.ts";
import { message } from "./session_fixture.ts";

const { Publish, Puback, Pubrec, Pubrel, Pubcomp } = PacketType;

/** What a server does with QoS 1 and 2 in both directions, and no more than that. */
class ModelServer {
  readonly received: string[] = [];
  /** QoS 2 messages of the client that have had no PUBREL. */
  readonly #open = new Set<number>();
  /** What the client has not acknowledged, in order. */
  readonly #sent = new Map<number, PublishPacket | "released">();
  #lastIdentifier = 0;

  get isDone(): boolean {
    return this.#open.size === 0 && this.#sent.size === 0;
  }

  /** What is sent again on a new connection. */
  resume(): Packet[] {
    return [...this.#sent].map(([packetIdentifier, sent]) =>
      sent === "released" ? acknowledgement(Pubrel, packetIdentifier) : { ...sent, duplicate: true }
    );
  }

  publish(payload: string, qos: QoS): Packet {
    const packetIdentifier = qos === 0 ? 0 : ++this.#lastIdentifier;
    const packet = publishPacket("s", payload, { qos, packetIdentifier });
    if (qos > 0) this.#sent.set(packetIdentifier, packet);
    return packet;
  }

  receive(packet: Packet): Packet[] {
    switch (packet.type) {
      case Publish:
        return this.#receivePublish(packet);
      case Pubrel:
        this.#open.delete(packet.packetIdentifier);
        return [acknowledgement(Pubcomp, packet.packetIdentifier)];
      case Pubrec:
        this.#sent.set(packet.packetIdentifier, "released");
        return [acknowledgement(Pubrel, packet.packetIdentifier)];
      case Puback:
      case Pubcomp:
        this.#sent.delete(packet.packetIdentifier);
        return [];
      default:
        throw new Error(`The client sent a packet of type ${packet.type}`);
    }
  }

  #receivePublish({ qos, packetIdentifier, payload }: PublishPacket): Packet[] {
    if (qos === 2 && this.#open.has(packetIdentifier)) {
      return [acknowledgement(Pubrec, packetIdentifier)];
    }
    this.received.push(asText(payload));
    if (qos === 0) return [];
    if (qos === 1) return [acknowledgement(Puback, packetIdentifier)];
    this.#open.add(packetIdentifier);
    return [acknowledgement(Pubrec, packetIdentifier)];
  }
}

class Simulation {
  readonly random: Random;
  readonly maximumInflight: number;
  readonly server = new ModelServer();
  readonly delivered: string[] = [];
  readonly session = new SessionState(({ payload }) => this.delivered.push(asText(payload)));
  readonly published: string[] = [];
  readonly pushed: string[] = [];
  acknowledged = 0;
  breaks = 0;
  /** Packets on their way; undefined while there is no connection. */
  #toServer: Packet[] | undefined;
  #toClient: Packet[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.maximumInflight = 1 + this.random.below(5);
  }

  step(): void {
    const toServer = this.#toServer;
    if (toServer === undefined) return this.connect();
    const choice = this.random.below(10);
    if (choice < 2) this.#publish();
    else if (choice < 3) this.#push();
    else if (choice === 9 && this.random.chance(0.3)) this.#break();
    else this.deliver();
  }

  connect(): void {
    const sent: Packet[] = this.#toServer = [];
    this.#toClient = this.server.resume();
    this.session.begin({
      sender: { send: (packet) => void sent.push(packet) },
      protocolVersion: 5,
      limits: new ServerLimits({}),
      sessionPresent: true,
      maximumInflight: this.maximumInflight,
      ownProperties: {},
    });
  }

  /** Everything on its way is lost. */
  #break(): void {
    this.#toServer = undefined;
    this.breaks++;
    this.session.end();
  }

  #publish(): void {
    const qos = this.random.pick([1, 2] as const);
    const payload = `${qos}:${this.published.length}`;
    this.published.push(payload);
    void this.session.publish(message("c", payload, { qos })).then(() => this.acknowledged++);
  }

  #push(): void {
    const qos = this.random.pick([1, 2] as const);
    const payload = `${qos}:${this.pushed.length}`;
    this.pushed.push(payload);
    this.#toClient.push(this.server.publish(payload, qos));
  }

  /** One packet arrives, in one direction. */
  deliver(): void {
    const toServer = this.#toServer ?? [];
    const isUpward = toServer.length > 0 &&
      (this.#toClient.length === 0 || this.random.chance(0.5));
    if (isUpward) this.#toClient.push(...this.server.receive(toServer.shift() as Packet));
    else if (this.#toClient.length > 0) this.session.receive(this.#toClient.shift() as Packet);
  }

  get isQuiet(): boolean {
    return this.#toServer !== undefined && this.#toServer.length + this.#toClient.length === 0;
  }
}

/** First arrivals; the order of sending, whatever came again. */
function firstOf(payloads: string[]): string[] {
  return [...new Set(payloads)];
}

function exactlyOnce(payloads: string[]): string[] {
  return payloads.filter((payload) => payload.startsWith("2:"));
}

Deno.test("no QoS 1 message is lost and no QoS 2 message comes twice, however often the connection breaks", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const world = new Simulation(seed);
    for (let step = 0; step < 2000; step++) world.step();
    if (!world.isQuiet) world.connect();
    while (!world.isQuiet) world.deliver();
    await settled();
    const { server, published, pushed, delivered } = world;
    assert.equal(world.acknowledged, published.length, `seed ${seed}`);
    assert.deepEqual(firstOf(server.received), published, `seed ${seed}`);
    assert.deepEqual(exactlyOnce(server.received), exactlyOnce(published), `seed ${seed}`);
    assert.deepEqual(firstOf(delivered), pushed, `seed ${seed}`);
    assert.deepEqual(exactlyOnce(delivered), exactlyOnce(pushed), `seed ${seed}`);
    assert.deepEqual([world.session.unacknowledged, server.isDone], [0, true], `seed ${seed}`);
    assert.ok(world.breaks > 10 && published.length > 100 && pushed.length > 50, `seed ${seed}`);
  }
});
