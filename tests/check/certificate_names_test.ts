/**
 * Whether a certificate is for the names that clients would use.
 */

import assert from "node:assert/strict";
import { readChain } from "../../src/check/certificate_chain.ts";
import { nameFindings } from "../../src/check/certificate_names.ts";
import type { Severity } from "../../src/check/finding.ts";
import { server, weakKey, withoutNames } from "./certificate_fixture.ts";
import { examinationOf, type FakeFiles, fakeMachine, loadedFrom } from "./fake_machine.ts";

function found(certificate: string, files: FakeFiles = {}): string[] {
  const [leaf] = readChain(certificate);
  const [listener] = loadedFrom("").settings.listeners;
  assert.ok(leaf !== undefined && listener !== undefined);
  const lines: string[] = [];
  nameFindings({
    examination: examinationOf("", fakeMachine(files)),
    listener,
    path: "/etc/broker/certs/server.pem",
    shownPath: "SERVER",
    add: (severity: Severity, problem: string, cure?: string) =>
      void lines.push(`${severity}: ${problem} | ${cure}`),
  }, leaf);
  return lines;
}

Deno.test("nameFindings() is content when the host's own names and addresses are there", async () => {
  assert.deepEqual(found((await server()).certificate), []);
});

Deno.test("nameFindings() tells what clients would call the host and the certificate does not", async () => {
  const { certificate } = await server({ names: ["mqtt.example", "pi4", "fd00::5"] });
  const problem = "info: The certificate SERVER is for mqtt.example, pi4, fd00::5; clients that " +
    "connect to pi4.local, 192.168.1.5 will refuse it | ";
  assert.deepEqual(found(certificate), [`${problem}undefined`]);
  assert.deepEqual(found(certificate, { "/etc/broker/certs/broker-cert.json": {} }), [
    `${problem}broker cert --dir '/etc/broker/certs'`,
  ]);
});

Deno.test("nameFindings() warns of a certificate with a common name alone", async () => {
  assert.deepEqual(found(await withoutNames(await weakKey())), [
    "warning: The certificate SERVER has no subject alternative name: most clients refuse it, " +
    "whatever its common name is | broker cert makes one that has the names of this machine",
  ]);
});
