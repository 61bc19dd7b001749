/**
 * What the tests of the load have in common: a broker in this process, settings for small loads, and a
 * client that looks at what is left behind.
 */

import type { Endpoint } from "../../src/client/endpoint.ts";
import type { ConnectSettings, PacketSink } from "../../src/load/load_connection.ts";
import type { LoadPhase, LoadSettings } from "../../src/load/load_settings.ts";
import type { BrokerProcess } from "../../src/load/usage_watch.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";

/** Where a broker listens. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
}

export function endpointOf({ hostname, port }: Place): Endpoint {
  return {
    host: hostname,
    port,
    unixPath: undefined,
    tls: undefined,
    websocketPath: undefined,
    proxy: undefined,
    bindAddress: undefined,
    noDelay: true,
  };
}

export function connectSettings(
  place: Place,
  more: Partial<ConnectSettings> = {},
): ConnectSettings {
  return {
    endpoint: endpointOf(place),
    version: 5,
    username: undefined,
    password: undefined,
    ...more,
  };
}

export function loadSettings(place: Place, more: Partial<LoadSettings> = {}): LoadSettings {
  return {
    connect: connectSettings(place),
    shape: { kind: "all", publishers: 1, subscribers: 1, topics: 1 },
    qos: 0,
    retain: false,
    size: 32,
    rate: 0,
    window: undefined,
    run: "t",
    ...more,
  };
}

export function phaseOf(messages: number, originUs: number): LoadPhase {
  return { tag: 4711, originUs, durationMs: 60_000, messages };
}

/** Nothing is known of the broker's process. */
export const UNKNOWN_PROCESS: BrokerProcess = {
  meter: undefined,
  unknown: "it is not looked at",
  isLocal: false,
};

export const IGNORE: PacketSink = { packet: () => {}, readEnd: () => {} };

export async function publishRetained(place: Place, topics: readonly string[]): Promise<void> {
  await using client = await mqttJs(place);
  await Promise.all(
    topics.map((topic) => client.client.publishAsync(topic, "x", { qos: 1, retain: true })),
  );
}

/** The topics that have a retained message. */
export async function retainedTopics(place: Place): Promise<string[]> {
  await using client = await mqttJs(place);
  const found: string[] = [];
  client.client.on("message", (topic) => found.push(topic));
  await client.client.subscribeAsync("#", { qos: 0 });
  // Retained messages come before the answer to what is asked after them.
  await client.client.publishAsync("fixture/end", "", { qos: 1 });
  await client.client.unsubscribeAsync("#");
  return found.filter((topic) => topic !== "fixture/end").sort();
}

function mqttJs({ hostname, port }: Place): Promise<MqttJsClient> {
  return MqttJsClient.connect({ url: `mqtt://${hostname}:${port}` }, { protocolVersion: 5 });
}
