/**
 * A reload of a broker that runs: what it changes, what stays, how it is asked for and what it answers.
 *
 * With MQTT.js. Users have their name as password.
 */

import assert from "node:assert/strict";
import { runBroker } from "../support/broker_process.ts";
import type { MqttJsClient } from "../support/mqttjs_client.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  hashOf,
  lasting,
  listenerText,
  ONE_LISTENER,
  publish,
  received,
  Site,
  subscribe,
  testWithReload,
  usersText,
} from "./access_fixture.ts";

const BAD_PASSWORD = 0x86;
const NOT_AUTHORIZED = 0x87;
const ADMINISTRATIVE_ACTION = 0x98;

/** The Reason Code that the broker will disconnect a client with. */
async function dismissal(client: MqttJsClient): Promise<number> {
  return (await client.event("disconnect") as { reasonCode: number }).reasonCode;
}

testWithReload(
  "users come and go, and who would not be let in any more is disconnected",
  async () => {
    await using site = await Site.start(ONE_LISTENER + usersText("ann", "bob", "cal"));
    await using ann = await site.connect("ann");
    await using bob = await site.connect("bob");
    await using cal = await site.connect("cal");
    const gone = Promise.all([dismissal(bob), dismissal(cal)]);
    assert.equal(await site.refusal("dan"), BAD_PASSWORD);
    const users = usersText("ann", "cal", "dan").replace(hashOf("cal"), hashOf("new"));
    assert.deepEqual(await site.reload(ONE_LISTENER + users), [
      "users: 'bob' is gone",
      "users 'cal' password: changed",
      "users: 'dan' is new",
      "Connections closed, as they would have to log in anew: 2",
    ]);
    assert.deepEqual(await gone, [ADMINISTRATIVE_ACTION, ADMINISTRATIVE_ACTION]);
    await site.process.waitForLine(/Closed the connection of .*there is no user 'bob' any more/);
    assert.equal(await site.refusal("dan"), 0);
    assert.equal(await site.refusal("bob"), BAD_PASSWORD);
    assert.equal(await site.refusal("cal"), BAD_PASSWORD);
    assert.equal(await site.refusal("cal", { password: "new" }), 0);
    assert.equal(await publish(ann, "a", ""), 0);
  },
);

testWithReload(
  "password files and ACL files are read again, though no setting has changed",
  async () => {
    const config = `${ONE_LISTENER}acl_files: [acl]\nauthentication: {password_files: [users]}\n`;
    const [ann, bob] = ["ann", "bob"].map((name) => `${name}:${hashOf(name)}\n`);
    await using site = await Site.start(config, {
      files: { users: `${ann}`, acl: "user ann\ntopic #\n" },
    });
    await using client = await site.connect("ann");
    assert.equal(await publish(client, "a", ""), 0);
    site.write("users", `${ann}${bob}`);
    site.write("acl", "user ann\ntopic read #\nuser bob\ntopic write #\n");
    assert.deepEqual(await site.reload(), ["No setting has changed; files were read again"]);
    assert.equal(await publish(client, "a", ""), NOT_AUTHORIZED);
    await using other = await site.connect("bob");
    assert.equal(await publish(other, "a", ""), 0);
  },
);

testWithReload(
  "whoever has not logged in yet when the configuration changes is disconnected",
  async () => {
    await using site = await Site.start(ONE_LISTENER);
    const { hostname, port } = new URL((await site.url()).replace("mqtt:", "http:"));
    using early = await Deno.connect({ hostname, port: Number(port) });
    // The broker has accepted it when it serves somebody who came later.
    assert.equal(await site.refusal(undefined), 0);
    await site.reload(ONE_LISTENER + usersText("ann"));
    assert.equal(await early.read(new Uint8Array(1)), null);
  },
);

