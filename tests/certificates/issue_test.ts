import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { belongsTogether, endOf } from "../../src/certificates/facts.ts";
import { issueClient, issueServer, makeCa } from "../../src/certificates/issue.ts";
import { KEY_TYPES, keyTypeOf } from "../../src/certificates/keys.ts";
import { DAY_MS } from "../../src/certificates/renewal_time.ts";
import { handshake, mutualHandshake } from "./handshake_fixture.ts";

const NAMES = ["pi.local", "my_host", "*.garden.lan", "localhost", "127.0.0.1", "fd00::2", "::1"];
/** 2026-01-02T03:04:05.678Z. */
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

Deno.test("a server is trusted by its CA, by every name and address of its certificate", async () => {
  for (const keyType of KEY_TYPES) {
    const ca = await makeCa({ keyType });
    const server = await issueServer(ca, { names: NAMES });
    for (const name of NAMES) {
      assert.equal(await handshake(server, ca.certificate, name.replace("*", "shed")), "ok", name);
    }
  }
});

Deno.test("a server is refused by another name, and by another CA", async () => {
  const [ca, other] = [await makeCa(), await makeCa()];
  const server = await issueServer(ca, { names: ["pi.local", "10.0.0.1"] });
  assert.match(await handshake(server, ca.certificate, "pi2.local"), /not valid for name/);
  assert.match(await handshake(server, ca.certificate, "10.0.0.2"), /not valid for name/);
  assert.match(
    await handshake(server, other.certificate, "pi.local"),
    /UnknownIssuer|BadSignature/,
  );
});

Deno.test("a client certificate proves its name, and is no server's", async () => {
  const ca = await makeCa();
  const server = await issueServer(ca, { names: ["localhost"] });
  for (const keyType of KEY_TYPES) {
    const client = await issueClient(ca, { username: "J\u00f6rg/1", keyType });
    assert.equal(keyTypeOf(client.key), keyType);
    assert.equal(await mutualHandshake(server, ca.certificate, client), "J\u00f6rg/1");
  }
  const stranger = await issueClient(await makeCa(), { username: "ann" });
  assert.equal(await mutualHandshake(server, ca.certificate, stranger), undefined);
  assert.equal(await mutualHandshake(server, ca.certificate, server), undefined);
  const client = await issueClient(ca, { username: "localhost" });
  assert.notEqual(await handshake(client, ca.certificate, "localhost"), "ok");
});

Deno.test("certificates are valid from an hour ago, for the days that were asked for", async () => {
  const ca = await makeCa({ nowMs: NOW_MS });
  const server = await issueServer(ca, { names: ["a"], days: 90, nowMs: NOW_MS });
  const seen = new X509Certificate(server.certificate);
  assert.equal(Date.parse(seen.validFrom), Date.UTC(2026, 0, 2, 2, 4, 5));
  assert.equal(endOf(server.certificate), Date.UTC(2026, 3, 2, 2, 4, 4));
  const longest = await issueServer(ca, { names: ["a"], nowMs: NOW_MS });
  const { validFrom, validTo } = new X509Certificate(longest.certificate);
  assert.equal(Date.parse(validTo) - Date.parse(validFrom), 825 * DAY_MS - 1000);
});

Deno.test("years from 2050 on are written in full", async () => {
  const ca = await makeCa({ nowMs: NOW_MS, days: 40 * 365 });
  assert.equal(new Date(endOf(ca.certificate)).getUTCFullYear(), 2065);
});

Deno.test("nothing outlives its CA, and an old CA signs nothing", async () => {
  const ca = await makeCa({ days: 10, nowMs: NOW_MS });
  const server = await issueServer(ca, { names: ["a"], nowMs: NOW_MS });
  const client = await issueClient(ca, { username: "ann", nowMs: NOW_MS });
  assert.deepEqual([endOf(server.certificate), endOf(client.certificate)], [
    endOf(ca.certificate),
    endOf(ca.certificate),
  ]);
  await assert.rejects(issueServer(ca, { names: ["a"], nowMs: NOW_MS + 11 * DAY_MS }), {
    message: "Cannot make a certificate: the CA has ended. --new-ca makes another one",
  });
});

Deno.test("a key that is given is used, and its type is the CA's otherwise", async () => {
  const ca = await makeCa({ keyType: "rsa" });
  const first = await issueServer(ca, { names: ["a"] });
  const second = await issueServer(ca, { names: ["a"], key: first.key });
  assert.equal(keyTypeOf(first.key), "rsa");
  assert.equal(second.key, first.key);
  assert.notEqual(second.certificate, first.certificate);
  assert.equal(belongsTogether(second.certificate, first.key), true);
});

Deno.test("names that no certificate can have are refused", async () => {
  const ca = await makeCa();
  await assert.rejects(issueServer(ca, { names: [] }), {
    message: "Cannot make a server certificate: it has no name",
  });
  for (const username of ["", "x".repeat(65)]) {
    await assert.rejects(issueClient(ca, { username }), {
      message: `Cannot make a client certificate: its name has ${username.length} characters, ` +
        "allowed are 1 to 64",
    });
  }
  const long = `${"x".repeat(63)}.local`;
  const server = await issueServer(ca, { names: [long, "pi"] });
  assert.equal(new X509Certificate(server.certificate).subject, "CN=pi");
  assert.equal(await handshake(server, ca.certificate, long), "ok");
});
