/**
 * Whether a broker runs with a configuration already.
 */

import assert from "node:assert/strict";
import type { BrokerAnswer } from "../../src/check/machine.ts";
import { findRunningBroker, holds, isOfThis, nameOf } from "../../src/check/running_broker.ts";
import { CONFIG, examinationOf, fakeMachine, loadedFrom } from "./fake_machine.ts";

const ANSWER = {
  processId: 7,
  configurationFile: CONFIG,
  endpoints: ["127.0.0.1:1883", "/run/b.sock"],
};
const UNASKED = { processId: undefined, configurationFile: undefined, endpoints: undefined };

async function broker(answer: BrokerAnswer, isStoreInUse: boolean | undefined) {
  const asked: string[] = [];
  const machine = fakeMachine({}, {
    askBroker: (path) => {
      asked.push(path);
      return Promise.resolve(answer);
    },
    isStoreInUse: () => isStoreInUse,
  });
  const found = await findRunningBroker(
    examinationOf("persistence: {path: /var/lib/broker/b.db}\n", machine),
  );
  assert.deepEqual(asked, ["/var/lib/broker/b.db.control"]);
  return found;
}

Deno.test("findRunningBroker() believes the control socket first, then the lock", async () => {
  assert.deepEqual(await broker(ANSWER, false), ANSWER);
  assert.deepEqual(await broker("silent", undefined), UNASKED);
  assert.deepEqual(await broker("nobody", true), UNASKED);
  assert.deepEqual(await broker("denied", undefined), UNASKED);
  assert.equal(await broker("denied", false), undefined);
  assert.equal(await broker("nobody", undefined), undefined);
});

Deno.test("holds() compares ports and paths, and believes a broker that could not be asked", () => {
  const { listeners } =
    loadedFrom("listeners: [{}, {port: 883}, {path: /run/b.sock}, {path: /run/c.sock}]\n").settings;
  assert.deepEqual(listeners.map((listener) => holds(ANSWER, listener)), [
    true,
    false,
    true,
    false,
  ]);
  const believed = listeners.map((listener) => holds(UNASKED, listener));
  assert.deepEqual(believed, [true, true, true, true]);
});

Deno.test("nameOf() has the process and the configuration when they are known", () => {
  const examination = examinationOf("", fakeMachine({ "/srv/b.yaml": { target: CONFIG } }));
  const told = (configurationFile: string | null) => {
    const broker = { ...ANSWER, configurationFile };
    return [isOfThis(broker, examination), nameOf(broker, examination)];
  };
  const same = "the broker that runs with this configuration already (process 7)";
  assert.deepEqual(told(CONFIG), [true, same]);
  assert.deepEqual(told("/srv/b.yaml"), [true, same]);
  assert.deepEqual(told("/srv/other.yaml"), [
    false,
    "the broker that runs with '/srv/other.yaml' (process 7)",
  ]);
  assert.deepEqual(told(null), [
    false,
    "a broker that runs without a configuration (process 7)",
  ]);
  assert.equal(isOfThis(UNASKED, examination), undefined);
  assert.equal(nameOf(UNASKED, examination), "a broker that runs already");
});
