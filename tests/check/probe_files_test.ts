/**
 * Whether the broker's user may read the files of a configuration, and nobody else the secret ones.
 */

import assert from "node:assert/strict";
import { probeFiles } from "../../src/check/probe_files.ts";
import { addToUnit } from "../../src/check/service_unit.ts";
import type { Machine } from "../../src/check/machine.ts";
import {
  CONFIG,
  examinationOf,
  examinationOfUnit,
  type FakeFiles,
  fakeMachine,
  shown,
} from "./fake_machine.ts";

const NOT_SEEN = "  # 'broker check' does not see such lists, and will say the same again";

function found(config: string, files: FakeFiles, answers: Partial<Machine> = {}): string[] {
  return shown(probeFiles(examinationOf(config, fakeMachine(files, answers))));
}

const KEY = "listeners:\n  - tls:\n      certificate: c.pem\n      key: k.pem\n";

Deno.test("probeFiles() is content with files that the broker's user alone may read", () => {
  const files: FakeFiles = {
    "/etc/broker/c.pem": {},
    "/etc/broker/k.pem": { gid: 110, mode: 0o640 },
  };
  assert.deepEqual(found(KEY, files), []);
});

Deno.test("probeFiles() says whose a file is that the broker's user may not read, and what helps", () => {
  const files: FakeFiles = {
    "/etc/broker/c.pem": { mode: 0o600 },
    "/etc/broker/k.pem": { mode: 0o600 },
  };
  const owner = "it belongs to user 'root', group 'root', mode 0600";
  assert.deepEqual(found(KEY, files), [
    "error 3: Cannot use '/etc/broker/c.pem' as 'listeners[0].tls.certificate': user 'broker' may " +
    `not read it: ${owner} | sudo chmod a+r '/etc/broker/c.pem'`,
    "error 4: Cannot use '/etc/broker/k.pem' as 'listeners[0].tls.key': user 'broker' may not " +
    `read it: ${owner} | sudo chown broker '/etc/broker/k.pem'`,
  ]);
});

Deno.test("probeFiles() names the folder that stops the broker's user", () => {
  const files: FakeFiles = {
    "/home/pi": { kind: "folder", uid: 1000, gid: 1000, mode: 0o700 },
    "/home/pi/acl": { uid: 1000, gid: 1000 },
  };
  assert.deepEqual(found("acl_files: [/home/pi/acl]\n", files), [
    "error 1: Cannot use '/home/pi/acl' as 'acl_files[0]': user 'broker' may not enter the folder " +
    "'/home/pi': that belongs to user 'pi', group 'pi', mode 0700 | " +
    `sudo setfacl -m u:broker:x '/home/pi'${NOT_SEEN}`,
  ]);
});

Deno.test("probeFiles() tells what is missing, with the command that makes it", () => {
  const config = "acl_files: [no/acl]\nauthentication:\n  password_files: [., pw]\n" +
    "listeners: [{tls: {certificate: t/server.pem, key: t/server-key.pem}}]\n";
  assert.deepEqual(found(config, {}), [
    "error 4: Cannot use '/etc/broker/t/server.pem' as 'listeners[0].tls.certificate': it does " +
    "not exist: there is no '/etc/broker/t' | broker cert --dir '/etc/broker/t'",
    "error 4: Cannot use '/etc/broker/t/server-key.pem' as 'listeners[0].tls.key': it does not " +
    "exist: there is no '/etc/broker/t' | broker cert --dir '/etc/broker/t'",
    "error 1: Cannot use '/etc/broker/no/acl' as 'acl_files[0]': it does not exist: there is no " +
    "'/etc/broker/no' | make it, or correct the path",
    "error 3: Cannot use '/etc/broker' as 'authentication.password_files[0]': it is a folder",
    "error 3: Cannot use '/etc/broker/pw' as 'authentication.password_files[1]': it does not " +
    "exist | broker passwd --create '/etc/broker/pw' USER",
  ]);
});

Deno.test("probeFiles() takes no pipe or device for a file", () => {
  assert.deepEqual(found("acl_files: [pipe]\n", { "/etc/broker/pipe": { kind: "other" } }), [
    "error 1: Cannot use '/etc/broker/pipe' as 'acl_files[0]': it is no regular file",
  ]);
});

Deno.test("probeFiles() guesses what is meant by a name that is nearly one of the folder", () => {
  const config = "acl_files: [rulez]\nlisteners: [{tls: {certificate: cert, key: a.key}}]\n";
  assert.deepEqual(found(config, { "/etc/broker/rules": {} }).map((line) => line.split(" | ")[1]), [
    "broker cert makes certificates, and prints the 'tls:' to add; or correct the path",
    "broker cert makes certificates, and prints the 'tls:' to add; or correct the path",
    "is it '/etc/broker/rules'?",
  ]);
});

Deno.test("probeFiles() warns of secrets that every user may open, and keeps the broker's own right", () => {
  const config = "acl_files: [acl]\nauthentication: {password_files: [pw, mine]}\n";
  const files: FakeFiles = {
    "/etc/broker/acl": {},
    "/etc/broker/pw": {},
    "/etc/broker/mine": { uid: 990 },
  };
  assert.deepEqual(found(config, files), [
    "warning 2: Every user of this machine may open '/etc/broker/pw', mode 0644 | " +
    "sudo chown broker '/etc/broker/pw' && sudo chmod o-rwx '/etc/broker/pw'",
    "warning 2: Every user of this machine may open '/etc/broker/mine', mode 0644 | " +
    "chmod o-rwx '/etc/broker/mine'",
  ]);
});

