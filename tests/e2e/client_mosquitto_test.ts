/**
 * Our client library with Mosquitto as its server: over TCP, TLS and a Unix socket, in every version,
 * and over a lost connection.
 */

import assert from "node:assert/strict";
import { Client } from "../../src/client/client.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { clientOptions } from "../client/client_fixture.ts";
import { endpoint, exchange, tlsOptions } from "../client/endpoint_fixture.ts";
import { message } from "../client/session_fixture.ts";
import { testCa, testClient, testServer } from "../support/certificates.ts";
import { testWithPrograms } from "../support/programs.ts";
import { publishText, subscribePacket } from "../support/packets.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { MosquittoBroker } from "./mosquitto_broker.ts";

const PROGRAMS = ["mosquitto"];

function portOf({ url }: MosquittoBroker): number {
  return Number(new URL(url).port);
}

for (const version of [3, 4, 5] as const) {
  testWithPrograms(
    PROGRAMS,
    `our client of version ${version} exchanges messages with Mosquitto`,
    async () => {
      await using server = await MosquittoBroker.start(["allow_anonymous true"]);
      await exchange(endpoint({ port: portOf(server) }), version);
    },
  );
}

testWithPrograms(PROGRAMS, "our client shows Mosquitto its certificate", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const ca = (await testCa()).certificate;
  await using server = await MosquittoBroker.start([
    "allow_anonymous true",
    `cafile ${folder.write("ca.pem", ca)}`,
    `certfile ${folder.path}/server.pem`,
    `keyfile ${folder.path}/server-key.pem`,
    "require_certificate true",
  ]);
  const { certificate, key } = await testClient("lamp");
  const place = endpoint({ port: portOf(server) });
  const tls = tlsOptions({ caCertificates: [ca] });
  await exchange({ ...place, tls: { ...tls, certificate, key } });
  const client = new Client(clientOptions(), { message() {} });
  await assert.rejects(openEndpoint({ ...place, tls }).then((open) => client.connect(open)), {
    name: "ConnectError",
    message: /: the server wants a client certificate$/,
  });
});

testWithPrograms(
  PROGRAMS,
  "our client loses and repeats nothing when Mosquitto's connection breaks",
  async () => {
    await using server = await MosquittoBroker.start(["allow_anonymous true"]);
    const place = endpoint({ port: portOf(server) });
    const seen: string[] = [];
    const { promise: last, resolve } = Promise.withResolvers<void>();
    const subscriber = new Client(clientOptions({ clientIdentifier: "s" }), {
      message: (packet) => {
        seen.push(publishText({ ...packet, packetIdentifier: 0 }));
        if (seen.at(-1)?.startsWith("a 199 ")) resolve();
      },
    });
    await subscriber.connect(await openEndpoint(place));
    await subscriber.subscribe(subscribePacket(["a"]).subscriptions, {});
    const properties = { sessionExpiryInterval: 60 };
    const publisher = new Client(clientOptions({ cleanStart: false, properties }), {
      message() {},
    });
    await publisher.connect(await openEndpoint(place));
    const published: Promise<unknown>[] = [];
    for (let index = 0; index < 200; index++) {
      published.push(publisher.publish(message("a", `${index}`, { qos: 2 })));
      if (index % 40 !== 39) continue;
      publisher.close();
      await publisher.ended;
      const { sessionPresent } = await publisher.connect(await openEndpoint(place));
      assert.equal(sessionPresent, true);
    }
    await Promise.all(published);
    await last;
    assert.deepEqual(seen, Array.from({ length: 200 }, (_, index) => `a ${index} qos2 #0`));
    await publisher.disconnect();
    await subscriber.disconnect();
  },
);
