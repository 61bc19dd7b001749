/**
 * All probes of `broker check` together.
 */

import assert from "node:assert/strict";
import { examine, examineSettings } from "../../src/check/examine.ts";
import type { Finding, Severity } from "../../src/check/finding.ts";
import { examinationOf, fakeMachine, loadedFrom, shown } from "./fake_machine.ts";

const CONFIG = "persistence: {path: /var/lib/broker/b.db}\n";
const FOLDER = { "/var/lib/broker": { kind: "folder", uid: 990, mode: 0o700 } } as const;

const finding = (severity: Severity, problem: string): Finding => ({
  severity,
  place: undefined,
  problem,
  cure: undefined,
});

Deno.test("examine() finds nothing where everything is right", async () => {
  assert.deepEqual(await examine(examinationOf(CONFIG, fakeMachine(FOLDER))), []);
});

Deno.test("examine() asks every probe, and puts errors first", async () => {
  const machine = fakeMachine({}, {
    tryPort: () => ({ outcome: "in use" }),
    memory: () => undefined,
    openableFiles: () => 10,
    nowMs: () => 0,
  });
  const config = `${CONFIG}listeners:\n  - {allow_anonymous: always}\n  - {path: /run/x/s}\n` +
    "acl_files: [acl]\n";
  const found = shown(await examine(examinationOf(config, machine)));
  const severities = found.map((line) => line.split(/[ :]/, 1)[0]);
  assert.deepEqual(severities, [
    ...["error", "error", "error", "error", "error"],
    ...["warning", "warning"],
    "info",
  ]);
  const said = [
    /port 1883/,
    /socket/,
    /acl/,
    /keep data/,
    /clock/,
    /files: further/,
    /anybody/,
    /memory/,
  ];
  for (const [index, pattern] of said.entries()) assert.match(found[index] ?? "", pattern);
});

Deno.test("examine() goes on when a probe fails, and says so", async () => {
  const findings = await examine(examinationOf("", fakeMachine()), {
    "the moon": () => {
      throw new Error("no telescope");
    },
    "the stars": () => Promise.reject(new Error("clouds")),
    "the sun": () => [finding("error", "it shines")],
  });
  assert.deepEqual(shown(findings), [
    "error: it shines",
    "warning: Cannot look at the moon: no telescope",
    "warning: Cannot look at the stars: clouds",
  ]);
});

Deno.test("examineSettings() looks at the settings alone", () => {
  const roles = "roles: [{name: r, users: [zoe]}]\nusers: []\n";
  assert.deepEqual(shown(examineSettings(loadedFrom("listeners: [{allow_anonymous: always}]\n"))), [
    "warning 1: Listener '1883' serves anybody who reaches it, on all addresses and without TLS | " +
    "allow_anonymous: local_network; or users: broker passwd --help, and TLS: broker cert --help",
    "info 1: There are no rules: whoever is let in may publish and subscribe to everything | " +
    "roles: [{name: all, allow: [readwrite %u/#]}]; broker explain --help shows what holds",
  ]);
  const filed = `${roles}authentication: {password_files: [/no/pw]}\n`;
  assert.deepEqual(examineSettings(loadedFrom(filed)), []);
});
