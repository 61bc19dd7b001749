/**
 * `broker cert` as a process: what it makes is accepted by Mosquitto, as a client and as a broker, and
 * by Deno, and its keys are for their owner only.
 */

import assert from "node:assert/strict";
import { handshake, mutualHandshake } from "../certificates/handshake_fixture.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { runBroker } from "../support/broker_process.ts";
import { RunningProgram, testWithPrograms } from "../support/programs.ts";

const KEY_TYPES = ["ec", "rsa"] as const;

async function cert(dir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runBroker(["cert", ...args, "--dir", dir]);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function issued(dir: string, name: string) {
  const [certificate, key] = await Promise.all([
    Deno.readTextFile(`${dir}/${name}.pem`),
    Deno.readTextFile(`${dir}/${name}-key.pem`),
  ]);
  return { certificate, key };
}

Deno.test("broker cert makes a CA, a server and a client that trust each other", async () => {
  using folder = temporaryFolder();
  for (const keyType of KEY_TYPES) {
    const dir = `${folder.path}/${keyType}`;
    const printed = await cert(dir, "--key-type", keyType);
    assert.match(printed, /^Made a CA and a server certificate in /);
    assert.equal(printed.includes("PRIVATE KEY"), false);
    await cert(dir, "client", "ann");
    const [ca, server, client] = [
      await Deno.readTextFile(`${dir}/ca.pem`),
      await issued(dir, "server"),
      await issued(dir, "client-ann"),
    ];
    assert.equal(printed.includes(ca), true);
    assert.equal(await handshake(server, ca, Deno.hostname().toLowerCase()), "ok");
    assert.equal(await mutualHandshake(server, ca, client), "ann");
    if (Deno.build.os === "windows") continue;
    for (const name of ["ca", "server", "client-ann"]) {
      const { mode } = await Deno.stat(`${dir}/${name}-key.pem`);
      assert.equal((mode ?? 0) & 0o777, 0o600);
    }
  }
});

Deno.test("broker cert renews with the same CA and key", async () => {
  using folder = temporaryFolder();
  await cert(folder.path);
  const before = await issued(folder.path, "server");
  const ca = await issued(folder.path, "ca");
  assert.match(await cert(folder.path), /^The server certificate in .* is still good/);
  assert.deepEqual(await issued(folder.path, "server"), before);
  await cert(folder.path, "--renew");
  const after = await issued(folder.path, "server");
  assert.deepEqual([after.key, await issued(folder.path, "ca")], [before.key, ca]);
  assert.notEqual(after.certificate, before.certificate);
  assert.equal(await handshake(after, ca.certificate, "localhost"), "ok");
});

/** Whether mosquitto_pub, with these arguments, publishes to a Mosquitto that wants certificates. */
async function publishes(dir: string, args: readonly string[]): Promise<boolean> {
  const config = `${dir}/mosquitto.conf`;
  const port = freePort();
  const lines = [
    `listener ${port} 127.0.0.1`,
    `cafile ${dir}/ca.pem`,
    `certfile ${dir}/server.pem`,
    `keyfile ${dir}/server-key.pem`,
    "require_certificate true",
    "use_identity_as_username true",
    "allow_anonymous false",
    // As root, Mosquitto becomes another user, who may not read the keys.
    "user root",
  ];
  await Deno.writeTextFile(config, lines.join("\n"));
  await using mosquitto = new RunningProgram("mosquitto", ["-c", config]);
  await mosquitto.waitForLine(/running$/);
  const where = ["-h", "localhost", "-p", `${port}`, "-t", "a", "-m", "b"];
  const command = new Deno.Command("mosquitto_pub", {
    args: [...where, ...args],
    stdin: "null",
    stderr: "null",
  });
  return (await command.output()).success;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

testWithPrograms(
  ["mosquitto", "mosquitto_pub"],
  "Mosquitto takes the certificates of broker cert, on both ends",
  async () => {
    using folder = temporaryFolder();
    for (const keyType of KEY_TYPES) {
      const dir = `${folder.path}/${keyType}`;
      await cert(dir, "--key-type", keyType);
      await cert(dir, "client", "ann");
      const client = ["--cert", `${dir}/client-ann.pem`, "--key", `${dir}/client-ann-key.pem`];
      assert.equal(await publishes(dir, ["--cafile", `${dir}/ca.pem`, ...client]), true);
      assert.equal(await publishes(dir, ["--cafile", `${dir}/ca.pem`]), false);
      const other = `${folder.path}/${keyType}-other`;
      await cert(other, "--key-type", keyType);
      assert.equal(await publishes(dir, ["--cafile", `${other}/ca.pem`, ...client]), false);
    }
  },
);
