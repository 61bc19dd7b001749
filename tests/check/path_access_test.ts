/**
 * Whether an account may use a path, by the modes on the way.
 */

import assert from "node:assert/strict";
import type { Account } from "../../src/check/account.ts";
import { accessTo, grants } from "../../src/check/path_access.ts";
import { type FakeFiles, fakeMachine } from "./fake_machine.ts";

const BROKER: Account = {
  name: "broker",
  uid: 990,
  gids: new Set([991, 110]),
  groupName: "broker",
};
const ROOT: Account = { name: "root", uid: 0, gids: new Set([0]), groupName: "root" };

function access(files: FakeFiles, path: string, need: "r" | "rw" | "wx" = "r", account = BROKER) {
  const found = accessTo(fakeMachine(files), account, path, need);
  return found.kind === "denied"
    ? found.obstacles.map(({ path, missing }) => `${missing} ${path}`)
    : found.kind === "granted"
    ? `granted ${found.path}`
    : found;
}

Deno.test("the first of owner, group and others decides, and root may everything", () => {
  const facts = (uid: number, gid: number, mode: number) => {
    const found = fakeMachine({ "/f": { uid, gid, mode } }).look("/f");
    return typeof found === "string" ? assert.fail(found) : found;
  };
  assert.equal(grants(BROKER, facts(990, 0, 0o400), "r"), true);
  // An owner without the bit has it not, whatever others have.
  assert.equal(grants(BROKER, facts(990, 991, 0o077), "r"), false);
  assert.equal(grants(BROKER, facts(0, 110, 0o040), "r"), true);
  assert.equal(grants(BROKER, facts(0, 110, 0o004), "r"), false);
  assert.equal(grants(BROKER, facts(0, 0, 0o004), "r"), true);
  assert.equal(grants(ROOT, facts(990, 991, 0o000), "w"), true);
  const made = { ...BROKER, uid: undefined, gids: new Set<number>() };
  assert.equal(grants(made, facts(990, 991, 0o770), "r"), false);
});

Deno.test("accessTo() names everything that is in the way, folders before the file", () => {
  const files: FakeFiles = {
    "/home/pi": { kind: "folder", uid: 1000, gid: 1000, mode: 0o700 },
    "/home/pi/keys": { kind: "folder", uid: 1000, gid: 1000, mode: 0o750 },
    "/home/pi/keys/k.pem": { uid: 1000, gid: 1000, mode: 0o600 },
    "/srv/k.pem": { mode: 0o640, gid: 110 },
  };
  assert.deepEqual(access(files, "/home/pi/keys/k.pem"), [
    "x /home/pi",
    "x /home/pi/keys",
    "r /home/pi/keys/k.pem",
  ]);
  assert.equal(access(files, "/srv/k.pem"), "granted /srv/k.pem");
  assert.deepEqual(access(files, "/srv/k.pem", "rw"), ["w /srv/k.pem"]);
  assert.deepEqual(access(files, "/srv", "wx"), ["w /srv"]);
  assert.equal(access(files, "/home/pi/keys/k.pem", "rw", ROOT), "granted /home/pi/keys/k.pem");
});

Deno.test("accessTo() follows links, relative and absolute ones, and asks of what they lead to", () => {
  const files: FakeFiles = {
    "/etc/letsencrypt/live/a/key.pem": { target: "../../archive/a/key1.pem" },
    "/etc/letsencrypt/archive": { kind: "folder", mode: 0o700 },
    "/etc/letsencrypt/archive/a/key1.pem": { mode: 0o644 },
    "/etc/key": { target: "/etc/letsencrypt/live/a/key.pem" },
    "/etc/loop": { target: "/etc/loop" },
  };
  assert.deepEqual(access(files, "/etc/key"), ["x /etc/letsencrypt/archive"]);
  assert.equal(access(files, "/etc/key", "r", ROOT), "granted /etc/letsencrypt/archive/a/key1.pem");
  assert.deepEqual(access(files, "/etc/loop"), { kind: "broken", path: "/etc/loop" });
});

Deno.test("accessTo() tells what is missing, what is no folder, and what it may not see", () => {
  const files: FakeFiles = { "/srv/a": {} };
  assert.deepEqual(access(files, "/srv/x/y"), { kind: "missing", path: "/srv/x", folder: "/srv" });
  assert.deepEqual(access(files, "/srv/a/b"), { kind: "broken", path: "/srv/a" });
  const machine = fakeMachine(files);
  const blind = {
    ...machine,
    look: (path: string) => path === "/srv/a" ? "denied" as const : machine.look(path),
  };
  assert.deepEqual(accessTo(blind, BROKER, "/srv/a", "r"), { kind: "unknown", folder: "/srv" });
});
