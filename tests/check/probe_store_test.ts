/**
 * Whether the broker can keep its data, and whether the place is a good one.
 */

import assert from "node:assert/strict";
import type { Machine } from "../../src/check/machine.ts";
import { probeStore } from "../../src/check/probe_store.ts";
import { addToUnit } from "../../src/check/service_unit.ts";
import {
  examinationOf,
  examinationOfUnit,
  type FakeFiles,
  fakeMachine,
  shown,
} from "./fake_machine.ts";

const CONFIG = "persistence:\n  path: /var/lib/broker/b.db\n";
const FOLDER: FakeFiles = {
  "/var/lib/broker": { kind: "folder", uid: 990, gid: 991, mode: 0o750 },
};

async function found(files: FakeFiles, answers: Partial<Machine> = {}): Promise<string[]> {
  return shown(await probeStore(examinationOf(CONFIG, fakeMachine(files, answers))));
}

/** The first bytes of an SQLite file. */
function header(applicationId: number, version: number): Uint8Array {
  const bytes = new Uint8Array(100);
  bytes.set(new TextEncoder().encode("SQLite format 3\0"));
  new DataView(bytes.buffer).setUint32(60, version);
  new DataView(bytes.buffer).setUint32(68, applicationId);
  return bytes;
}

const OURS = 0x4d515454;

Deno.test("probeStore() is content with a folder of the broker's user, and a store of ours", async () => {
  assert.deepEqual(await found(FOLDER), []);
  const own = { uid: 990, mode: 0o600 };
  const files: FakeFiles = {
    ...FOLDER,
    "/var/lib/broker/b.db": { ...own, bytes: header(OURS, 1) },
    "/var/lib/broker/b.db-wal": own,
    "/var/lib/broker/b.db.lock": own,
  };
  assert.deepEqual(await found(files), []);
});

Deno.test("probeStore() has nothing to say when nothing is kept", async () => {
  const machine = fakeMachine();
  const config = "persistence: {durability: off, path: /nowhere/b.db}\n";
  assert.deepEqual(await probeStore(examinationOf(config, machine)), []);
});

Deno.test("probeStore() demands a folder that can be made, or written to", async () => {
  assert.deepEqual(await found({ "/var/lib": { kind: "folder", mode: 0o755 } }), [
    "error 2: Cannot keep data in '/var/lib/broker/b.db': user 'broker' may not write to the folder " +
    "'/var/lib': that belongs to user 'root', group 'root', mode 0755 | " +
    "sudo install -d -m 0750 -o broker -g broker '/var/lib/broker'",
  ]);
  const roots: FakeFiles = { "/var/lib/broker": { kind: "folder", mode: 0o755 } };
  assert.deepEqual(await found(roots), [
    "error 2: Cannot keep data in '/var/lib/broker/b.db': user 'broker' may not write to the folder " +
    "'/var/lib/broker': that belongs to user 'root', group 'root', mode 0755 | " +
    "sudo chown broker '/var/lib/broker'",
  ]);
});

Deno.test("probeStore() sees what root has left beside the data", async () => {
  const files: FakeFiles = {
    ...FOLDER,
    "/var/lib/broker/b.db": { mode: 0o600 },
    "/var/lib/broker/b.db.lock": { mode: 0o600 },
  };
  const [line, ...more] = await found(files);
  assert.deepEqual(more, []);
  assert.match(line ?? "", /may not read it: it belongs to user 'root'/);
  assert.match(line ?? "", /; user 'broker' may not read '\/var\/lib\/broker\/b\.db\.lock': that/);
  assert.match(
    line ?? "",
    / \| sudo chown broker '\/var\/lib\/broker\/b\.db' && sudo chown broker '\/var\/lib\/broker\/b\.db\.lock'$/,
  );
});

Deno.test("probeStore() leaves to systemd what systemd makes", async () => {
  const unit = "[Service]\nUser=broker\nStateDirectory=broker\n";
  const machine = fakeMachine({ "/etc/systemd/system/broker.service": { text: unit } });
  const config = "persistence: {path: b.db}\n";
  assert.deepEqual(await probeStore(examinationOfUnit(config, machine)), []);
});

