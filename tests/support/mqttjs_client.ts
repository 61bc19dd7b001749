/**
 * MQTT.js as the client of a test: a client that was written by others.
 *
 * Owns one MQTT.js client, and the messages that arrived and were not asked for yet. Waits end with
 * an Error that lists what did arrive. Invariant: a disposed client has neither socket nor timer.
 */

import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";

/** Milliseconds that a test waits for a message or another event. */
const WATCHDOG_MS = 30_000;

/** Where a broker listens, as MQTT.js wants to be told. */
export interface MqttUrl {
  readonly url: string;
}

/** What a test compares: topic and payload as text. */
export interface ReceivedMessage {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

export class MqttJsClient implements AsyncDisposable {
  readonly client: MqttClient;
  readonly #inbox: IPublishPacket[] = [];
  #wake: (() => void) | undefined;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, _payload, packet) => {
      // The packet itself has no topic when the broker used a Topic Alias.
      this.#inbox.push({ ...packet, topic });
      this.#wake?.();
    });
  }

  /** Connects, and never again by itself. Rejects when the broker refuses. */
  static async connect(
    { url }: MqttUrl,
    options: IClientOptions,
  ): Promise<MqttJsClient & { sessionPresent: boolean }> {
    const client = mqtt.connect(url, { reconnectPeriod: 0, keepalive: 0, ...options });
    const wrapped = new MqttJsClient(client);
    try {
      const connack = await wrapped.event("connect");
      const { sessionPresent } = connack as { sessionPresent: boolean };
      return Object.assign(wrapped, { sessionPresent });
    } catch (error) {
      await wrapped[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The first argument of the client's next event of this name. */
  event(name: "connect" | "disconnect" | "close"): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => reject(this.#missing(`event "${name}"`)), WATCHDOG_MS);
    this.client.once(name, resolve);
    this.client.once("error", reject);
    return promise.finally(() => {
      clearTimeout(timer);
      this.client.off("error", reject);
    });
  }

  /** The next message, whole. */
  async nextPacket(): Promise<IPublishPacket> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(this.#missing("message")), WATCHDOG_MS);
    try {
      this.#wake = resolve;
      if (this.#inbox.length === 0) await promise;
      return this.#inbox.shift() as IPublishPacket;
    } finally {
      clearTimeout(timer);
      this.#wake = undefined;
    }
  }

  async nextMessage(): Promise<ReceivedMessage> {
    const { topic, payload, qos, retain } = await this.nextPacket();
    return { topic, payload: payload.toString(), qos, retain };
  }

  async nextMessages(count: number): Promise<ReceivedMessage[]> {
    const messages: ReceivedMessage[] = [];
    while (messages.length < count) messages.push(await this.nextMessage());
    return messages;
  }

  /** Cuts the connection without a DISCONNECT. */
  async cut(): Promise<void> {
    const closed = this.event("close");
    this.client.stream.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.on("error", () => {});
    await this.client.endAsync(!this.client.connected);
    // Closing its stores and its stream, it sets timers of 0 ms that nothing tells the end of, some of
    // them in answer to others.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  #missing(what: string): Error {
    const inbox = this.#inbox.map(({ topic }) => topic).join(", ");
    return new Error(`Cannot wait longer for a ${what}: the inbox holds [${inbox}]`);
  }
}
