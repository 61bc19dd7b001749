/**
 * Whom the broker runs as with a configuration, and where its data is.
 */

import assert from "node:assert/strict";
import { NoSuchUserError, serviceOf } from "../../src/check/service.ts";
import { CONFIG, type FakeFiles, fakeMachine, loadedFrom } from "./fake_machine.ts";

const { persistence } = loadedFrom("persistence: {path: data/b.db}\n").settings;
const unit = (text: string): FakeFiles => ({
  "/etc/systemd/system/broker.service": { text: `[Service]\n${text}\n` },
});

Deno.test("who is asked for counts before the unit and who asks", () => {
  const machine = fakeMachine(unit("User=broker"), { userId: 1000 });
  const { account, described } = serviceOf(machine, CONFIG, persistence, "pi");
  assert.deepEqual([account?.uid, described], [1000, "user 'pi'"]);
});

Deno.test("the unit says the user, its groups, and where the data is", () => {
  const machine = fakeMachine(unit("User=broker\nStateDirectory=mqtt\nSupplementaryGroups=pi"));
  const service = serviceOf(machine, CONFIG, persistence);
  assert.equal(service.described, "user 'broker', as whom broker.service runs");
  assert.deepEqual(service.account?.gids, new Set([991, 110, 1000]));
  assert.equal(service.storePath, "/var/lib/mqtt/data/b.db");
});

Deno.test("a unit without a user is root's, and starts from / or its working directory", () => {
  const root = serviceOf(fakeMachine(unit("Type=simple")), CONFIG, persistence);
  assert.deepEqual([root.account?.uid, root.storePath], [0, "/data/b.db"]);
  const there = serviceOf(fakeMachine(unit("WorkingDirectory=/srv")), CONFIG, persistence);
  assert.equal(there.storePath, "/srv/data/b.db");
});

Deno.test("a unit of another configuration is not looked at", () => {
  const machine = fakeMachine(
    {
      ...unit("User=broker\nExecStart=/usr/bin/broker --config /etc/other.yaml"),
      "/etc/link.yaml": { target: CONFIG },
    },
    { userId: 1000 },
  );
  const { account, unit: own, otherUnit } = serviceOf(machine, CONFIG, persistence);
  assert.deepEqual([account?.name, own, otherUnit?.configFile], [
    "pi",
    undefined,
    "/etc/other.yaml",
  ]);
  const linked = fakeMachine({
    ...unit("User=broker\nExecStart=/usr/bin/broker --config /etc/link.yaml"),
    "/etc/link.yaml": { target: CONFIG },
  });
  assert.equal(serviceOf(linked, CONFIG, persistence).account?.name, "broker");
});

Deno.test("DynamicUser= is a user without a number", () => {
  const machine = fakeMachine(unit("DynamicUser=yes\nSupplementaryGroups=ssl-cert"));
  const { account } = serviceOf(machine, CONFIG, persistence);
  assert.deepEqual([account?.uid, account?.gids], [undefined, new Set([110])]);
});

Deno.test("a user that there is not is an error with its cure", () => {
  assert.throws(
    () => serviceOf(fakeMachine(), CONFIG, persistence, "mqtt"),
    new NoSuchUserError("There is no user 'mqtt' in /etc/passwd"),
  );
  assert.throws(() => serviceOf(fakeMachine(unit("User=mqtt")), CONFIG, persistence), {
    message: "There is no user 'mqtt', as whom '/etc/systemd/system/broker.service' starts the " +
      "broker; to make it: sudo useradd --system --no-create-home --shell /usr/sbin/nologin mqtt",
  });
});

Deno.test("where users have no numbers there is no account", () => {
  const { account } = serviceOf(fakeMachine({}, { userId: undefined }), CONFIG, persistence);
  assert.equal(account, undefined);
});