/** What is found with a unit, and the data in its StateDirectory=. */
async function foundWithUnit(unit: string, files: FakeFiles, path = "b.db"): Promise<string[]> {
  const text = `[Service]\nStateDirectory=broker\n${unit}`;
  const machine = fakeMachine({ ...files, "/etc/systemd/system/broker.service": { text } });
  return shown(await probeStore(examinationOfUnit(`persistence: {path: ${path}}\n`, machine)));
}

Deno.test("probeStore() knows what systemd gives to the service's user at every start", async () => {
  const roots: FakeFiles = { "/var/lib/broker": { kind: "folder", mode: 0o755 } };
  assert.deepEqual(await foundWithUnit("User=broker\n", roots), []);
  // A file in it stays whose it is.
  const file: FakeFiles = { ...roots, "/var/lib/broker/b.db": { mode: 0o600 } };
  assert.match(
    (await foundWithUnit("User=broker\n", file)).join(),
    /may not read it.* \| sudo chown/,
  );
  const dynamic: FakeFiles = {
    "/var/lib/broker": { target: "private/broker" },
    "/var/lib/private": { kind: "folder", mode: 0o700 },
    "/var/lib/private/broker": { kind: "folder", uid: 62_000, gid: 62_000, mode: 0o750 },
    "/var/lib/private/broker/b.db": { uid: 62_000, mode: 0o600 },
  };
  assert.deepEqual(await foundWithUnit("DynamicUser=yes\n", dynamic), []);
});

Deno.test("probeStore() sees that the unit locks or hides the place", async () => {
  const files: FakeFiles = { "/srv/mqtt": { kind: "folder", uid: 990, mode: 0o750 } };
  const strict = "User=broker\nProtectSystem=strict\n";
  assert.deepEqual(await foundWithUnit(strict, files), []);
  assert.deepEqual(await foundWithUnit(strict, files, "/srv/mqtt/b.db"), [
    "error 1: Cannot keep data in '/srv/mqtt/b.db': '/etc/systemd/system/broker.service' makes it " +
    "read-only for the broker with 'ProtectSystem=strict' | " +
    addToUnit("ReadWritePaths=-/srv/mqtt"),
  ]);
  const home = await foundWithUnit("User=broker\nProtectHome=yes\n", files, "/home/pi/b.db");
  assert.match(home.join(), /^error 1: .*hides it from the broker with 'ProtectHome=yes'/);
});

Deno.test("probeStore() says when the control socket has no room for its name", async () => {
  const name = "x".repeat(90);
  const files: FakeFiles = { "/srv/mqtt": { kind: "folder", uid: 990, mode: 0o750 } };
  const machine = fakeMachine(files);
  const config = (path: string) => examinationOf(`persistence: {path: ${path}}\n`, machine);
  assert.deepEqual(shown(await probeStore(config("/srv/mqtt/b.db"))), []);
  assert.match(
    shown(await probeStore(config(`/srv/mqtt/${name}`))).join(),
    /^warning 1: 'broker status', .* the path of a socket has at most 107 bytes, and this has 108 \| /,
  );
});

Deno.test("probeStore() refuses a folder, and a file in the place of one", async () => {
  assert.deepEqual(
    await found({ ...FOLDER, "/var/lib/broker/b.db": { kind: "folder", uid: 990, mode: 0o700 } }),
    [
      "error 2: Cannot keep data in '/var/lib/broker/b.db': it is a folder | " +
      "persistence: {path: /var/lib/broker/b.db/broker.db}",
    ],
  );
  assert.deepEqual(await found({ "/var/lib/broker": {} }), [
    "error 2: Cannot keep data in '/var/lib/broker/b.db': a folder on the way to it is none",
  ]);
});

Deno.test("probeStore() knows the file systems that data does not belong on", async () => {
  const disk = (type: number) => ({ fileSystemOf: () => ({ type, freeBytes: 2 ** 40 }) });
  const [line, ...more] = await found(FOLDER, disk(0x01021994));
  assert.deepEqual(more, []);
  assert.equal(
    line,
    "warning 2: The data in '/var/lib/broker' is on a file system of kind tmpfs, which is in " +
      "memory: everything is lost when the machine restarts | give persistence.path a place on a " +
      "disk of this machine, as /var/lib/broker/broker.db",
  );
  assert.deepEqual(await found(FOLDER, { isReadOnly: () => true }), [
    "error 2: Cannot keep data in '/var/lib/broker': its file system is mounted read-only | " +
    "sudo mount -o remount,rw \"$(findmnt -n -o TARGET -T '/var/lib/broker')\"",
  ]);
});

