/**
 * Users and groups of the machine.
 */

import assert from "node:assert/strict";
import {
  currentAccount,
  findAccount,
  groupId,
  groupName,
  userName,
} from "../../src/check/account.ts";
import { fakeMachine } from "./fake_machine.ts";

Deno.test("findAccount() knows an account by name and by number, with all its groups", () => {
  const machine = fakeMachine();
  const broker = {
    name: "broker",
    uid: 990,
    gids: new Set([991, 110]),
    groupName: "broker",
  };
  assert.deepEqual(findAccount(machine, "broker"), broker);
  assert.deepEqual(findAccount(machine, "990"), broker);
});

Deno.test("findAccount() takes a number that has no name, and no name that there is not", () => {
  const machine = fakeMachine();
  assert.deepEqual(findAccount(machine, "4711"), {
    name: "4711",
    uid: 4711,
    gids: new Set([4711]),
    groupName: "4711",
  });
  assert.equal(findAccount(machine, "nobody-at-all"), undefined);
});

Deno.test("currentAccount() is who asks, where users have numbers", () => {
  assert.equal(currentAccount(fakeMachine({}, { userId: 1000 }))?.name, "pi");
  assert.equal(currentAccount(fakeMachine({}, { userId: undefined })), undefined);
});

Deno.test("names and numbers of users and groups lead to each other", () => {
  const machine = fakeMachine();
  assert.deepEqual([userName(machine, 1000), userName(machine, 5), userName(machine, null)], [
    "pi",
    "5",
    "unknown",
  ]);
  assert.deepEqual([groupName(machine, 110), groupName(machine, null)], ["ssl-cert", "unknown"]);
  assert.deepEqual(["ssl-cert", "77", "none"].map((name) => groupId(machine, name)), [
    110,
    77,
    undefined,
  ]);
});

Deno.test("a machine without the files of accounts has numbers alone", () => {
  const machine = fakeMachine({}, {
    read: () => {
      throw new Deno.errors.NotFound();
    },
  });
  assert.equal(findAccount(machine, "root"), undefined);
  assert.equal(userName(machine, 0), "0");
});
