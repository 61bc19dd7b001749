/**
 * The machine that the tests run on, as `broker check` asks it: what is asked changes nothing.
 */

import assert from "node:assert/strict";
import { thisMachine } from "../../src/check/this_machine.ts";
import { ControlServer } from "../../src/control/control_server.ts";
import { temporaryFolder } from "../storage/fixture.ts";

const isLinux = Deno.build.os === "linux";

Deno.test("tryPort() tells a free port from one that is taken", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assert.deepEqual(thisMachine.tryPort("127.0.0.1", port), { outcome: "in use" });
  listener.close();
  const attempt = thisMachine.tryPort("127.0.0.1", port);
  assert.equal(attempt.outcome, "free");
  if (attempt.outcome === "free") attempt.close();
});

Deno.test("tryPort() knows addresses and names that there are not", () => {
  // Of RFC 5737, for documentation.
  assert.deepEqual(thisMachine.tryPort("198.51.100.77", 1883), { outcome: "no such address" });
  assert.deepEqual(thisMachine.tryPort("no.such.host.invalid", 1883), { outcome: "unknown host" });
});

Deno.test("look() says what a path is, and does not follow links", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/file`;
  Deno.writeTextFileSync(file, "four", { mode: 0o640 });
  Deno.chmodSync(file, 0o640);
  Deno.symlinkSync("file", `${folder.path}/link`);
  const facts = thisMachine.look(file);
  assert.ok(typeof facts !== "string");
  const { kind, uid, mode, sizeBytes, target } = facts;
  assert.deepEqual([kind, uid, mode, sizeBytes, target], [
    "file",
    Deno.uid(),
    0o640,
    4,
    undefined,
  ]);
  const link = thisMachine.look(`${folder.path}/link`);
  assert.ok(typeof link !== "string");
  assert.deepEqual([link.kind, link.target], ["link", "file"]);
  const above = thisMachine.look(folder.path);
  assert.equal(typeof above === "string" ? above : above.kind, "folder");
  assert.equal(thisMachine.look(`${folder.path}/none`), "missing");
});

Deno.test("files and folders are read, and what is not there has no names", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/b`, "0123456789");
  Deno.writeTextFileSync(`${folder.path}/a`, "");
  assert.deepEqual(thisMachine.list(folder.path), ["a", "b"]);
  assert.deepEqual(thisMachine.list(`${folder.path}/none`), []);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(text(thisMachine.read(`${folder.path}/b`)), "0123456789");
  assert.equal(text(thisMachine.readStart(`${folder.path}/b`, 4)), "0123");
  assert.equal(thisMachine.readStart(`${folder.path}/a`, 4).length, 0);
  assert.throws(() => thisMachine.readStart(`${folder.path}/none`, 4), Deno.errors.NotFound);
});

Deno.test("asking about the disk, the memory and open files leaves nothing behind", () => {
  using folder = temporaryFolder();
  assert.equal(thisMachine.isReadOnly(folder.path), false);
  const disk = thisMachine.fileSystemOf(folder.path);
  assert.ok(disk !== undefined && disk.type > 0 && disk.freeBytes > 0);
  assert.equal(thisMachine.fileSystemOf(`${folder.path}/none`), undefined);
  const memory = thisMachine.memory();
  assert.ok(memory !== undefined && memory.totalBytes >= memory.availableBytes);
  assert.equal(thisMachine.openableFiles(20), 20);
  assert.equal(thisMachine.isStoreInUse(`${folder.path}/b.db`), false);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("the host has a name, addresses, a clock and a user", () => {
  assert.ok(thisMachine.hostName() !== "");
  assert.ok(thisMachine.interfaces().some(({ address }) => address === "127.0.0.1"));
  assert.ok(Math.abs(thisMachine.nowMs() - Date.now()) < 60_000);
  assert.equal(thisMachine.userId, Deno.uid() ?? undefined);
  assert.equal(typeof thisMachine.hasNodeTls(), "boolean");
});

Deno.test({
  name: "askBroker() has the process and the addresses of a broker that answers",
  ignore: !isLinux,
  fn: async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/b.db.control`;
    assert.equal(await thisMachine.askBroker(path), "nobody");
    const listener = Deno.listen({ transport: "unix", path });
    const serving = answerOnce(listener);
    assert.deepEqual(await thisMachine.askBroker(path), {
      processId: 7,
      configurationFile: "/etc/b.yaml",
      endpoints: ["all:1883", "[::]:1883"],
    });
    listener.close();
    await serving;
  },
});

/** As the broker does: an item, and the end. The first connection only knocks. */
async function answerOnce(listener: Deno.Listener): Promise<void> {
  (await listener.accept()).close();
  using conn = await listener.accept();
  await conn.read(new Uint8Array(1024));
  const listeners = [
    { endpoint: "all:1883", addresses: ["[::]:1883"], state: "open" },
    { endpoint: "all:1884", addresses: [], state: "retrying" },
  ];
  const configurationFile = "/etc/b.yaml";
  const lines = [{ item: { processId: 7, configurationFile, listeners } }, { ok: true, lines: [] }];
  await conn.write(
    new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
  );
}

Deno.test({
  name: "askBroker() tells a broker of another kind from none",
  ignore: !isLinux,
  fn: async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/b.db.control`;
    const server = await ControlServer.open(
      path,
      () => Promise.resolve({ ok: false, lines: ["no"] }),
    );
    assert.equal(await thisMachine.askBroker(path), "silent");
    assert.equal(await thisMachine.trySocket(path), "answers");
    server.close();
    assert.equal(await thisMachine.trySocket(path), "nobody");
  },
});

Deno.test({
  name: "read() and readStart() do not wait for what is no regular file",
  ignore: !isLinux,
  fn: () => {
    assert.throws(() => thisMachine.read("/dev/zero"), /it is no regular file/);
    assert.throws(() => thisMachine.readStart("/dev/zero", 100), /it is no regular file/);
  },
});
