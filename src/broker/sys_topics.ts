/**
 * The topics below `$SYS/broker/`: the broker's figures as retained messages, under Mosquitto's names
 * where it has them; `access/...` and `store/...` are ours.
 *
 * Owns the load averages and what was published last; a value that has not changed is not
 * published again. QoS 0, so that nothing piles up in the queues of clients that are away.
 */

import type { Broker } from "./broker.ts";
import { Message } from "./message.ts";
import type { Statistics } from "./statistics.ts";

const MS_PER_MINUTE = 60_000;
const LOAD_MINUTES = [1, 5, 15] as const;

/** What load averages are kept of: the topic below `$SYS/broker/load/` and its counter. */
const LOADS: readonly (readonly [topic: string, counter: (statistics: Statistics) => number])[] = [
  ["bytes/received", (statistics) => statistics.bytesReceived],
  ["bytes/sent", (statistics) => statistics.bytesSent],
  ["connections", (statistics) => statistics.connectionsAccepted],
  ["messages/received", (statistics) => statistics.messagesReceived],
  ["messages/sent", (statistics) => statistics.messagesSent],
  ["publish/dropped", (statistics) => statistics.publishDropped],
  ["publish/received", (statistics) => statistics.publishReceived],
  ["publish/sent", (statistics) => statistics.publishSent],
  ["sockets", (statistics) => statistics.socketsAccepted],
];

interface Load {
  readonly topic: string;
  readonly counter: (statistics: Statistics) => number;
  lastCount: number;
  /** Events a minute, one average for each of `LOAD_MINUTES`. */
  readonly averages: number[];
}

/** Memory of the process in bytes, measured by the caller. */
export interface Memory {
  readonly currentBytes: number;
  readonly maximumBytes: number;
}

/** What became of the broker's file, counted by the caller. */
export interface StoreFigures {
  readonly commits: number;
  readonly bytesWritten: number;
  /** Size of the file with its log. */
  readonly fileBytes: number;
  readonly isWritable: boolean;
}

export class SysTopics {
  readonly #broker: Broker;
  readonly #version: string;
  readonly #published = new Map<string, string>();
  readonly #loads: Load[] = LOADS.map(([topic, counter]) => ({
    topic,
    counter,
    lastCount: 0,
    averages: LOAD_MINUTES.map(() => 0),
  }));
  readonly #startedAtMs: number;
  #updatedAtMs: number;

  /** `version` is the text under `$SYS/broker/version`. */
  constructor(broker: Broker, version: string) {
    this.#broker = broker;
    this.#startedAtMs = this.#updatedAtMs = broker.nowMs();
    this.#version = version;
  }

  /** Publishes every figure that has changed since the last call. `store`: if there is one. */
  update(memory: Memory, store?: StoreFigures): void {
    const nowMs = this.#broker.nowMs();
    this.#publish("version", this.#version);
    this.#publish("uptime", `${Math.floor((nowMs - this.#startedAtMs) / 1000)} seconds`);
    this.#updateLoads(nowMs - this.#updatedAtMs);
    this.#updatedAtMs = nowMs;
    for (const [topic, value] of figures(this.#broker, memory)) this.#publish(topic, `${value}`);
    if (store !== undefined) this.#updateStore(store);
    this.#broker.settle();
  }

  #updateStore({ commits, bytesWritten, fileBytes, isWritable }: StoreFigures): void {
    this.#publish("store/commits", `${commits}`);
    this.#publish("store/bytes/written", `${bytesWritten}`);
    this.#publish("store/bytes/file", `${fileBytes}`);
    this.#publish("store/writable", isWritable ? "1" : "0");
  }

  #updateLoads(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    for (const load of this.#loads) {
      const count = load.counter(this.#broker.statistics);
      const perMinute = (count - load.lastCount) * MS_PER_MINUTE / elapsedMs;
      load.lastCount = count;
      LOAD_MINUTES.forEach((minutes, index) => {
        const decay = Math.exp(-elapsedMs / (minutes * MS_PER_MINUTE));
        const average = perMinute + decay * ((load.averages[index] ?? 0) - perMinute);
        load.averages[index] = average;
        this.#publish(`load/${load.topic}/${minutes}min`, average.toFixed(2));
      });
    }
  }

  #publish(name: string, value: string): void {
    if (this.#published.get(name) === value) return;
    this.#published.set(name, value);
    const topic = this.#broker.topics.findByName(`$SYS/broker/${name}`);
    const payload = new TextEncoder().encode(value);
    this.#broker.publishMessage(new Message(topic, payload, 0, true), undefined);
  }
}

function figures(broker: Broker, memory: Memory): [topic: string, value: number][] {
  const { statistics, retained, router, sessions } = broker;
  const connected = statistics.clientsConnected;
  const disconnected = sessions.size - connected;
  return [
    ["access/addresses/banned", statistics.addressesBanned],
    ["access/connections/banned", statistics.connectionsRefusedByBan],
    ["access/logins/failed", statistics.loginsFailed],
    ["access/publish/refused", statistics.publishRefused],
    ["access/subscribe/refused", statistics.subscriptionsRefused],
    ["bytes/received", statistics.bytesReceived],
    ["bytes/sent", statistics.bytesSent],
    ["clients/active", connected],
    ["clients/connected", connected],
    ["clients/disconnected", disconnected],
    ["clients/inactive", disconnected],
    ["clients/expired", statistics.sessionsExpired],
    ["clients/maximum", statistics.clientsMaximum],
    ["clients/total", sessions.size],
    ["connections/accepted", statistics.socketsAccepted],
    ["connections/refused", statistics.socketsRefused],
    ["heap/current", memory.currentBytes],
    ["heap/maximum", memory.maximumBytes],
    ["messages/received", statistics.messagesReceived],
    ["messages/sent", statistics.messagesSent],
    ["messages/stored", retained.count + statistics.queuedMessages],
    ["packet/out/bytes", statistics.bufferedBytes],
    ["publish/bytes/received", statistics.publishBytesReceived],
    ["publish/bytes/sent", statistics.publishBytesSent],
    ["publish/messages/dropped", statistics.publishDropped],
    ["publish/messages/received", statistics.publishReceived],
    ["publish/messages/sent", statistics.publishSent],
    ["retained messages/count", retained.count],
    ["shared_subscriptions/count", router.tree.sharedSize],
    ["store/messages/bytes", retained.bytes + statistics.queuedBytes],
    ["store/messages/count", retained.count + statistics.queuedMessages],
    ["subscriptions/count", router.tree.size],
  ];
}
