/**
 * `broker check`: what it prints where, and its exit code.
 */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { check } from "../../src/cli/check.ts";
import { ExitCode } from "../../src/cli/terminal.ts";

/** What `check` does with a file of this content; FILE stands for its path. */
async function checked(content: string): Promise<[exitCode: number, out: string, err: string]> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, content);
    return await checkedPath(path);
  } finally {
    await Deno.remove(path);
  }
}

async function checkedPath(path: string): Promise<[exitCode: number, out: string, err: string]> {
  let out = "";
  let err = "";
  const exitCode = await check(path, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return [exitCode, out.replaceAll(path, "FILE"), err.replaceAll(path, "FILE")];
}

Deno.test("check() of an empty file says where clients can connect, and that nothing differs", async () => {
  assert.deepEqual(await checked(""), [
    ExitCode.Ok,
    "FILE: ok\n" +
    "Listeners:\n" +
    "  port 1883 on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local network only\n" +
    `Durability full, data in '${
      resolve("broker.db")
    }': a power cut loses nothing that was acknowledged\n` +
    "Everything else has its default\n",
    "",
  ]);
});

Deno.test("check() has a line for every listener and for every change", async () => {
  const content = "listeners: [{path: /run/b.sock, allow_anonymous: never}, {port: 0}]\n" +
    "features: {max_qos: 1}\nlogging: {level: debug}\n";
  assert.deepEqual(await checked(content), [
    ExitCode.Ok,
    "FILE: ok\n" +
    "Listeners:\n" +
    "  the Unix socket '/run/b.sock': no anonymous clients\n" +
    "  any free port on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local network " +
    "only\n" +
    `Durability full, data in '${
      resolve("broker.db")
    }': a power cut loses nothing that was acknowledged\n` +
    "Not the default:\n" +
    "  features.max_qos: 1 (default 2)\n" +
    "  logging.level: debug (default info)\n" +
    "Warning: Listener '/run/b.sock' serves nobody: it has 'allow_anonymous: never', and there " +
    "are no users\n",
    "",
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
  const [exitCode, out] = await checked('listeners: [{path: "/run/\\e[31mb.sock"}]\n');
  assert.equal(exitCode, ExitCode.Ok);
  assert.match(out, /the Unix socket '\/run\/\\x1b\[31mb\.sock'/);
});

Deno.test("check() reports wrong files that the configuration names, with exit code 2", async () => {
  const [exitCode, out, err] = await checked("acl_files: [/nowhere/acl]\n");
  assert.deepEqual([exitCode, out], [ExitCode.Usage, ""]);
  assert.equal(
    err,
    "FILE:1: Cannot use '/nowhere/acl' as 'acl_files[0]': it does not exist\n" +
      "\n" +
      "1 error in the files that FILE names\n",
  );
});

Deno.test("check() warns of what is allowed and probably not meant", async () => {
  const [exitCode, out] = await checked("listeners: [{allow_anonymous: always}]\n");
  assert.equal(exitCode, ExitCode.Ok);
  assert.deepEqual(out.split("\n").filter((line) => line.startsWith("Warning: ")), [
    "Warning: Listener '1883' serves anybody who reaches it, on all addresses and without TLS",
  ]);
});
