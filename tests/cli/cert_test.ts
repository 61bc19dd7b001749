import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certifyClient, certifyServer, type ServerCertOptions } from "../../src/cli/cert.ts";
import { HOST } from "../certificates/folder_fixture.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import type { Outcome } from "./store_fixture.ts";

async function outcomeOf(
  run: (terminal: { out(text: string): void; err(text: string): void }) => Promise<number>,
): Promise<Outcome> {
  let [out, err] = ["", ""];
  const exitCode = await run({
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

function server(folder: string, more: Partial<ServerCertOptions> = {}): Promise<Outcome> {
  const none = { keyType: undefined, days: undefined, renew: false, newKey: false, newCa: false };
  const options = { folder, names: [], ...none, ...more };
  return outcomeOf((terminal) => certifyServer(options, terminal, HOST));
}

function client(folder: string, username: string): Promise<Outcome> {
  const none = { keyType: undefined, days: undefined, renew: false, newKey: false };
  return outcomeOf((terminal) => certifyClient({ folder, username, ...none }, terminal));
}

Deno.test("a server certificate has the names of the host and those that were given", async () => {
  using folder = temporaryFolder();
  const { exitCode, out } = await server(folder.path, { names: ["B\u00fccher.Example"] });
  assert.equal(exitCode, 0);
  const names = "pi, pi.local, localhost, xn--bcher-kva.example, 10.0.0.7, 127.0.0.1, ::1";
  assert.equal(/^For: (.*)$/m.exec(out)?.[1], names);
  const certificate = await Deno.readTextFile(`${folder.path}/server.pem`);
  const alternatives = new X509Certificate(certificate).subjectAltName ?? "";
  assert.equal(alternatives.replaceAll(/DNS:|IP Address:/g, ""), names);
});

Deno.test("root is told that the keys are root's, once", {
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
}, async () => {
  using folder = temporaryFolder();
  assert.equal(
    (await server(folder.path)).err,
    "Note: the keys can be read by root only. If the broker runs as another user, give them to " +
      `that one: sudo chown -R USER '${folder.path}'\n`,
  );
  assert.equal((await server(folder.path, { renew: true })).err, "");
  using other = temporaryFolder();
  await Deno.chown(other.path, 1234, 2345);
  assert.equal((await server(other.path)).err, "");
});

Deno.test("what stands in the way is said in one line, and ends with 1", async () => {
  using folder = temporaryFolder();
  assert.deepEqual(await client(folder.path, "ann"), {
    exitCode: 1,
    out: "",
    err: `Cannot make a client certificate: there is no CA in '${folder.path}'. ` +
      "'broker cert' makes one\n",
  });
  await Deno.writeTextFile(`${folder.path}/ca.pem`, "of somebody");
  const { exitCode, out, err } = await server(folder.path);
  assert.deepEqual([exitCode, out], [1, ""]);
  assert.match(err, /^Cannot use '.*\/ca\.pem': it is there already, and 'broker cert' did not/);
  assert.deepEqual(namesIn(folder.path), ["ca.pem"]);
  const inFile = await server(`${folder.path}/ca.pem/below`);
  assert.equal(inFile.exitCode, 1);
  assert.match(inFile.err, /^Cannot make a certificate: Not a directory/);
});
