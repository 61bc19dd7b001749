/**
 * A broker process whose users, rules and listeners a test writes and changes while it runs.
 *
 * Owns the process and its folder, which holds broker.yaml and every other file of the test.
 * Listeners are told apart by their addresses: 127.0.0.1, 127.0.0.2, ..., each with a port of its own.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IClientOptions } from "mqtt";
import { askBroker } from "../../src/control/control_client.ts";
import type { ControlReply } from "../../src/control/protocol.ts";
import { BrokerProcess, startBroker } from "../support/broker_process.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";

/** Without Unix sockets and SIGHUP a broker cannot be told to reload. */
export const canReload = Deno.build.os !== "windows";

/** Registers a test that reloads. */
export function testWithReload(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !canReload, fn });
}

/** A hash of Mosquitto's that takes no time to verify. */
export function hashOf(password: string): string {
  const salt = Buffer.from("salt of test");
  const digest = createHash("sha512").update(password).update(salt).digest("base64");
  return `$6$${salt.toString("base64")}$${digest}`;
}

/** The lines of `users:` for users whose password is their name. */
export function usersText(...names: string[]): string {
  return ["users:", ...names.map((name) => `  - {name: ${name}, password: "${hashOf(name)}"}`), ""]
    .join("\n");
}

/** One listener on loopback, with more keys in YAML's short form. */
export function listenerText(more = "", host = 1): string {
  return `  - {address: 127.0.0.${host}, port: 0${more === "" ? "" : `, ${more}`}}\n`;
}

export const ONE_LISTENER = `listeners:\n${listenerText()}`;

/** Files of the test, by name; broker.yaml is the configuration. */
export interface SiteOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: string[];
}

export class Site implements AsyncDisposable {
  readonly folder: string;
  readonly process: BrokerProcess;

  private constructor(folder: string, process: BrokerProcess) {
    this.folder = folder;
    this.process = process;
  }

  static async start(config: string, { files = {}, args = [] }: SiteOptions = {}): Promise<Site> {
    const folder = await Deno.makeTempDir({ prefix: "broker-site-" });
    try {
      for (const [name, text] of Object.entries(files)) writeFile(`${folder}/${name}`, text);
      const process = await startBroker({ folder, config: withData(folder, config), args });
      return new Site(folder, process);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  get configFile(): string {
    return `${this.folder}/broker.yaml`;
  }

  /** Replaces a file of the folder as programs do, by renaming. */
  write(name: string, text: string): void {
    writeFile(`${this.folder}/${name}.new`, text);
    Deno.renameSync(`${this.folder}/${name}.new`, `${this.folder}/${name}`);
  }

  configure(config: string): void {
    this.write("broker.yaml", withData(this.folder, config));
  }

  /** Asks for a reload as `broker reload` does, with another configuration if one is given. */
  async tryReload(config?: string): Promise<ControlReply> {
    if (config !== undefined) this.configure(config);
    return await askBroker(`${this.folder}/broker.db.control`, { command: "reload" });
  }

  /** A reload that must succeed; returns what it reports. */
  async reload(config?: string): Promise<readonly string[]> {
    const { ok, lines } = await this.tryReload(config);
    assert.equal(ok, true, lines.join("\n"));
    return lines;
  }

  /** The URL of the listener on 127.0.0.`host`, once it listens. */
  async url(host = 1): Promise<string> {
    const pattern = new RegExp(`Listening on 127\\.0\\.0\\.${host}:(\\d+) \\((\\w+)\\)`);
    const [, port, scheme] = pattern.exec(await this.process.waitForLine(pattern)) ?? [];
    return `${scheme}://127.0.0.${host}:${port}`;
  }

  /** Connects with MQTT 5; as a user whose password is its name, unless `options` say otherwise. */
  async connect(
    username: string | undefined,
    options: IClientOptions = {},
    host = 1,
  ): Promise<MqttJsClient & { sessionPresent: boolean }> {
    const login = username === undefined ? {} : { username, password: username };
    const url = await this.url(host);
    return await MqttJsClient.connect({ url }, { protocolVersion: 5, ...login, ...options });
  }

  /** The Reason Code that a client is refused with; 0 when it is let in, and leaves. */
  async refusal(
    username: string | undefined,
    options: IClientOptions = {},
    host = 1,
  ): Promise<unknown> {
    try {
      await using _client = await this.connect(username, options, host);
      return 0;
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A session that outlives its connection. */
export function lasting(clientId: string): IClientOptions {
  return { clientId, clean: false, properties: { sessionExpiryInterval: 3600 } };
}

/** Subscribes; the Reason Codes of SUBACK, refusals included. */
export async function subscribe(
  { client }: MqttJsClient,
  filters: string | string[],
  qos: 0 | 1 | 2 = 1,
): Promise<number[]> {
  const wanted = typeof filters === "string" ? [filters] : filters;
  const { promise, resolve } = Promise.withResolvers<number[]>();
  client.subscribe(wanted, { qos }, (_error, _granted, packet) => {
    resolve([...packet?.granted ?? []].map(Number));
  });
  return await promise;
}

/** Publishes at QoS 1; the Reason Code of PUBACK. */
export async function publish(
  { client }: MqttJsClient,
  topic: string,
  payload: string,
  options: Parameters<typeof client.publishAsync>[2] = {},
): Promise<number> {
  try {
    const packet = await client.publishAsync(topic, payload, { qos: 1, ...options });
    return Number((packet as { reasonCode?: number } | undefined)?.reasonCode ?? 0);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "number") throw error;
    return code;
  }
}

/** Topics and payloads, as "topic payload", of the next messages. */
export async function received(client: MqttJsClient, count: number): Promise<string[]> {
  const messages = await client.nextMessages(count);
  return messages.map(({ topic, payload }) => `${topic} ${payload}`);
}

function withData(folder: string, config: string): string {
  return `${config}\npersistence: {path: "${folder.replaceAll("\\", "/")}/broker.db"}\n`;
}

function writeFile(path: string, text: string): void {
  Deno.writeTextFileSync(path, text, { mode: 0o600 });
}
