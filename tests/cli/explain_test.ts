import assert from "node:assert/strict";
import type { Question } from "../../src/cli/explain.ts";
import { ask, ASSUMED, USERS } from "./explain_fixture.ts";

const ANN = "client 'lamp' (user 'ann', from 127.0.0.1, listener '1883')";

Deno.test("a rule that decides is named with its file and line", async () => {
  assert.deepEqual(await ask(USERS, { username: "ann" }), [0, [
    `Yes: ${ANN} may publish 'sensors/ann/1'`,
    "  allowed by 'allow publish sensors/%u/#' of role 'sensors', FOLDER/broker.yaml:7",
    ASSUMED,
  ], ""]);
  assert.deepEqual(await ask(USERS, { username: "ann", topic: "sensors/bob/1" }), [1, [
    `No: ${ANN} may not publish 'sensors/bob/1'`,
    "  denied: no rule allows it",
    ASSUMED,
  ], ""]);
  const secret = { username: "ann", action: "subscribe", topic: "home/secret" } as const;
  assert.deepEqual(await ask(USERS, secret), [1, [
    `No: ${ANN} may not subscribe to 'home/secret'`,
    "  denied by 'deny subscribe home/secret' of role 'sensors', FOLDER/broker.yaml:8",
    ASSUMED,
  ], ""]);
});

Deno.test("without rules everything is allowed, and ACL files are read", async () => {
  const open = await ask("");
  assert.deepEqual([open[0], open[1][1]], [0, "  allowed: no rules are configured"]);
  const [exitCode, lines] = await ask("acl_files: [acl]", { topic: "a" }, "topic write a\n");
  assert.deepEqual([exitCode, lines], [0, [
    "Yes: client 'lamp' (anonymous, from 127.0.0.1, listener '1883') may publish 'a'",
    "  allowed by 'allow publish a' of anonymous clients, FOLDER/acl:1",
  ]]);
});

Deno.test("the terms of the listener count: prefixes, user name as identifier, QoS, mount point", async () => {
  const listener = (terms: string) => `listeners: [{port: 1883, ${terms}}]\n`;
  const prefixes = await ask(listener("clientid_prefixes: [tv-]"));
  assert.deepEqual([prefixes[0], prefixes[1][1]], [
    1,
    "  it may not connect: its Client Identifier begins with none of clientid_prefixes of its " +
    "listener",
  ]);
  const renamed = await ask(listener("use_username_as_clientid: true") + USERS, {
    username: "ann",
  });
  assert.deepEqual(renamed[1].slice(2), [
    ASSUMED,
    "  its Client Identifier is 'ann': use_username_as_clientid",
  ]);
  const qos = await ask(listener("max_qos: 1"), { qos: 2 });
  assert.deepEqual([qos[0], qos[1][1]], [1, "  QoS 2 is over the 1 of max_qos of listener '1883'"]);
  const mounted = await ask(`${listener("mount_point: up/")}acl_files: [acl]\n`, {
    action: "subscribe",
    topic: "$share/s/a",
  }, "topic read up/a\n");
  assert.deepEqual([mounted[0], mounted[1].slice(1)], [0, [
    "  allowed by 'allow subscribe up/a' of anonymous clients, FOLDER/acl:1",
    "  with the mount point of its listener, it is '$share/s/up/a'",
  ]]);
});

Deno.test("the first listener is assumed where there are several, and a Unix socket has no address", async () => {
  const yaml = "listeners: [{path: /run/b.sock}, {port: 1884, allow_anonymous: never}]\n";
  const [exitCode, lines] = await ask(yaml, { address: "203.0.113.7" });
  assert.deepEqual([exitCode, lines], [0, [
    "Yes: client 'lamp' (anonymous, from a Unix socket, listener '/run/b.sock') may publish " +
    "'sensors/ann/1'",
    "  allowed: no rules are configured",
    "  the first listener is assumed; --listener names another one",
  ]]);
  assert.equal((await ask(yaml, { listener: "1884" }))[0], 1);
});

Deno.test("a question that is wrong ends with 2", async () => {
  const errOf = async (more: Partial<Question>, yaml = "") => {
    const [exitCode, out, err] = await ask(yaml, more);
    assert.deepEqual([exitCode, out], [2, [""]]);
    return err;
  };
  assert.equal(await errOf({ topic: "a/#" }), "Cannot publish 'a/#': contains a wildcard\n");
  assert.match(await errOf({ action: "subscribe", topic: "a#" }), /^Cannot subscribe 'a#': /);
  assert.equal(
    await errOf({ address: "localhost" }),
    "Cannot use 'localhost' as an address: it is no IP address\n",
  );
  assert.equal(
    await errOf({ listener: "1884" }),
    "Cannot find the listener '1884': did you mean '1883'?\n",
  );
  assert.equal(
    await errOf({ listener: "garden" }),
    "Cannot find the listener 'garden': they are 1883\n",
  );
  assert.match(await errOf({}, "lisners: []"), /FOLDER\/broker\.yaml:1:1: /);
  assert.match(await errOf({}, "acl_files: [none]"), /^Cannot use the ACL file 'FOLDER\/none': /);
  const missing = await errOf({ username: "a" }, "authentication: {password_files: [none]}");
  assert.match(missing, /^Cannot read the password file 'FOLDER\/none': /);
});
