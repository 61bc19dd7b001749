import assert from "node:assert/strict";
import { resolve } from "node:path";
import { clientText, serverText } from "../../src/cli/cert_text.ts";
import { fingerprintsOf, tasmotaFingerprint } from "../../src/certificates/facts.ts";
import { type ClientRequest, ensureClient } from "../../src/certificates/local_ca.ts";
import { DAY_MS } from "../../src/certificates/renewal_time.ts";
import { MADE_AT_MS, MadeFolder } from "../certificates/folder_fixture.ts";

Deno.test("it is said what each file is, and what to do with it", async () => {
  using made = new MadeFolder();
  const state = await made.ensure();
  const { sha256, sha1 } = fingerprintsOf(state.ca);
  const ofServer = fingerprintsOf(state.certificate);
  const lines = serverText(made.folder, state, MADE_AT_MS);
  assert.deepEqual(lines, [
    `Made a CA and a server certificate in '${made.path}'`,
    "",
    "FILE            WHAT IT IS",
    "ca.pem          the CA, for the clients; it ends on 2035-12-31",
    "ca-key.pem      the key of the CA: who has it can pass for your broker; keep a copy, show nobody",
    "server.pem      the certificate of the broker; it ends on 2028-04-04",
    "server-key.pem  its key, for the broker alone",
    "",
    "For: pi, pi.local, localhost, 10.0.0.7, 127.0.0.1, ::1",
    "",
    "In broker.yaml:",
    "  listeners:",
    "    - port: 8883",
    "      tls:",
    `        certificate: ${resolve(made.path, "server.pem")}`,
    `        key: ${resolve(made.path, "server-key.pem")}`,
    "",
    "On a client:",
    "  mosquitto_pub --cafile ca.pem -h pi.local -p 8883 -t test -m hello",
    "",
    "Fingerprint of the CA, to compare on a device:",
    `  SHA-256  ${sha256}`,
    `  SHA-1    ${sha1}`,
    "Fingerprint of the server certificate (ESP8266: setFingerprint takes SHA-1); another one each time",
    "it is renewed:",
    `  SHA-256  ${ofServer.sha256}`,
    `  SHA-1    ${ofServer.sha1}`,
    "Tasmota wants RSA: broker cert --key-type rsa --dir FOLDER",
    "",
    "The CA as text, for devices that are given it that way (ESPHome: certificate_authority, Arduino:",
    "setCACert or setTrustAnchors); it is what ca.pem contains:",
    ...state.ca.trimEnd().split("\n"),
  ]);
  assert.equal(lines.join("\n").includes("PRIVATE KEY"), false);
});

Deno.test("the first line says what was done, and why", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const first = async (afterDays: number) => {
    const nowMs = MADE_AT_MS + afterDays * DAY_MS;
    return serverText(made.folder, await made.ensure(afterDays), nowMs).slice(0, 2);
  };
  const there = `server certificate in '${made.path}'`;
  assert.deepEqual(await first(1), [`The ${there} is still good, for 823 days`, ""]);
  assert.deepEqual(await first(800), [`Made a ${there}: the old one ends soon`, ""]);
  assert.deepEqual(await first(3300), [
    `Made a ${there}: the old one had ended`,
    "The CA ends on 2035-12-31, and everything it signed with it. 'broker cert --new-ca' makes " +
    "another one, which all clients must then be given",
  ]);
});

Deno.test("with an RSA key there is a fingerprint for Tasmota", async () => {
  using made = new MadeFolder();
  const state = await made.ensure(0, { keyType: "rsa" });
  const lines = serverText(made.folder, state, MADE_AT_MS);
  const at = lines.indexOf("MqttFingerprint1):");
  assert.equal(lines[at + 1], `  ${tasmotaFingerprint(state.key)}`);
});

Deno.test("for a client it is said what the broker and the client need", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const none = { keyType: undefined, days: undefined, renew: false, newKey: false };
  const request: ClientRequest = { username: "it's", nowMs: MADE_AT_MS, ...none };
  const state = await ensureClient(made.folder, request);
  assert.deepEqual(clientText(made.folder, state, request), [
    `Made a client certificate in '${made.path}': there was none`,
    "",
    "FILE                 WHAT IT IS",
    "client-it's.pem      the certificate of user 'it's'; it ends on 2035-12-31",
    "client-it's-key.pem  its key, for this client alone",
    "ca.pem               the CA, by which it knows the broker",
    "",
    "In broker.yaml, below tls:",
    `        client_ca: ${resolve(made.path, "ca.pem")}`,
    "        client_certificate: require",
    "        identity: common_name",
    "",
    "On the client:",
    "  mosquitto_pub --cafile ca.pem --cert 'client-it'\\''s.pem' --key 'client-it'\\''s-key.pem' \\",
    "    -h pi.local -p 8883 -t test -m hello",
  ]);
});
