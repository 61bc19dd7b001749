/**
 * `broker check`: what it prints where, and its exit code.
 */

import assert from "node:assert/strict";
import { check, type CheckOptions } from "../../src/cli/check.ts";
import { ExitCode } from "../../src/cli/terminal.ts";
import type { Machine } from "../../src/check/machine.ts";
import { fakeMachine } from "../check/fake_machine.ts";

type Outcome = [exitCode: number, out: string, err: string];

/** What `check` does with a file of this content; FILE stands for its path. */
async function checked(
  content: string,
  options: CheckOptions = {},
  answers: Partial<Machine> = {},
): Promise<Outcome> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, content);
    return await checkedPath(path, options, answers);
  } finally {
    await Deno.remove(path);
  }
}

async function checkedPath(
  path: string,
  options: CheckOptions = {},
  answers: Partial<Machine> = {},
): Promise<Outcome> {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const exitCode = await check(path, terminal, options, fakeMachine({}, answers));
  return [exitCode, out.replaceAll(path, "FILE"), err.replaceAll(path, "FILE")];
}

const STORE = "persistence: {path: /b.db}\n";
const SUMMARY = "Listeners:\n" +
  "  port 1883 on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local " +
  "network only\n" +
  "Durability full, data in '/b.db': a power cut loses nothing that was acknowledged\n" +
  "Not the default:\n" +
  "  persistence.path: /b.db (default broker.db)\n";
const LOOKED = "Looked at on this machine, for user 'root', who runs this\n";
const IN_USE: Partial<Machine> = { tryPort: () => ({ outcome: "in use" }) };

Deno.test("check() says what is in effect, and for whom the machine was looked at", async () => {
  assert.deepEqual(await checked(STORE), [ExitCode.Ok, `FILE: ok\n${SUMMARY}${LOOKED}`, ""]);
});

Deno.test("check() has a line for every listener and for every change", async () => {
  const content = "listeners: [{path: /run/b.sock}, {port: 0}]\n" +
    "features: {max_qos: 1}\nlogging: {level: debug}\npersistence: {durability: off}\n";
  const [exitCode, out] = await checked(content, { isSettingsOnly: true });
  assert.equal(exitCode, ExitCode.Ok);
  assert.equal(
    out,
    "FILE: ok\n" +
      "Listeners:\n" +
      "  the Unix socket '/run/b.sock': anonymous clients from the local network only\n" +
      "  any free port on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the " +
      "local network only\n" +
      "Durability off: the end of the process loses sessions, waiting and retained messages\n" +
      "Not the default:\n" +
      "  features.max_qos: 1 (default 2)\n" +
      "  persistence.durability: off (default full)\n" +
      "  logging.level: debug (default info)\n",
  );
});

Deno.test("check() ends with 2 for an error, which has its line and its cure", async () => {
  assert.deepEqual(await checked(STORE, {}, IN_USE), [
    ExitCode.Usage,
    `FILE: 1 error\n${SUMMARY}${LOOKED}\n` +
    "Errors:\n" +
    "  FILE:1: Cannot listen on port 1883 on all addresses (IPv4 and IPv6): another program has " +
    "the port\n" +
    "    cure: sudo ss -ltnp 'sport = :1883' shows which one\n",
    "",
  ]);
});

Deno.test("check() ends with 0 for warnings and notes, unless warnings count", async () => {
  const content = `${STORE}listeners:\n  - allow_anonymous: always\n`;
  const [exitCode, out] = await checked(content);
  assert.equal(exitCode, ExitCode.Ok);
  assert.ok(out.startsWith("FILE: ok, 1 warning\n"), out);
  assert.ok(out.endsWith(
    "\nWarnings:\n" +
      "  FILE:3: Listener '1883' serves anybody who reaches it, on all addresses and without TLS\n" +
      "    cure: allow_anonymous: local_network; or users: broker passwd --help, and TLS: broker " +
      "cert --help\n" +
      "\nNotes:\n" +
      "  FILE:1: There are no rules: whoever is let in may publish and subscribe to everything\n" +
      "    cure: roles: [{name: all, allow: [readwrite %u/#]}]; broker explain --help shows what " +
      "holds\n",
  ));
  assert.equal((await checked(content, { isStrict: true }))[0], ExitCode.Failure);
  assert.equal((await checked(STORE, { isStrict: true }))[0], ExitCode.Ok);
});

Deno.test("check() of the settings alone looks at no machine", async () => {
  const content = `${STORE}acl_files: [/nowhere/acl]\n`;
  const [exitCode, out] = await checked(content, { isSettingsOnly: true }, IN_USE);
  assert.equal(exitCode, ExitCode.Ok);
  assert.ok(out.startsWith("FILE: ok\n"));
  assert.equal(out.includes("Looked at"), false);
});

Deno.test("check() reports wrong files that the configuration names", async () => {
  const [exitCode, out, err] = await checked(`${STORE}acl_files: [/nowhere/acl]\n`);
  assert.deepEqual([exitCode, err], [ExitCode.Usage, ""]);
  assert.match(
    out,
    /^ {2}FILE:2: Cannot use '\/nowhere\/acl' as 'acl_files\[0\]': it does not exist: there is no '\/nowhere'$/m,
  );
});

Deno.test("check() looks as the user that is asked for, and knows when there is none", async () => {
  const [, out] = await checked(STORE, { user: "pi" });
  assert.match(out, /^Looked at on this machine, for user 'pi'$/m);
  assert.deepEqual(await checked(STORE, { user: "mqtt" }), [
    ExitCode.Usage,
    "",
    "There is no user 'mqtt' in /etc/passwd\n",
  ]);
});

Deno.test("check() reports a wrong file as an error and prints nothing else", async () => {
  const [exitCode, out, err] = await checked("max_qos: 1\n");
  assert.deepEqual([exitCode, out], [ExitCode.Usage, ""]);
  assert.match(err, /^FILE:1:1: Cannot use 'max_qos': [^]*\n1 error in FILE\n$/);
});

Deno.test("check() of a file that does not exist says so", async () => {
  assert.deepEqual(await checkedPath("no/such/broker.yaml"), [
    ExitCode.Usage,
    "",
    "FILE: Cannot open the file: it does not exist\n\n1 error in FILE\n",
  ]);
});

Deno.test("check() shows values of the file without their control characters in force", async () => {
  const content = 'listeners: [{path: "/run/\\e[31mb.sock"}]\n';
  const [exitCode, out] = await checked(content, { isSettingsOnly: true });
  assert.equal(exitCode, ExitCode.Ok);
  assert.match(out, /the Unix socket '\/run\/\\x1b\[31mb\.sock'/);
});

Deno.test("check() prints one JSON document, of what is right and of what is wrong", async () => {
  const [exitCode, out, err] = await checked(STORE, { isJson: true }, IN_USE);
  assert.deepEqual([exitCode, err], [ExitCode.Usage, ""]);
  const { file, counts, findings } = JSON.parse(out);
  assert.equal(file, "FILE");
  assert.deepEqual(counts, { error: 1, warning: 0, info: 0 });
  assert.equal(findings[0].place, "FILE:1");
  const [wrongCode, wrong, nothing] = await checked("max_qos: 1\nx: 2\n", { isJson: true });
  assert.deepEqual([wrongCode, nothing], [ExitCode.Usage, ""]);
  assert.deepEqual(
    JSON.parse(wrong).findings.map(({ place }: { place: string }) => place),
    ["FILE:1:1", "FILE:2:1"],
  );
});
