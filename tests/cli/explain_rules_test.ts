import assert from "node:assert/strict";
import { ask, ASSUMED, USERS } from "./explain_fixture.ts";

const ANN = "client 'lamp' (user 'ann', from 127.0.0.1, listener '1883')";

Deno.test("a subscription that is allowed in part is granted, or refused where that is configured", async () => {
  const wish = { username: "ann", action: "subscribe", topic: "home/#" } as const;
  const parts = [
    "  some is allowed by 'allow subscribe home/#' of role 'sensors', FOLDER/broker.yaml:7",
    "  some is denied by 'deny subscribe home/secret' of role 'sensors', FOLDER/broker.yaml:8",
    ASSUMED,
  ];
  assert.deepEqual(await ask(USERS, wish), [0, [
    `In part: ${ANN} may subscribe to 'home/#'`,
    "  the subscription is granted, and what is denied is not delivered",
    ...parts,
  ], ""]);
  const refusing = `${USERS}authentication: {partial_subscriptions: refuse}\n`;
  assert.deepEqual(await ask(refusing, wish), [1, [
    `No: ${ANN} may not subscribe to 'home/#'`,
    "  only a part of it is allowed, and partial_subscriptions is 'refuse'",
    ...parts,
  ], ""]);
});

Deno.test("of two limits of the QoS the lower one counts: a PUBLISH is refused, a subscription is not", async () => {
  const yaml = "listeners: [{port: 1883, max_qos: 1}]\nfeatures: {max_qos: 0}\n";
  const publish = await ask(yaml, { qos: 1 });
  assert.deepEqual([publish[0], publish[1][1]], [1, "  QoS 1 is over the 0 of features.max_qos"]);
  const subscribe = await ask(yaml, { qos: 2, action: "subscribe" });
  assert.deepEqual([subscribe[0], subscribe[1].slice(1)], [0, [
    "  allowed: no rules are configured",
    "  it gets QoS 0 at most: features.max_qos",
  ]]);
});

Deno.test("nobody publishes to $SYS topics, and who may receive them is up to the rules", async () => {
  const topic = "$SYS/broker/uptime";
  const publish = await ask("", { topic });
  assert.deepEqual([publish[0], publish[1][1]], [1, "  only the broker publishes to $SYS topics"]);
  const subscribe = { topic, action: "subscribe" } as const;
  assert.equal((await ask("", subscribe))[0], 0);
  assert.equal((await ask("acl_files: [acl]", subscribe, "topic read #\n"))[0], 1);
  assert.equal((await ask("acl_files: [acl]", subscribe, "topic read $SYS/#\n"))[0], 0);
});
