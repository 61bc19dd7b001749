/**
 * mosquitto_pub and mosquitto_sub with certificates, against the broker as a process.
 *
 * Where the broker runs on a Deno without client certificates, it must say so in its log.
 */

import assert from "node:assert/strict";
import { BrokerProcess, startBroker } from "../support/broker_process.ts";
import { newTestServer, testCa, testClient, testServer } from "../support/certificates.ts";
import { RunningProgram, runProgram, testWithPrograms } from "../support/programs.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";

const CLIENTS = ["mosquitto_sub", "mosquitto_pub"];

/** A folder with the server's files and the CA's, and the configuration of one listener with them. */
async function tlsSetup(more = ""): Promise<{ folder: TlsFolder; config: string }> {
  const folder = await TlsFolder.create(await testServer());
  folder.write("ca.pem", (await testCa()).certificate);
  const config = `listeners:
  - address: 127.0.0.1
    port: 0
    tls:
      certificate: ${folder.path}/server.pem
      key: ${folder.path}/server-key.pem
${more.replaceAll("FOLDER", folder.path)}`;
  return { folder, config };
}

function address({ port }: BrokerProcess, { path }: TlsFolder): string[] {
  return ["-h", "localhost", "-p", String(port), "--cafile", `${path}/ca.pem`];
}

/** A retained message goes there and comes back. */
async function roundTrip(args: string[], payload: string): Promise<void> {
  await runProgram("mosquitto_pub", [...args, "-t", "a", "-m", payload, "-r", "-q", "1"]);
  const printed = await runProgram("mosquitto_sub", [...args, "-t", "a", "-C", "1", "-W", "30"]);
  assert.equal(printed, `${payload}\n`);
}

for (const version of ["tlsv1.2", "tlsv1.3"]) {
  testWithPrograms(CLIENTS, `mosquitto_pub --cafile connects by ${version}`, async () => {
    const { folder, config } = await tlsSetup();
    await using _folder = folder;
    await using broker = await startBroker({ config });
    await roundTrip([...address(broker, folder), "--tls-version", version], "hello");
  });
}

testWithPrograms(CLIENTS, "mosquitto_pub with another CA does not connect", async () => {
  const { folder, config } = await tlsSetup();
  await using _folder = folder;
  const stranger = await testCa({ commonName: "Another CA" });
  const args = ["--cafile", folder.write("stranger.pem", stranger.certificate)];
  await using broker = await startBroker({ config });
  const place = ["-h", "localhost", "-p", String(broker.port)];
  await assert.rejects(runProgram("mosquitto_pub", [...place, ...args, "-t", "a", "-m", "b"]));
  await broker.waitForLine(/TLS handshake failed: the client does not trust the server's/);
});

testWithPrograms(
  CLIENTS,
  "a subscriber stays while the broker takes a new certificate",
  async () => {
    const { folder, config } = await tlsSetup();
    await using _folder = folder;
    await using broker = await startBroker({ config });
    const args = address(broker, folder);
    await runProgram("mosquitto_pub", [...args, "-t", "ready", "-m", "yes", "-r"]);
    const filters = ["-t", "ready", "-t", "news", "-C", "2"];
    await using subscriber = new RunningProgram("mosquitto_sub", [...args, ...filters]);
    await subscriber.waitForLine(/^yes$/);
    const next = await newTestServer({ days: 50 });
    folder.write("server-key.pem", next.key);
    folder.write("server.pem", next.certificate);
    await broker.waitForLine(/New TLS files are in use/);
    const publish = [...args, "-t", "news", "-m", "after", "-q", "1"];
    // For a moment nobody listens.
    await runProgram("mosquitto_pub", publish).catch(() => runProgram("mosquitto_pub", publish));
    assert.deepEqual(await subscriber.allLines(), ["yes", "after"]);
  },
);

const MUTUAL = `      client_ca: FOLDER/ca.pem
      client_certificate: require
      identity: common_name
    allow_anonymous: never
roles:
  - name: lamps
    users: [lamp]
    allow: ["readwrite a"]
`;

testWithPrograms(
  CLIENTS,
  "mosquitto_pub --cert is the user that its certificate names, where the platform can do that",
  async () => {
    const { folder, config } = await tlsSetup(MUTUAL);
    await using _folder = folder;
    const { certificate, key } = await testClient("lamp");
    const paths = [folder.write("lamp.pem", certificate), folder.write("lamp-key.pem", key)];
    await using broker = await BrokerProcess.spawn({ config });
    const line = await broker.waitForLine(/Listening on|needs Deno 2\.9/);
    if (/needs Deno 2\.9/.test(line)) {
      assert.match(line, /Cannot serve TLS: client_certificate: require needs Deno 2\.9 or later/);
      return;
    }
    await broker.waitUntilListening();
    const args = address(broker, folder);
    await roundTrip([...args, "--cert", paths[0] as string, "--key", paths[1] as string], "lit");
    await broker.waitForLine(/connected from .*user 'lamp'/);
    await assert.rejects(runProgram("mosquitto_pub", [...args, "-t", "a", "-m", "b"]));
    await broker.waitForLine(/TLS handshake failed: the client has no certificate/);
  },
);
