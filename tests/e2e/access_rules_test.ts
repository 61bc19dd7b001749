/**
 * No rule can be walked around: whatever way a message might take from or to somebody who may not
 * send or have it is tried with MQTT.js, on a broker of its own.
 *
 * That nothing came is shown by the message that comes next. Users have their name as password.
 */

import assert from "node:assert/strict";
import {
  lasting,
  ONE_LISTENER,
  publish,
  received,
  Site,
  subscribe,
  testWithReload,
  usersText,
} from "./access_fixture.ts";

const NOT_AUTHORIZED = 0x87;

const USERS = usersText("ann", "bob", "eve");

/** `ann` may do everything; the others what `rules` says, besides `open/#`. */
function config(rules: string, more = ""): string {
  return `${ONE_LISTENER}${USERS}${more}
roles:
  - {name: all, users: [ann], allow: ["readwrite #"]}
  - {name: open, users: [bob, eve], allow: ["readwrite open/#"]}
${rules}`;
}

const EVE_HAS_NOTHING = config("");

Deno.test("a Will for a forbidden topic is refused at CONNECT", async () => {
  await using site = await Site.start(EVE_HAS_NOTHING);
  await using ann = await site.connect("ann");
  await subscribe(ann, "#");
  const will = {
    topic: "secret/door",
    payload: Buffer.from("open"),
    qos: 1,
    retain: true,
  } as const;
  assert.equal(await site.refusal("eve", { will }), NOT_AUTHORIZED);
  await site.process.waitForLine(/'eve'.* may not have a Will for 'secret\/door'/);
  await using eve = await site.connect("eve", {
    clientId: "eve-1",
    will: { topic: "open/eve", payload: Buffer.from("gone"), qos: 1 },
  });
  await eve.cut();
  assert.deepEqual(await received(ann, 1), ["open/eve gone"]);
});