testWithReload("listeners are added and removed; others and their clients stay", async () => {
  const [one, two, three] = [1, 2, 3].map((host) => listenerText(`name: l${host}`, host));
  await using site = await Site.start(`listeners:\n${one}${two}`);
  await using first = await site.connect(undefined, {}, 1);
  await using second = await site.connect(undefined, {}, 2);
  const gone = dismissal(second);
  assert.deepEqual(await site.reload(`listeners:\n${one}${three}`), [
    "listeners: 'l2' is gone",
    "listeners: 'l3' is new",
    "Connections closed, as they would have to log in anew: 1",
  ]);
  assert.equal(await gone, ADMINISTRATIVE_ACTION);
  await using third = await site.connect(undefined, {}, 3);
  await subscribe(third, "#");
  await publish(first, "a", "1");
  assert.deepEqual(await received(third, 1), ["a 1"]);
  assert.equal(await site.refusal(undefined, {}, 1), 0);
  await assert.rejects(site.connect(undefined, {}, 2), { code: "ECONNREFUSED" });
});

testWithReload("who may come in by a listener changes for those who have, too", async () => {
  const config = (terms: string) => `listeners:\n${listenerText(`name: l, ${terms}`)}`;
  await using site = await Site.start(config("max_qos: 2"));
  await using old = await site.connect(undefined, { protocolVersion: 4, clientId: "tv" });
  await using five = await site.connect(undefined, { clientId: "phone" });
  const closed = old.event("close");
  assert.deepEqual(await site.reload(config('protocol_versions: ["5"]')), [
    "listeners 'l' protocol_versions: 5, was 3.1, 3.1.1, 5",
    "Connections closed, as they would have to log in anew: 1",
  ]);
  await closed;
  const gone = dismissal(five);
  await site.reload(config("clientid_prefixes: [tv]"));
  assert.equal(await gone, ADMINISTRATIVE_ACTION);
  await using again = await site.connect(undefined, { clientId: "tv" });
  const goneAgain = dismissal(again);
  await site.reload(config("allow_anonymous: never"));
  assert.equal(await goneAgain, ADMINISTRATIVE_ACTION);
  assert.equal(await site.refusal(undefined), NOT_AUTHORIZED);
});

testWithReload("rules for a listener hold for its clients when it gets its name, too", async () => {
  const role = `roles:\n  - {name: r, allow: ["readwrite #"]}\n`;
  const port = freePort();
  const config = (name: string) =>
    `listeners:\n  - {address: 127.0.0.1, port: ${port}${name}}\n${role}`;
  await using site = await Site.start(config(""));
  await using client = await site.connect(undefined);
  assert.equal(await publish(client, "secret/a", ""), 0);
  const denied = `  - {name: d, listeners: [garden], deny: ["readwrite secret/#"]}\n`;
  assert.deepEqual(await site.reload(config(", name: garden") + denied), [
    `listeners: '${port}' is gone`,
    "listeners: 'garden' is new",
    "roles: 'd' is new",
  ]);
  assert.equal(await publish(client, "secret/a", ""), NOT_AUTHORIZED);
  assert.equal(await publish(client, "a", ""), 0);
});

testWithReload("limits hold from the reload on", async () => {
  await using site = await Site.start(ONE_LISTENER);
  const wanted = "limits: {max_packet_size: 4 KiB, max_connections: 2}\nfeatures: {max_qos: 1}\n";
  assert.deepEqual(await site.reload(ONE_LISTENER + wanted), [
    "limits.max_connections: 2, was 10000",
    "limits.max_connect_packet_size: 4 KiB, was 64 KiB",
    "limits.max_packet_size: 4 KiB, was 16 MiB",
    "features.max_qos: 1, was 2",
  ]);
  using one = await RawClient.connect(site.process, 5);
  const { maximumQoS, maximumPacketSize } = one.connack.properties;
  assert.deepEqual([maximumQoS, maximumPacketSize], [1, 4096]);
  await using two = await site.connect(undefined);
  const { hostname, port } = site.process;
  using third = await Deno.connect({ hostname, port });
  assert.equal(await third.read(new Uint8Array(1)), null);
  const gone = dismissal(two);
  two.client.publish("a", "x".repeat(5000));
  assert.equal(await gone, 0x95);
});

testWithReload("a client, its session and what waits for it outlive a reload", async () => {
  await using site = await Site.start(ONE_LISTENER + usersText("ann"));
  await using ann = await site.connect("ann", { clientId: "ann-1" });
  {
    await using away = await site.connect("ann", lasting("ann-2"));
    await subscribe(away, "a/#", 2);
  }
  await publish(ann, "a/1", "waits");
  await subscribe(ann, "b");
  for (const users of [["ann", "bob"], ["ann"]]) {
    await site.reload(ONE_LISTENER + usersText(...users));
    await publish(ann, "b", "live");
    assert.deepEqual(await received(ann, 1), ["b live"]);
  }
  await using back = await site.connect("ann", lasting("ann-2"));
  assert.equal(back.sessionPresent, true);
  assert.deepEqual(await received(back, 1), ["a/1 waits"]);
});

