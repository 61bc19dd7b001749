/**
 * MQTT.js over every transport: TLS, mutual TLS, WebSocket and secure WebSocket, against the whole
 * server in this process. Where the platform has no client certificates, the listener must say so.
 */

import assert from "node:assert/strict";
import type { IClientOptions } from "mqtt";
import type { ListenerSettings } from "../../src/config/settings.ts";
import { hasNodeTls } from "../../src/transport/tls_options.ts";
import { testCa, testClient, testServer } from "../support/certificates.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";

/** Larger than any buffer: several frames, several TLS records, several reads. */
const LARGE = "x".repeat(300_000);

/** Publishes in every QoS, small and large, and gets it all back. */
async function exchange(
  { port }: TestBroker,
  scheme: string,
  options: IClientOptions = {},
): Promise<void> {
  const url = `${scheme}://localhost:${port}${scheme.startsWith("ws") ? "/mqtt" : ""}`;
  await using subscriber = await MqttJsClient.connect({ url }, options);
  await using publisher = await MqttJsClient.connect({ url }, { ...options, protocolVersion: 5 });
  await subscriber.client.subscribeAsync("a/#", { qos: 2 });
  const sent = [0, 1, 2].flatMap((qos) =>
    ["", "hello", LARGE].map((payload) => ({ topic: `a/${qos}`, payload, qos, retain: false }))
  );
  for (const { topic, payload, qos } of sent) {
    await publisher.client.publishAsync(topic, payload, { qos: qos as 0 | 1 | 2 });
  }
  assert.deepEqual(await subscriber.nextMessages(sent.length), sent);
}

async function withTls(
  more: Parameters<TlsFolder["options"]>[0],
  listener: Partial<ListenerSettings>,
  body: (broker: TestBroker, ca: string) => Promise<void>,
): Promise<void> {
  const ca = (await testCa()).certificate;
  await using folder = await TlsFolder.create(await testServer());
  const tls = folder.options({ clientCa: folder.write("ca.pem", ca), ...more });
  await using broker = await startTestBroker({ listener: { ...listener, tls } });
  await body(broker, ca);
}

Deno.test("MQTT.js exchanges messages over WebSocket", async () => {
  await using broker = await startTestBroker({ listener: { protocol: "websocket" } });
  await exchange(broker, "ws");
});

Deno.test("MQTT.js exchanges messages over TLS", () =>
  withTls({}, {}, (broker, ca) => exchange(broker, "mqtts", { ca })));

Deno.test("MQTT.js exchanges messages over secure WebSocket", () =>
  withTls({}, { protocol: "websocket" }, (broker, ca) => exchange(broker, "wss", { ca })));

Deno.test("MQTT.js does not connect to a server whose CA it does not know", () =>
  withTls({}, {}, async (broker) => {
    await assert.rejects(exchange(broker, "mqtts"));
  }));

for (const scheme of ["mqtts", "wss"]) {
  Deno.test(`MQTT.js exchanges messages over mutual TLS (${scheme}), or is told that it cannot`, async () => {
    const protocol = scheme === "wss" ? "websocket" : "mqtt";
    const running = withTls({ clientCertificate: "require" }, { protocol }, async (broker, ca) => {
      const { certificate: cert, key } = await testClient("lamp");
      await exchange(broker, scheme, { ca, cert, key });
    });
    if (hasNodeTls()) return await running;
    await assert.rejects(running, { name: "CannotServeError", message: /needs Deno 2\.9/ });
  });
}
