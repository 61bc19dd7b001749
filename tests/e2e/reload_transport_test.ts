/**
 * Transports of a broker that runs: a listener that becomes another one on its port, and certificates
 * that are replaced on the disk, with MQTT.js.
 */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import type { IClientOptions } from "mqtt";
import { newTestServer, testCa, testClient } from "../support/certificates.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import { publish, received, Site, subscribe, testWithReload } from "./access_fixture.ts";

const ADMINISTRATIVE_ACTION = 0x98;
const TLS = "tls: {certificate: server.pem, key: server-key.pem";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function listenerOn(port: number, more = ""): string {
  return `listeners:\n  - {address: 127.0.0.1, port: ${port}, name: l${more}}\n`;
}

async function serverFiles(): Promise<Record<string, string>> {
  const { certificate, key } = await newTestServer();
  const ca = (await testCa()).certificate;
  return { "server.pem": certificate, "server-key.pem": key, "ca.pem": ca };
}

function connect(url: string, options: IClientOptions = {}): Promise<MqttJsClient> {
  return MqttJsClient.connect({ url }, { protocolVersion: 5, ...options });
}

async function dismissal(client: MqttJsClient): Promise<number> {
  return (await client.event("disconnect") as { reasonCode: number }).reasonCode;
}

testWithReload(
  "a listener becomes one for WebSocket on its port; who is connected stays",
  async () => {
    const port = freePort();
    await using site = await Site.start(listenerOn(port));
    await using plain = await connect(`mqtt://127.0.0.1:${port}`);
    await subscribe(plain, "#");
    assert.deepEqual(await site.reload(listenerOn(port, ", protocol: websocket")), [
      "listeners 'l' protocol: websocket, was mqtt",
    ]);
    await using web = await connect(`ws://127.0.0.1:${port}/mqtt`);
    await publish(web, "a", "1");
    assert.deepEqual(await received(plain, 1), ["a 1"]);
    // What holds for the listener from now on holds for both.
    const gone = Promise.all([dismissal(plain), dismissal(web)]);
    await site.reload(listenerOn(port, ", protocol: websocket, allow_anonymous: never"));
    assert.deepEqual(await gone, [ADMINISTRATIVE_ACTION, ADMINISTRATIVE_ACTION]);
  },
);

testWithReload("clients of a listener that was opened anew go when it goes", async () => {
  const port = freePort();
  await using site = await Site.start(listenerOn(port));
  await using plain = await connect(`mqtt://127.0.0.1:${port}`);
  await site.reload(listenerOn(port, ", protocol: websocket"));
  const gone = dismissal(plain);
  await site.reload(listenerOn(freePort()));
  assert.equal(await gone, ADMINISTRATIVE_ACTION);
});

testWithReload(
  "a listener becomes one for TLS on its port, and nobody stays without it",
  async () => {
    const port = freePort();
    const files = await serverFiles();
    await using site = await Site.start(listenerOn(port), { files });
    await using plain = await connect(`mqtt://127.0.0.1:${port}`);
    const gone = dismissal(plain);
    await site.reload(listenerOn(port, `, ${TLS}}`));
    assert.equal(await gone, ADMINISTRATIVE_ACTION);
    const ca = files["ca.pem"] ?? "";
    await using secure = await connect(`mqtts://127.0.0.1:${port}`, { ca });
    assert.equal(await publish(secure, "a", ""), 0);
    // And back: there is no reason to close the connection of somebody who came with TLS.
    await site.reload(listenerOn(port));
    assert.equal(await publish(secure, "a", ""), 0);
    await using _again = await connect(`mqtt://127.0.0.1:${port}`);
  },
);

testWithReload(
  "a listener asks for certificates, and whose user it names is who is connected",
  async () => {
    const port = freePort();
    const files = await serverFiles();
    const asking = (how: string, identity: string) =>
      listenerOn(port, `, ${TLS}, client_ca: ca.pem, client_certificate: ${how}${identity}}`);
    await using site = await Site.start(listenerOn(port, `, ${TLS}}`), { files });
    const ca = files["ca.pem"] ?? "";
    const { ok, lines } = await site.tryReload(asking("request", ""));
    if (!ok) return await assertRefusal(lines, `mqtts://127.0.0.1:${port}`, ca);
    const { certificate: cert, key } = await testClient("ann");
    await using nobody = await connect(`mqtts://127.0.0.1:${port}`, { ca });
    await using ann = await connect(`mqtts://127.0.0.1:${port}`, { ca, cert, key });
    const gone = dismissal(nobody);
    await site.reload(asking("require", ""));
    assert.equal(await gone, ADMINISTRATIVE_ACTION);
    assert.equal(await publish(ann, "a", ""), 0);
    // She was anonymous until now.
    const goneToo = dismissal(ann);
    await site.reload(asking("require", ", identity: common_name"));
    assert.equal(await goneToo, ADMINISTRATIVE_ACTION);
    await using again = await connect(`mqtts://127.0.0.1:${port}`, { ca, cert, key });
    await site.process.waitForLine(/connected from .*user 'ann'/);
    assert.equal(await publish(again, "a", ""), 0);
  },
);

/** An executable of an older Deno cannot serve it, and goes on as before. */
async function assertRefusal(lines: readonly string[], url: string, ca: string): Promise<void> {
  assert.match(lines[1] ?? "", /client_certificate: request needs Deno 2\.9 or later, this is 2\./);
  await using client = await connect(url, { ca });
  assert.equal(await publish(client, "a", ""), 0);
}

Deno.test("certificates that are replaced on the disk are used for who comes, and nobody is dropped", async () => {
  const port = freePort();
  const files = await serverFiles();
  await using site = await Site.start(listenerOn(port, `, ${TLS}}`), { files });
  const url = `mqtts://127.0.0.1:${port}`;
  const ca = files["ca.pem"] ?? "";
  await using before = await connect(url, { ca });
  await subscribe(before, "#");
  assert.equal(await fingerprintAt(port, ca), fingerprint(files["server.pem"]));
  site.write("server.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  await site.process.waitForLine(/error .*; the TLS files from before stay in use/);
  assert.equal(await fingerprintAt(port, ca), fingerprint(files["server.pem"]));
  const renewed = await newTestServer();
  site.write("server.pem", renewed.certificate);
  site.write("server-key.pem", renewed.key);
  await site.process.waitForLine(/New TLS files are in use: .*connections stay/);
  assert.equal(await fingerprintWhenOpen(port, ca), fingerprint(renewed.certificate));
  await using after = await connect(url, { ca });
  await publish(after, "a", "1");
  assert.deepEqual(await received(before, 1), ["a 1"]);
});

function fingerprint(pem = ""): string {
  return new X509Certificate(pem).fingerprint256;
}

/** For a moment the socket is closed; nothing tells when it is open again. */
async function fingerprintWhenOpen(port: number, ca: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    try {
      return await fingerprintAt(port, ca);
    } catch (error) {
      if (attempt === 1000) throw error;
    }
  }
}

/** What the listener shows now. */
function fingerprintAt(port: number, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connectTls({ host: "127.0.0.1", port, ca }, () => {
    const shown = socket.getPeerCertificate().fingerprint256;
    socket.once("close", () => resolve(shown));
    socket.destroy();
  });
  socket.once("error", reject);
  return promise;
}