testWithReload("a configuration that is wrong anywhere changes nothing, and says why", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const right = `${ONE_LISTENER}${usersText("ann")}`;
  await using site = await Site.start(right);
  await using ann = await site.connect("ann");
  const bob = `${ONE_LISTENER}${usersText("bob")}`;
  const other = `listeners:\n${listenerText("", 2)}`;
  const wrong: [config: string, reason: RegExp][] = [
    [`${bob}limits: {max_qoss: 1}\n`, /broker\.yaml:5:10: .*max_qoss/],
    [`${bob}features: {max_qos: 3}\nlog: [\n`, /broker\.yaml:\d+:\d+/],
    [`${bob}acl_files: [missing]\n`, /Cannot use the ACL file '.*missing'/],
    [`${bob}authentication: {password_files: [missing]}\n`, /Cannot read the password file/],
    [
      `${other}  - {address: 127.0.0.1, port: ${taken.addr.port}}\n${usersText("bob")}`,
      /Cannot open the listener '\d+': .*in use/,
    ],
    [
      `${bob.replace("port: 0", "port: 0, tls: {certificate: none.pem, key: none.pem}")}`,
      /none\.pem/,
    ],
  ];
  for (const [config, reason] of wrong) {
    const { ok, lines } = await site.tryReload(config);
    assert.equal(ok, false);
    assert.equal(lines[0], "Nothing has changed: the new configuration cannot be used");
    assert.match(lines.slice(1).join("\n"), reason);
  }
  assert.equal(await publish(ann, "a", ""), 0);
  assert.equal(await site.refusal("ann"), 0);
  assert.equal(await site.refusal("bob"), BAD_PASSWORD);
  assert.equal(site.process.lines.some((line) => line.includes("127.0.0.2")), false);
  // And what is right after all that still works.
  assert.deepEqual(await site.reload(`${ONE_LISTENER}${usersText("ann", "bob")}`), [
    "users: 'bob' is new",
  ]);
  assert.equal(await site.refusal("bob"), 0);
});

testWithReload(
  "SIGHUP reloads, and the log says what has changed, or why nothing has",
  async () => {
    await using site = await Site.start(ONE_LISTENER + usersText("ann"));
    site.configure(ONE_LISTENER + usersText("ann", "bob"));
    site.process.signal("SIGHUP");
    await site.process.waitForLine(/info .*Configuration reloaded: users: 'bob' is new/);
    assert.equal(await site.refusal("bob"), 0);
    site.configure(`${ONE_LISTENER}usres: []\n`);
    site.process.signal("SIGHUP");
    await site.process.waitForLine(/error .*Nothing has changed: the new configuration cannot/);
    await site.process.waitForLine(/broker\.yaml:3:1: .*usres/);
    assert.equal(await site.refusal("bob"), 0);
  },
);

testWithReload("broker reload ends with 0, 1 or 2, and prints what the broker says", async () => {
  const config = ONE_LISTENER + usersText("ann");
  const site = await Site.start(config);
  try {
    const args = ["reload", "--config", site.configFile];
    site.configure(ONE_LISTENER + usersText("ann", "bob"));
    assert.deepEqual(await runBroker(args), {
      code: 0,
      stdout: "users: 'bob' is new\n",
      stderr: "",
    });
    site.configure(`${config}acl_files: [missing]\n`);
    const refused = await runBroker(args);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /^Nothing has changed: .*\nCannot use the ACL file '.*missing'/);
    site.configure(`${config}usres: []\n`);
    const wrong = await runBroker(args);
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /broker\.yaml:5:1: .*usres/);
    await site.process.kill();
    site.configure(config);
    const nobody = await runBroker(args);
    assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
    assert.match(nobody.stderr, /^Cannot ask the broker: none listens at /);
  } finally {
    await site[Symbol.asyncDispose]();
  }
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
