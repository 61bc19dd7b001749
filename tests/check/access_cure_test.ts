/**
 * Why an account may not use a path, and the command that lets it.
 */

import assert from "node:assert/strict";
import { accessCure, denialText } from "../../src/check/access_cure.ts";
import { type Account, findAccount } from "../../src/check/account.ts";
import { accessTo } from "../../src/check/path_access.ts";
import { type FakeFiles, fakeMachine } from "./fake_machine.ts";

const NOT_SEEN = "  # 'broker check' does not see such lists, and will say the same again";

function cured(
  files: FakeFiles,
  path: string,
  { isPublic = false, asker = 0, account = {} as Partial<Account>, need = "r" as "r" | "rw" } = {},
): [text: string, cure: string] {
  const machine = fakeMachine(files, { userId: asker });
  const broker = findAccount(machine, "broker");
  assert.ok(broker !== undefined);
  const whom = { ...broker, ...account };
  const found = accessTo(machine, whom, path, need);
  if (found.kind !== "denied") return assert.fail(found.kind);
  const { obstacles } = found;
  return [
    denialText(machine, whom, path, obstacles),
    accessCure(machine, whom, obstacles, isPublic),
  ];
}

Deno.test("a secret file of root is given to the broker's user", () => {
  assert.deepEqual(cured({ "/etc/broker/key.pem": { mode: 0o600 } }, "/etc/broker/key.pem"), [
    "user 'broker' may not read it: it belongs to user 'root', group 'root', mode 0600",
    "sudo chown broker '/etc/broker/key.pem'",
  ]);
  const [, cure] = cured({ "/k": { mode: 0o200 } }, "/k");
  assert.equal(cure, "sudo chown broker '/k' && sudo chmod u+r '/k'");
});

Deno.test("a bit that its owner or group lacks is all that is given", () => {
  assert.equal(cured({ "/k": { uid: 990, mode: 0o200 } }, "/k")[1], "sudo chmod u+r '/k'");
  assert.equal(cured({ "/k": { gid: 110, mode: 0o600 } }, "/k")[1], "sudo chmod g+r '/k'");
  const own = cured({ "/k": { uid: 990, mode: 0o200 } }, "/k", { asker: 990 });
  assert.equal(own[1], "chmod u+r '/k'");
});

Deno.test("the package of setfacl is installed first where it is missing", () => {
  const files: FakeFiles = {
    "/home/pi": { kind: "folder", uid: 1000, gid: 1000, mode: 0o700 },
    "/home/pi/b.yaml": {},
    "/usr/bin/apt": {},
  };
  const command = `sudo setfacl -m u:broker:x '/home/pi'${NOT_SEEN}`;
  assert.equal(cured(files, "/home/pi/b.yaml")[1], `sudo apt install acl && ${command}`);
  const installed: FakeFiles = { ...files, "/usr/bin/setfacl": {} };
  assert.equal(cured(installed, "/home/pi/b.yaml")[1], command);
});

Deno.test("what everybody may know is opened to everybody", () => {
  const [, cure] = cured({ "/c.pem": { mode: 0o600 } }, "/c.pem", { isPublic: true });
  assert.equal(cure, "sudo chmod a+r '/c.pem'");
});

Deno.test("a folder on the way is opened to the user alone, or to its group when it is root's", () => {
  const files: FakeFiles = {
    "/home/pi": { kind: "folder", uid: 1000, gid: 1000, mode: 0o700 },
    "/home/pi/b.yaml": {},
    "/etc/broker": { kind: "folder", mode: 0o700 },
    "/etc/broker/key.pem": { mode: 0o600 },
  };
  assert.deepEqual(cured(files, "/home/pi/b.yaml"), [
    "user 'broker' may not enter the folder '/home/pi': that belongs to user 'pi', group 'pi', " +
    "mode 0700",
    `sudo setfacl -m u:broker:x '/home/pi'${NOT_SEEN}`,
  ]);
  assert.equal(
    cured(files, "/etc/broker/key.pem")[1],
    "sudo chgrp broker '/etc/broker' && sudo chmod g+x '/etc/broker' && " +
      "sudo chown broker '/etc/broker/key.pem'",
  );
});

Deno.test("certbot's files are opened to the group, which certbot keeps", () => {
  const files: FakeFiles = {
    "/etc/letsencrypt/live": { kind: "folder", mode: 0o700 },
    "/etc/letsencrypt/live/a/privkey.pem": { mode: 0o600 },
  };
  assert.equal(
    cured(files, "/etc/letsencrypt/live/a/privkey.pem")[1],
    "sudo chgrp -R broker /etc/letsencrypt/live /etc/letsencrypt/archive && " +
      "sudo chmod -R g+rX /etc/letsencrypt/live /etc/letsencrypt/archive",
  );
});

Deno.test("a user that systemd makes up can be given no file", () => {
  const account = { uid: undefined, gids: new Set<number>() };
  assert.match(cured({ "/k": { mode: 0o600 } }, "/k", { account })[1], /^give the service a user /);
});