Deno.test("probeStore() measures the free space", async () => {
  const free = (mebibytes: number) => ({
    fileSystemOf: () => ({ type: 0xef53, freeBytes: mebibytes * 1024 * 1024 }),
  });
  const cure = "sudo du -xh '/var/lib/broker' | sort -h | tail shows what is large";
  assert.deepEqual(await found(FOLDER, free(100)), [
    "warning 2: The disk of '/var/lib/broker' has 100 MiB left; when it is full, QoS 1 and 2 " +
    `messages are refused | ${cure}`,
  ]);
  assert.match((await found(FOLDER, free(1))).join(), /^error 2: The disk .* has 1 MiB left/);
  assert.deepEqual(await found(FOLDER, { fileSystemOf: () => undefined }), [
    "info 2: The free space in '/var/lib/broker' was not looked at: the system does not say it",
  ]);
});

Deno.test("probeStore() says that an SD card wears", async () => {
  const card = { "/var/lib/broker": { ...FOLDER["/var/lib/broker"], device: 0xb302 } } as FakeFiles;
  assert.match((await found(card)).join(), /^info 2: .* is on an SD card or eMMC, which wears/);
});

Deno.test("probeStore() sees stores that would be set aside", async () => {
  const withStore = async (bytes: Uint8Array, more: FakeFiles = {}) =>
    (await found({
      ...FOLDER,
      "/var/lib/broker/b.db": { uid: 990, mode: 0o600, bytes },
      ...more,
    })).map((line) => line.replace(/ \| .*$/, ""));
  const path = "'/var/lib/broker/b.db'";
  const aside = "it would be set aside, and the broker would start with what can be read of it";
  assert.deepEqual(await withStore(new TextEncoder().encode("hello")), [
    `error 2: ${path} is no database, or damaged: ${aside}`,
  ]);
  assert.deepEqual(await withStore(header(7, 1)), [
    `error 2: ${path} is a database of another program: ${aside}`,
  ]);
  assert.match(
    (await withStore(header(OURS, 99))).join(),
    /^error 2: '\/var\/lib\/broker\/b\.db' has version 99, and this program knows version \d+ at most/,
  );
  // A new one is in its log as yet.
  assert.deepEqual(await withStore(new Uint8Array(0)), []);
  const log: FakeFiles = { "/var/lib/broker/b.db-wal": { uid: 990, text: "frames" } };
  assert.deepEqual(await withStore(header(0, 0), log), []);
});

Deno.test("probeStore() names the broker that uses the data", async () => {
  const running = (configurationFile: string) => ({
    askBroker: () => Promise.resolve({ processId: 5, configurationFile, endpoints: [] }),
  });
  assert.deepEqual(await found(FOLDER, running("/srv/other.yaml")), [
    "warning 2: The data in '/var/lib/broker/b.db' is in use by the broker that runs with " +
    "'/srv/other.yaml' (process 5): two brokers cannot share it | stop that one before this is " +
    "started, or give persistence.path another file",
  ]);
  assert.deepEqual(await found(FOLDER, running("/etc/broker/broker.yaml")), [
    "info 2: The data in '/var/lib/broker/b.db' is in use by the broker that runs with this " +
    "configuration already (process 5) | broker reload --config '/etc/broker/broker.yaml' gives it " +
    "what has changed",
  ]);
  const files: FakeFiles = {
    ...FOLDER,
    "/var/lib/broker/b.db": { uid: 990 },
    "/var/lib/broker/b.db.lock": { uid: 990 },
  };
  assert.deepEqual(await found(files, { isStoreInUse: () => undefined }), [
    "info 2: Whether a broker uses '/var/lib/broker/b.db' could not be told",
  ]);
});

Deno.test("probeStore() does not show a path that came from elsewhere", async () => {
  Deno.env.set("TEST_STORE", "/secret/place/b.db");
  try {
    const machine = fakeMachine();
    const findings = await probeStore(
      examinationOf("persistence: {path: !env TEST_STORE}\n", machine),
    );
    assert.equal(findings.length, 1);
    assert.equal(shown(findings).join().includes("secret"), false);
  } finally {
    Deno.env.delete("TEST_STORE");
  }
});
