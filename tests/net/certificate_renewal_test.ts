/**
 * The daily look at certificates: which, when, and what the log says.
 */

import assert from "node:assert/strict";
import type { Renewal } from "../../src/certificates/renew.ts";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { CertificateRenewal } from "../../src/net/certificate_renewal.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2027, 4, 6);

/** Listeners with these certificates; undefined: one without TLS. */
function settingsWith(...certificates: (string | undefined)[]): Settings {
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const listeners = certificates.map((certificate) => ({
    ...listener,
    tls: { ...listener.tls, certificate },
  }));
  return { ...settings, listeners };
}

/** What the log says of each kind of outcome. */
async function linesOf(renewal: Renewal | Error): Promise<string[]> {
  using log = new CapturedLog("info");
  using _timers = new FakeTimers();
  const renewals = new CertificateRenewal(() => settingsWith("server.pem"), () => {
    return renewal instanceof Error ? Promise.reject(renewal) : Promise.resolve(renewal);
  });
  await settled();
  renewals.close();
  return log.take();
}

Deno.test("CertificateRenewal looks at every certificate once, at the start and each day", async () => {
  using timers = new FakeTimers();
  let settings = settingsWith("one.pem", undefined, "two.pem", "one.pem");
  const looked: string[] = [];
  const renewals = new CertificateRenewal(() => settings, (file) => {
    looked.push(file);
    return Promise.resolve({ kind: "not_ours" });
  });
  await settled();
  assert.deepEqual(looked.splice(0), ["one.pem", "two.pem"]);
  timers.advance(DAY_MS - 1);
  await settled();
  assert.deepEqual(looked, []);
  settings = settingsWith("three.pem");
  timers.advance(1);
  await settled();
  assert.deepEqual(looked.splice(0), ["three.pem"]);
  renewals.close();
  assert.equal(timers.count, 0);
});

Deno.test("CertificateRenewal says what it did, and what somebody has to do", async () => {
  const good = { kind: "good", endsAtMs: END_MS } as const;
  assert.deepEqual(await linesOf({ kind: "not_ours" }), []);
  assert.deepEqual(await linesOf({ ...good, missingNames: [] }), []);
  assert.deepEqual(await linesOf({ ...good, missingNames: ["pi", "10.0.0.8"] }), [
    "info server The certificate 'server.pem' does not name pi, 10.0.0.8: 'broker cert' makes " +
    "one that does",
  ]);
  assert.deepEqual(await linesOf({ kind: "renewed", endsAtMs: END_MS, names: ["pi"] }), [
    "info server The certificate 'server.pem' was renewed: it is good until 2027-05-06",
  ]);
  assert.deepEqual(await linesOf({ kind: "ca_ends", endsAtMs: END_MS }), [
    "warning server The certificate 'server.pem' ends on 2027-05-06, with the CA that signed it: " +
    "make a new CA with 'broker cert --new-ca', and give it to all clients",
  ]);
  assert.deepEqual(await linesOf({ kind: "failed", reason: "Cannot read 'ca.pem'" }), [
    "warning server Cannot renew the certificate 'server.pem': Cannot read 'ca.pem'",
  ]);
});

Deno.test("CertificateRenewal survives whatever goes wrong with a certificate", async () => {
  const [line] = await linesOf(new Error("mistake"));
  assert.match(line ?? "", /^error server Cannot look at the certificate 'server\.pem': .*mistake/);
});