testWithReload("a Will is not published once the right to it is withdrawn", async () => {
  const before = config(`  - {name: door, users: [eve], allow: ["publish door/#"]}\n`);
  await using site = await Site.start(before);
  await using ann = await site.connect("ann");
  await subscribe(ann, "#");
  const will = { topic: "door/eve", payload: Buffer.from("gone"), qos: 1 } as const;
  await using eve = await site.connect("eve", { clientId: "eve-1", will });
  await using late = await site.connect("eve", {
    ...lasting("eve-2"),
    will: { ...will, properties: { willDelayInterval: 1 } },
  });
  await late.cut();
  await site.reload(EVE_HAS_NOTHING);
  await eve.cut();
  await site.process.waitForLine(/'eve-1' \(user 'eve'.* may not publish to 'door\/eve'/);
  await site.process.waitForLine(/'eve-2' \(user 'eve'.* may not publish to 'door\/eve'/);
  assert.equal(await publish(ann, "end", ""), 0);
  assert.deepEqual(await received(ann, 1), ["end "]);
});

testWithReload("a message that was retained before there was a rule obeys the rule", async () => {
  await using site = await Site.start(
    config(`  - {name: e, users: [eve], allow: ["readwrite #"]}\n`),
  );
  await using ann = await site.connect("ann");
  await publish(ann, "secret/code", "1234", { retain: true });
  await publish(ann, "open/lamp", "on", { retain: true });
  await site.reload(EVE_HAS_NOTHING);
  await using eve = await site.connect("eve");
  assert.deepEqual(await subscribe(eve, ["#", "secret/code", "secret/#"]), [
    1,
    NOT_AUTHORIZED,
    NOT_AUTHORIZED,
  ]);
  assert.deepEqual(await received(eve, 1), ["open/lamp on"]);
  // She can neither replace nor clear it.
  for (const payload of ["0000", ""]) {
    assert.equal(await publish(eve, "secret/code", payload, { retain: true }), NOT_AUTHORIZED);
  }
  await subscribe(ann, "secret/code");
  assert.deepEqual(await received(ann, 1), ["secret/code 1234"]);
  await publish(ann, "open/end", "");
  assert.deepEqual(await received(eve, 1), ["open/end "]);
});

Deno.test("a shared subscription gives each member what it may have", async () => {
  const bob = `  - {name: b, users: [bob], allow: ["subscribe secret/#"]}\n`;
  await using site = await Site.start(config(bob));
  await using ann = await site.connect("ann");
  await using bobs = await site.connect("bob");
  await using eve = await site.connect("eve");
  assert.deepEqual(await subscribe(eve, ["$share/g/secret/#", "$share/g/#"]), [NOT_AUTHORIZED, 1]);
  await publish(ann, "secret/0", "nobody");
  await subscribe(bobs, "$share/g/#");
  const secrets = Array.from({ length: 10 }, (_, number) => `secret/${number}`);
  for (const topic of secrets) assert.equal(await publish(ann, topic, "bob"), 0);
  assert.deepEqual(await received(bobs, 10), secrets.map((topic) => `${topic} bob`));
  await bobs.client.unsubscribeAsync("$share/g/#");
  await publish(ann, "open/end", "");
  assert.deepEqual(await received(eve, 1), ["open/end "]);
});

Deno.test("a Topic Alias stands for its topic", async () => {
  await using site = await Site.start(EVE_HAS_NOTHING);
  await using ann = await site.connect("ann");
  await using eve = await site.connect("eve");
  await subscribe(ann, "#");
  const alias = (topicAlias: number) => ({ properties: { topicAlias } });
  assert.equal(await publish(eve, "open/1", "a", alias(1)), 0);
  // The alias is set although the message is refused.
  assert.equal(await publish(eve, "secret/1", "b", alias(2)), NOT_AUTHORIZED);
  assert.equal(await publish(eve, "", "c", alias(2)), NOT_AUTHORIZED);
  assert.equal(await publish(eve, "", "d", alias(1)), 0);
  // And the alias that was for a topic that is allowed becomes one for another.
  assert.equal(await publish(eve, "secret/1", "e", alias(1)), NOT_AUTHORIZED);
  assert.equal(await publish(eve, "", "f", alias(1)), NOT_AUTHORIZED);
  await publish(ann, "end", "");
  assert.deepEqual(await received(ann, 3), ["open/1 a", "open/1 d", "end "]);
});

Deno.test("of a wildcard subscription the allowed part arrives, and all of it is refused if so configured", async () => {
  const role =
    `  - {name: e, users: [eve], allow: ["subscribe +/public/#"], deny: ["subscribe open/x"]}\n`;
  for (const choice of ["filter", "refuse"] as const) {
    const partial = `authentication: {partial_subscriptions: ${choice}}\n`;
    await using site = await Site.start(config(role, partial));
    await using ann = await site.connect("ann");
    await using eve = await site.connect("eve");
    const granted = choice === "filter" ? 1 : NOT_AUTHORIZED;
    assert.deepEqual(
      await subscribe(eve, ["#", "open/#", "+/+/#", "a/public/#", "secret/a", "open/x"]),
      [granted, granted, granted, 1, NOT_AUTHORIZED, NOT_AUTHORIZED],
    );
    for (const topic of ["secret/a", "open/x", "open/y", "a/private", "a/public/b", "c/public"]) {
      await publish(ann, topic, "1", { qos: 0 });
    }
    await publish(ann, "a/public/end", "2");
    const expected = choice === "filter"
      ? ["open/y 1", "a/public/b 1", "c/public 1", "a/public/end 2"]
      : ["a/public/b 1", "a/public/end 2"];
    assert.deepEqual(await received(eve, expected.length), expected);
  }
});

Deno.test("a response topic gives nobody rights: who answers is judged", async () => {
  const rules = `  - {name: e, users: [eve], allow: ["publish ask"]}
  - {name: b, users: [bob], allow: ["subscribe ask"]}\n`;
  await using site = await Site.start(config(rules));
  await using ann = await site.connect("ann");
  await using bob = await site.connect("bob");
  await using eve = await site.connect("eve");
  await subscribe(ann, "secret/#");
  await subscribe(bob, "ask");
  await publish(eve, "ask", "?", { properties: { responseTopic: "secret/door" } });
  const { properties } = await bob.nextPacket();
  assert.equal(properties?.responseTopic, "secret/door");
  assert.equal(await publish(bob, String(properties?.responseTopic), "!"), NOT_AUTHORIZED);
  assert.deepEqual(await subscribe(eve, "secret/door"), [NOT_AUTHORIZED]);
  await publish(ann, "secret/end", "");
  assert.deepEqual(await received(ann, 1), ["secret/end "]);
});

Deno.test("a session is its user's: another one is refused, and finds it empty when it is away", async () => {
  await using site = await Site.start(EVE_HAS_NOTHING);
  await using ann = await site.connect("ann");
  await using bob = await site.connect("bob", lasting("phone"));
  await subscribe(bob, "open/#");
  assert.equal(await site.refusal("eve", lasting("phone")), NOT_AUTHORIZED);
  await site.process.waitForLine(/User 'eve' .*'phone'.* in use by user 'bob'/);
  await publish(ann, "open/1", "bob's");
  assert.deepEqual(await received(bob, 1), ["open/1 bob's"]);
  await bob.client.endAsync();
  await publish(ann, "open/2", "bob's too");
  await using eve = await site.connect("eve", lasting("phone"));
  assert.equal(eve.sessionPresent, false);
  await publish(ann, "open/3", "nobody's");
  await subscribe(eve, "open/4");
  await publish(ann, "open/4", "eve's");
  assert.deepEqual(await received(eve, 1), ["open/4 eve's"]);
  // And he has nothing of hers.
  await eve.client.endAsync();
  await using again = await site.connect("bob", lasting("phone"));
  assert.equal(again.sessionPresent, false);
});

testWithReload("what waits for a client is dropped when the right to it is withdrawn", async () => {
  await using site = await Site.start(
    config(`  - {name: e, users: [eve], allow: ["subscribe #"]}\n`),
  );
  await using ann = await site.connect("ann");
  {
    await using eve = await site.connect("eve", lasting("eve-1"));
    await subscribe(eve, ["secret/#", "open/#"]);
  }
  for (const topic of ["secret/1", "open/1", "secret/2"]) await publish(ann, topic, "waited");
  await site.reload(EVE_HAS_NOTHING);
  await publish(ann, "secret/3", "after");
  await using eve = await site.connect("eve", lasting("eve-1"));
  assert.equal(eve.sessionPresent, true);
  await publish(ann, "secret/4", "live");
  await publish(ann, "open/end", "");
  assert.deepEqual(await received(eve, 2), ["open/1 waited", "open/end "]);
  await site.process.waitForLine(/Dropped .*'eve-1'.*by the rules of now/);
});

testWithReload("a rule that is withdrawn holds for who is connected and subscribed", async () => {
  const all = config(`  - {name: e, users: [eve], allow: ["readwrite #"]}\n`);
  await using site = await Site.start(all);
  await using ann = await site.connect("ann");
  await using eve = await site.connect("eve");
  await subscribe(eve, "#");
  await subscribe(ann, "secret/#");
  await publish(eve, "secret/1", "before");
  assert.deepEqual(await received(eve, 1), ["secret/1 before"]);
  await site.reload(EVE_HAS_NOTHING);
  assert.equal(await publish(eve, "secret/2", "no"), NOT_AUTHORIZED);
  await publish(ann, "secret/3", "ann's");
  await publish(ann, "open/1", "end");
  assert.deepEqual(await received(eve, 1), ["open/1 end"]);
  assert.deepEqual(await received(ann, 2), ["secret/1 before", "secret/3 ann's"]);
  await site.reload(all);
  await publish(ann, "secret/4", "again");
  assert.deepEqual(await received(eve, 1), ["secret/4 again"]);
});

Deno.test("$SYS is read only by who may name it, and written by nobody", async () => {
  const rules = `  - {name: a, users: [bob], allow: ["subscribe $SYS/#"]}\n`;
  await using site = await Site.start(config(rules));
  await using ann = await site.connect("ann");
  await using bob = await site.connect("bob");
  assert.deepEqual(await subscribe(bob, "$SYS/broker/version"), [1]);
  assert.match((await bob.nextMessage()).payload, /^broker version /);
  // "readwrite #" does not cover it.
  assert.deepEqual(await subscribe(ann, ["$SYS/#", "$share/g/$SYS/#", "#"]), [
    NOT_AUTHORIZED,
    NOT_AUTHORIZED,
    1,
  ]);
  for (const client of [ann, bob]) {
    const topic = "$SYS/broker/version";
    assert.equal(await publish(client, topic, "mine", { retain: true }), NOT_AUTHORIZED);
  }
  await publish(ann, "end", "");
  assert.deepEqual(await received(ann, 1), ["end "]);
});
