/**
 * What every conformance test starts from: a broker, clients of one protocol version, and names
 * that no other test uses.
 *
 * Owns the clients a test opens, and closes them; the retained messages they left and the sessions
 * they kept are removed when the broker outlives the test. A test is declared once and registered
 * for each protocol version that it is about, with the version in front of its name.
 */

import type { ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { type ConnectFields, RawClient } from "../support/raw_client.ts";
import {
  type SpecialConfiguration,
  startTarget,
  type Target,
  targetKind,
} from "../support/target.ts";

export const everyVersion: readonly ProtocolVersion[] = [5, 4, 3];
export const since311: readonly ProtocolVersion[] = [5, 4];
export const before5: readonly ProtocolVersion[] = [4, 3];
export const only5: readonly ProtocolVersion[] = [5];
export const only311: readonly ProtocolVersion[] = [4];
export const only31: readonly ProtocolVersion[] = [3];

const versionNames: Record<ProtocolVersion, string> = {
  3: "MQTT 3.1",
  4: "MQTT 3.1.1",
  5: "MQTT 5",
};

export class Fixture implements AsyncDisposable {
  readonly target: Target;
  readonly version: ProtocolVersion;
  /** In every name this test uses; only characters that any broker allows in identifiers. */
  readonly #unique = crypto.randomUUID().slice(0, 8);
  readonly #clients: RawClient[] = [];
  readonly #identifiers = new Map<string, ProtocolVersion>();
  #namesGiven = 0;

  constructor(target: Target, version: ProtocolVersion) {
    this.target = target;
    this.version = version;
  }

  /** A Client Identifier of this test alone, 1 to 23 letters and digits. */
  clientIdentifier(): string {
    return `ct${this.#unique}${++this.#namesGiven}`;
  }

  /** A Topic Name, or the start of Topic Filters, of this test alone. */
  topic(levels = "t"): string {
    return `conformance/${this.#unique}/${levels}`;
  }

  /** A TCP connection on which nothing has been sent. */
  async open(version: ProtocolVersion = this.version): Promise<RawClient> {
    const client = await RawClient.open(this.target, version);
    this.#clients.push(client);
    return client;
  }

  /** A client that the broker has accepted. */
  async connect(
    fields: ConnectFields = {},
    version: ProtocolVersion = this.version,
  ): Promise<RawClient> {
    const clientIdentifier = fields.clientIdentifier ?? this.clientIdentifier();
    const client = await RawClient.connect(this.target, version, { ...fields, clientIdentifier });
    this.#clients.push(client);
    if (!(fields.cleanStart ?? true) || fields.properties?.sessionExpiryInterval) {
      this.#identifiers.set(clientIdentifier, version);
    }
    return client;
  }

  /** Connects and keeps the session when the connection ends, however that is said. */
  connectKeepingSession(
    clientIdentifier: string,
    fields: ConnectFields = {},
    version: ProtocolVersion = this.version,
  ): Promise<RawClient> {
    const properties = { ...fields.properties };
    if (version === 5) properties.sessionExpiryInterval ??= 600;
    return this.connect({ cleanStart: false, clientIdentifier, ...fields, properties }, version);
  }

  /**
   * Returns when the broker's clock has moved on by this many seconds, at least: when it publishes
   * a Will that was delayed for so long (MQTT 5 section 3.1.3.2.2).
   */
  async secondsPass(willDelayInterval: number): Promise<void> {
    const watcher = await this.connect({}, 5);
    const topicName = this.topic(`clock/${this.clientIdentifier()}`);
    await watcher.subscribe(topicName);
    const will = { topicName, payload: "now", properties: { willDelayInterval } };
    const client = await this.connectKeepingSession(this.clientIdentifier(), { will }, 5);
    await client.disconnect(ReasonCode.DisconnectWithWillMessage);
    await watcher.expectMessage(topicName, "now");
  }

  /** Leaves nothing behind on a broker that other tests use as well. */
  async #cleanUp(): Promise<void> {
    const topics = new Set(this.#clients.flatMap((client) => [...client.retainedTopics]));
    if (topics.size > 0) {
      const cleaner = await this.connect();
      for (const topicName of topics) await cleaner.publish(topicName, "", { retain: true });
    }
    for (const [clientIdentifier, version] of this.#identifiers) {
      await this.connect({ clientIdentifier }, version);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.target.isShared) await this.#cleanUp();
    } finally {
      for (const client of this.#clients) client.close();
      await this.target[Symbol.asyncDispose]();
    }
  }
}

/** Registers a test for each of these protocol versions. */
export function conformance(
  versions: readonly ProtocolVersion[],
  name: string,
  body: (t: Fixture) => Promise<void>,
  special?: SpecialConfiguration,
): void {
  // The executable's output is read all the time, which is nothing that a test leaves behind.
  const sanitized = targetKind !== "executable";
  for (const version of versions) {
    Deno.test({
      name: `${versionNames[version]}: ${name}`,
      ignore: special !== undefined && targetKind === "running broker",
      sanitizeOps: sanitized,
      sanitizeResources: sanitized,
      fn: async () => {
        await using fixture = new Fixture(await startTarget(special), version);
        await body(fixture);
      },
    });
  }
}

/** A test that has to wait for time to pass, and can do so while others wait as well. */
export interface Scenario {
  readonly versions: readonly ProtocolVersion[];
  readonly name: string;
  readonly body: (t: Fixture) => Promise<void>;
}

export function scenario(
  versions: readonly ProtocolVersion[],
  name: string,
  body: (t: Fixture) => Promise<void>,
): Scenario {
  return { versions, name, body };
}

/** Registers one test whose steps run at the same time, each with a broker and clients of its own. */
export function conformanceTogether(title: string, ...scenarios: Scenario[]): void {
  const sanitized = targetKind !== "executable";
  // What is open belongs to all steps at once: the test around them checks that nothing is left.
  const step = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  Deno.test({
    name: title,
    sanitizeOps: sanitized,
    sanitizeResources: sanitized,
    fn: async (context) => {
      const runs = scenarios.flatMap(({ versions, name, body }) =>
        versions.map((version) =>
          context.step({
            ...step,
            name: `${versionNames[version]}: ${name}`,
            fn: async () => {
              await using fixture = new Fixture(await startTarget(), version);
              await body(fixture);
            },
          })
        )
      );
      await Promise.all(runs);
    },
  });
}
