/**
 * Whom a program trusts that is a client and nothing else: the CA it is given and no other, or those of
 * the system. The system's file of CAs is one of ours here.
 */

import assert from "node:assert/strict";
import { newTestServer, testCa } from "../support/certificates.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";

/** What the program prints; `systemCa`: the file of the CAs that the system trusts. */
async function connect(systemCa: string, port: number, ...caFile: string[]): Promise<string> {
  const program = new URL("./client_trust_program.ts", import.meta.url).pathname;
  const { DENO_TLS_CA_STORE: _, ...env } = Deno.env.toObject();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", program, String(port), ...caFile],
    env: { ...env, SSL_CERT_FILE: systemCa, NO_COLOR: "1" },
    clearEnv: true,
  }).output();
  return new TextDecoder().decode(stdout).trim().replace(`:${port}`, ":0");
}

Deno.test("a client trusts the CA that it is given and no other, or else those of the system", async () => {
  await using folder = await TlsFolder.create(await newTestServer());
  const ours = folder.write("ours.pem", (await testCa()).certificate);
  const other = folder.write("other.pem", (await testCa({ commonName: "Other" })).certificate);
  await using broker = await startTestBroker({ listener: { tls: folder.options() } });
  const untrusted =
    "Cannot connect to localhost:0: the server's certificate is not signed by a CA " +
    "that is trusted here; is it the right CA file?";
  assert.equal(await connect(ours, broker.port), "trusted");
  assert.equal(await connect(other, broker.port), untrusted);
  assert.equal(await connect(other, broker.port, ours), "trusted");
  assert.equal(await connect(ours, broker.port, other), untrusted);
});