Deno.test("probeFiles() looks at the configuration itself", () => {
  const secret = "authentication: {jwt: {key: 0123456789abcdef0123456789abcdef}}\n";
  assert.deepEqual(found("", { [CONFIG]: { mode: 0o600 } }), [
    `error ${CONFIG}: The broker cannot read its configuration: user 'broker' may not read it: it ` +
    `belongs to user 'root', group 'root', mode 0600 | sudo chown broker '${CONFIG}'`,
  ]);
  assert.deepEqual(found("", { [CONFIG]: { mode: 0o666 } }), [
    `warning ${CONFIG}: Every user of this machine may change the configuration: it belongs to ` +
    `user 'root', group 'root', mode 0666 | chmod o-w '${CONFIG}'`,
  ]);
  assert.deepEqual(found("", { [CONFIG]: { mode: 0o644 } }), []);
  assert.deepEqual(found(secret, { [CONFIG]: { mode: 0o644 } }), [
    `warning ${CONFIG}: Every user of this machine may read the secrets that stand in the ` +
    `configuration, mode 0644 | sudo chgrp broker '${CONFIG}' && ` +
    `sudo chmod u=rw,g=r,o= '${CONFIG}'`,
  ]);
});

Deno.test("probeFiles() tells what only root can see", () => {
  const config = "acl_files: [/root/acl]\n";
  const real = fakeMachine();
  const look = (path: string) => path === "/root/acl" ? "denied" as const : real.look(path);
  const files: FakeFiles = { "/root/acl": {} };
  assert.deepEqual(
    found(config, files, { look: (path) => path === "/root" ? real.look("/etc") : look(path) }),
    [
      "warning 1: Cannot tell whether user 'broker' may read '/root/acl', 'acl_files[0]': who runs " +
      `this may not look at it | sudo broker check --config '${CONFIG}'`,
    ],
  );
});

Deno.test("probeFiles() does not show a path that came from elsewhere", () => {
  Deno.env.set("TEST_ACL", "/home/pi/acl");
  try {
    const files: FakeFiles = { "/home/pi": { kind: "folder", mode: 0o700 }, "/home/pi/acl": {} };
    assert.deepEqual(found("acl_files: [!env TEST_ACL]\n", files), [
      "error 1: Cannot use (not shown) as 'acl_files[0]': user 'broker' may not read it, or a " +
      "folder above it",
    ]);
  } finally {
    Deno.env.delete("TEST_ACL");
  }
});

Deno.test("probeFiles() knows that systemd may hide homes", () => {
  const machine = fakeMachine({
    "/etc/systemd/system/broker.service": { text: "[Service]\nUser=broker\nProtectHome=yes\n" },
    "/home/pi/acl": {},
  });
  assert.deepEqual(shown(probeFiles(examinationOfUnit("acl_files: [/home/pi/acl]\n", machine))), [
    "error 1: Cannot use '/home/pi/acl' as 'acl_files[0]': '/etc/systemd/system/broker.service' " +
    "hides it from the broker with 'ProtectHome=yes' | move it to a folder like '/etc/broker'; or: " +
    addToUnit("ProtectHome=no"),
  ]);
});

Deno.test("probeFiles() warns of a log that cannot be written", () => {
  const config = "logging:\n  destinations:\n    - stderr\n    - file: /var/log/mqtt/b.log\n" +
    "    - file: /var/log/own/b.log\n";
  const own: FakeFiles = {
    "/var/log/own": { kind: "folder", uid: 990, gid: 991, mode: 0o750 },
    "/var/log/own/b.log": { mode: 0o600 },
  };
  assert.deepEqual(found(config, own), [
    "warning 4: Cannot write the log '/var/log/mqtt/b.log': its folder does not exist | " +
    "sudo install -d -m 0750 -o broker -g broker '/var/log/mqtt'",
    "warning 5: Cannot write the log '/var/log/own/b.log': user 'broker' may not read it: it " +
    "belongs to user 'root', group 'root', mode 0600 | sudo chown broker '/var/log/own/b.log'",
  ]);
});

Deno.test("probeFiles() knows what systemd makes for logs, and what it hides", () => {
  const unit = "[Service]\nUser=broker\nLogsDirectory=broker\nProtectHome=tmpfs\n";
  const machine = fakeMachine({
    "/etc/systemd/system/broker.service": { text: unit },
    "/home/pi": { kind: "folder", mode: 0o777 },
  });
  const config = "logging:\n  destinations:\n    - file: /var/log/broker/b.log\n" +
    "    - file: /home/pi/b.log\n";
  assert.deepEqual(shown(probeFiles(examinationOfUnit(config, machine))), [
    "warning 4: Cannot write the log '/home/pi/b.log': '/etc/systemd/system/broker.service' hides " +
    "it from the broker with 'ProtectHome=tmpfs' | move it to a folder like '/var/lib/broker'; or: " +
    addToUnit("ProtectHome=no"),
  ]);
});

Deno.test("probeFiles() has nothing to say where files have no owners", () => {
  assert.deepEqual(found("acl_files: [nowhere]\n", {}, { userId: undefined }), []);
});
