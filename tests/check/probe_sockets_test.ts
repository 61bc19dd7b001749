/**
 * Whether the Unix sockets of a configuration can be made.
 */

import assert from "node:assert/strict";
import type { Machine } from "../../src/check/machine.ts";
import { probeSockets } from "../../src/check/probe_sockets.ts";
import { addToUnit } from "../../src/check/service_unit.ts";
import {
  examinationOf,
  examinationOfUnit,
  type FakeFiles,
  fakeMachine,
  shown,
} from "./fake_machine.ts";

async function found(
  listener: string,
  files: FakeFiles,
  answers: Partial<Machine> = {},
): Promise<string[]> {
  const config = `listeners:\n  - {port: 1883}\n  - ${listener}\n`;
  return shown(await probeSockets(examinationOf(config, fakeMachine(files, answers))));
}

const RUN: FakeFiles = { "/run/broker": { kind: "folder", uid: 990, gid: 991, mode: 0o755 } };
const CANNOT = "error 3: Cannot make the Unix socket '/run/broker/s'";

Deno.test("probeSockets() is content with a folder of the broker's user, and a socket left over", async () => {
  assert.deepEqual(await found("{path: /run/broker/s}", RUN), []);
  const left: FakeFiles = { ...RUN, "/run/broker/s": { kind: "socket", uid: 990 } };
  assert.deepEqual(await found("{path: /run/broker/s}", left), []);
});

Deno.test("probeSockets() demands a folder that the broker's user may write to", async () => {
  assert.deepEqual(await found("{path: /run/broker/s}", {}), [
    `${CANNOT}: there is no folder '/run/broker' | ` +
    "sudo install -d -m 0750 -o broker -g broker '/run/broker'" +
    "  # until the next start of the machine, which empties /run",
  ]);
  const roots: FakeFiles = { "/run/broker": { kind: "folder", mode: 0o755 } };
  assert.deepEqual(await found("{path: /run/broker/s}", roots), [
    `${CANNOT}: user 'broker' may not write to the folder '/run/broker': that belongs to user ` +
    "'root', group 'root', mode 0755 | sudo chown broker '/run/broker'",
  ]);
});

Deno.test("probeSockets() leaves to systemd what systemd makes, and sees what it hides", async () => {
  const inUnit = async (path: string) => {
    const text = "[Service]\nUser=broker\nRuntimeDirectory=broker\nPrivateTmp=yes\n";
    const machine = fakeMachine({ "/etc/systemd/system/broker.service": { text }, "/tmp/x": {} });
    return shown(await probeSockets(examinationOfUnit(`listeners: [{path: ${path}}]\n`, machine)));
  };
  assert.deepEqual(await inUnit("/run/broker/s"), []);
  assert.deepEqual(await inUnit("/run/mqtt/s"), [
    "error 1: Cannot make the Unix socket '/run/mqtt/s': there is no folder '/run/mqtt' | " +
    addToUnit("RuntimeDirectory=mqtt"),
  ]);
  assert.match((await inUnit("/tmp/s")).join(), /hides it from the broker with 'PrivateTmp=yes'/);
});

Deno.test("probeSockets() takes the place of nothing that is there", async () => {
  assert.deepEqual(await found("{path: /run/broker/s}", { ...RUN, "/run/broker/s": {} }), [
    `${CANNOT}: there is something else already | ls -l '/run/broker/s'`,
  ]);
});

Deno.test("probeSockets() tells another program from our own broker", async () => {
  const files: FakeFiles = { ...RUN, "/run/broker/s": { kind: "socket" } };
  const answers: Partial<Machine> = { trySocket: () => Promise.resolve("answers") };
  assert.deepEqual(await found("{path: /run/broker/s}", files, answers), [
    `${CANNOT}: another program listens there | sudo ss -lxp src '/run/broker/s' shows which one`,
  ]);
  const askBroker = () =>
    Promise.resolve({
      processId: 1,
      configurationFile: null,
      endpoints: ["/run/broker/s"],
    });
  assert.deepEqual(await found("{path: /run/broker/s}", files, { ...answers, askBroker }), []);
});

Deno.test("probeSockets() demands accounts that exist and that the socket can be given to", async () => {
  assert.deepEqual(await found("{path: /run/broker/s, owner: mqtt, group: mqtt}", RUN), [
    `${CANNOT}: there is no user 'mqtt' | getent passwd lists them`,
    `${CANNOT}: there is no group 'mqtt' | sudo groupadd mqtt`,
  ]);
  assert.deepEqual(await found("{path: /run/broker/s, owner: pi, group: pi}", RUN), [
    `${CANNOT}: only root can give it to user 'pi', and the broker runs as 'broker' | use 'group' ` +
    "and 'mode' in place of 'owner'",
    `${CANNOT}: user 'broker' is not in the group 'pi' | sudo usermod -a -G pi broker`,
  ]);
  assert.deepEqual(await found("{path: /run/broker/s, owner: broker, group: ssl-cert}", RUN), []);
});
