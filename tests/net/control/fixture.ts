/**
 * A server in this process, MQTT.js clients on it, and its control commands, without their socket.
 *
 * Owns the server and the clients that it has connected.
 */

import assert from "node:assert/strict";
import type { IClientOptions } from "mqtt";
import type { Configuration } from "../../../src/config/configuration.ts";
import { defaultSettings } from "../../../src/config/read.ts";
import { AnswerStream } from "../../../src/control/answer_stream.ts";
import {
  CONTROL_PROTOCOL,
  type ControlArguments,
  type ControlItem,
  type ControlReply,
  parseAnswer,
} from "../../../src/control/protocol.ts";
import { ControlCommands } from "../../../src/net/control/control_commands.ts";
import type { StoreStatus } from "../../../src/net/persistence.ts";
import type { Server } from "../../../src/net/server.ts";
import { MqttJsClient } from "../../support/mqttjs_client.ts";
import {
  type SettingsOverrides,
  startTestBroker,
  type TestBroker,
} from "../../support/test_broker.ts";

export interface Answered extends ControlReply {
  readonly items: readonly ControlItem[];
}

export class ControlSite implements AsyncDisposable {
  readonly #broker: TestBroker;
  readonly #clients: MqttJsClient[] = [];
  /** What `status` says of the store. */
  store: StoreStatus | undefined = undefined;
  configuration: Configuration = { settings: defaultSettings(), places: undefined };

  private constructor(broker: TestBroker) {
    this.#broker = broker;
  }

  static async start(overrides: SettingsOverrides = {}): Promise<ControlSite> {
    return new ControlSite(await startTestBroker({ sysIntervalMs: Infinity, ...overrides }));
  }

  get server(): Server {
    return this.#broker.server;
  }

  /** Connects with MQTT 5, unless `options` say otherwise; it ends with the test. */
  async connect(clientId: string, options: IClientOptions = {}): Promise<MqttJsClient> {
    const url = `mqtt://127.0.0.1:${this.#broker.port}`;
    const client = await MqttJsClient.connect({ url }, {
      protocolVersion: 5,
      clientId,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** A client that was there, and left a session behind. */
  async connectAndLeave(clientId: string, topicFilter?: string): Promise<void> {
    const properties = { sessionExpiryInterval: 3600 };
    const client = await this.connect(clientId, { clean: false, properties });
    if (topicFilter !== undefined) await client.client.subscribeAsync(topicFilter, { qos: 1 });
    await client.client.endAsync();
    while (this.server.broker.sessions.get(clientId)?.isOnline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Publishes retained messages at QoS 1, one for each topic. */
  async retain(publisher: MqttJsClient, ...topics: string[]): Promise<void> {
    for (const topic of topics) {
      await publisher.client.publishAsync(topic, "x", { qos: 1, retain: true });
    }
  }

  /** What is answered; rejects with what is told to who asked. */
  async ask(command: string, given: ControlArguments = {}): Promise<Answered> {
    return await this.request({ command, protocol: CONTROL_PROTOCOL, arguments: given });
  }

  async request(
    request: { command: string; protocol: number; arguments: ControlArguments },
  ): Promise<Answered> {
    let text = "";
    const stream = new AnswerStream((written) => Promise.resolve(void (text += written)));
    const commands = new ControlCommands({
      server: this.server,
      persistence: { status: () => this.store },
      configuration: () => this.configuration,
      reload: () => Promise.resolve({ ok: true, lines: ["reloaded"] }),
    });
    const reply = await commands.answer(request, stream);
    await stream.end(reply);
    const lines = text.trimEnd().split("\n").map(parseAnswer);
    assert.deepEqual(lines.at(-1), reply);
    const items = lines.flatMap((line) => "item" in line ? [line.item] : []);
    return { ...reply, items };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    await this.#broker[Symbol.asyncDispose]();
  }
}
