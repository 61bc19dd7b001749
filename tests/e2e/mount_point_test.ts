/**
 * Clients below a mount point, and clients of the same broker without one: who sees what of whom, with
 * MQTT.js. That nothing came is shown by the message that comes next.
 */

import assert from "node:assert/strict";
import {
  lasting,
  listenerText,
  publish,
  received,
  Site,
  subscribe,
  testWithReload,
} from "./access_fixture.ts";

const NOT_AUTHORIZED = 0x87;
const OUTSIDE = 1;
const INSIDE = 2;

/** Outside on 127.0.0.1, inside on 127.0.0.2. */
function listeners(more = ""): string {
  return `listeners:\n${listenerText("name: all")}${
    listenerText(`name: up, mount_point: up/${more}`, INSIDE)
  }`;
}

const CONFIG = listeners();

Deno.test("who is inside sees what is below the mount point, under its own name", async () => {
  await using site = await Site.start(CONFIG);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await using inside = await site.connect(undefined, {}, INSIDE);
  await publish(outside, "up/kept", "1", { retain: true });
  await publish(outside, "kept", "2", { retain: true });
  await publish(inside, "mine", "3", { retain: true });
  assert.deepEqual(await subscribe(inside, "#"), [1]);
  assert.deepEqual((await received(inside, 2)).toSorted(), ["kept 1", "mine 3"]);
  await subscribe(outside, "#");
  assert.deepEqual((await received(outside, 3)).toSorted(), ["kept 2", "up/kept 1", "up/mine 3"]);
  for (const topic of ["a", "up", "upper/a", "up/a", "up/up/a"]) {
    await publish(outside, topic, "");
  }
  assert.deepEqual(await received(inside, 2), ["a ", "up/a "]);
  await received(outside, 5);
  await publish(inside, "b", "");
  assert.deepEqual(await received(outside, 1), ["up/b "]);
  assert.deepEqual(await received(inside, 1), ["b "]);
});

Deno.test("nothing that a client inside sends leads out", async () => {
  await using site = await Site.start(CONFIG);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await using inside = await site.connect(undefined, {}, INSIDE);
  await subscribe(outside, ["#", "$SYS/broker/version"]);
  assert.match((await received(outside, 1))[0] ?? "", /^\$SYS\/broker\/version broker version/);
  const alias = (topicAlias: number) => ({ properties: { topicAlias } });
  for (const topic of ["/a", "../a", "up/a", "$SYS/broker/version"]) {
    await publish(inside, topic, "0", { retain: true });
  }
  await publish(inside, "b", "1", alias(1));
  await publish(inside, "", "2", alias(1));
  await publish(inside, "c", "3", { properties: { responseTopic: "answers/me" } });
  assert.deepEqual(await received(outside, 6), [
    "up//a 0",
    "up/../a 0",
    "up/up/a 0",
    "up/$SYS/broker/version 0",
    "up/b 1",
    "up/b 2",
  ]);
  const request = await outside.nextPacket();
  assert.equal(request.properties?.responseTopic, "up/answers/me");
  const filters = ["$SYS/#", "$share/g/$SYS/#", "/#", "+/#", "$share/g/b"];
  assert.deepEqual(await subscribe(inside, filters), [1, 1, 1, 1, 1]);
  // Its own "$SYS" is no system topic, and what it kept below the mount point is all it gets.
  const system = "$SYS/broker/version 0";
  const expected = [system, "/a 0", system, "/a 0", "../a 0", "up/a 0"].toSorted();
  assert.deepEqual((await received(inside, expected.length)).toSorted(), expected);
});

Deno.test("a response topic outside the mount point is not shown inside, one inside leads there", async () => {
  await using site = await Site.start(CONFIG);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await using inside = await site.connect(undefined, {}, INSIDE);
  await subscribe(inside, "#");
  await publish(outside, "up/ask", "1", { properties: { responseTopic: "answers" } });
  await publish(outside, "up/ask", "2", { properties: { responseTopic: "up/answers" } });
  const first = await inside.nextPacket();
  assert.equal(first.properties?.responseTopic, undefined);
  const second = await inside.nextPacket();
  assert.equal(second.properties?.responseTopic, "answers");
});

Deno.test("a Will of a client inside is published inside", async () => {
  await using site = await Site.start(CONFIG);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await subscribe(outside, "#");
  const will = { topic: "gone", payload: Buffer.from("1"), qos: 1 } as const;
  await using inside = await site.connect(undefined, { will }, INSIDE);
  await inside.cut();
  assert.deepEqual(await received(outside, 1), ["up/gone 1"]);
});

Deno.test("a shared subscription inside shares what is inside, also with members outside", async () => {
  await using site = await Site.start(CONFIG);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await using inside = await site.connect(undefined, {}, INSIDE);
  await subscribe(inside, "$share/g/#");
  await publish(outside, "a", "");
  await publish(outside, "up/a", "1");
  assert.deepEqual(await received(inside, 1), ["a 1"]);
  await subscribe(outside, "$share/g/up/#");
  await inside.client.unsubscribeAsync("$share/g/#");
  await publish(inside, "b", "2");
  assert.deepEqual(await received(outside, 1), ["up/b 2"]);
});

Deno.test("rules know whole names, and a client inside is judged by them", async () => {
  const roles = `roles:
  - {name: outside, listeners: [all], allow: ["readwrite #"]}
  - {name: inside, listeners: [up], allow: ["readwrite up/open/#", "readwrite secret/#"]}
`;
  await using site = await Site.start(CONFIG + roles);
  await using outside = await site.connect(undefined, {}, OUTSIDE);
  await using inside = await site.connect(undefined, {}, INSIDE);
  await subscribe(outside, "#");
  assert.equal(await publish(inside, "secret/a", ""), NOT_AUTHORIZED);
  await site.process.waitForLine(/may not publish to 'up\/secret\/a'/);
  assert.equal(await publish(inside, "open/a", ""), 0);
  assert.deepEqual(await subscribe(inside, ["secret/#", "open/#"]), [NOT_AUTHORIZED, 1]);
  assert.deepEqual(await received(outside, 1), ["up/open/a "]);
  const will = { topic: "secret/a", payload: Buffer.from(""), qos: 0 } as const;
  assert.equal(await site.refusal(undefined, { will }, INSIDE), NOT_AUTHORIZED);
});

Deno.test("a session that moves between inside and outside gets nothing from out there", async () => {
  await using site = await Site.start(CONFIG);
  await using publisher = await site.connect(undefined, {}, OUTSIDE);
  {
    await using outside = await site.connect(undefined, lasting("mover"), OUTSIDE);
    await subscribe(outside, "#");
  }
  for (const topic of ["a", "up/a", "b"]) await publish(publisher, topic, "waited");
  await using inside = await site.connect(undefined, lasting("mover"), INSIDE);
  assert.equal(inside.sessionPresent, true);
  for (const topic of ["c", "up/c", "up/d"]) await publish(publisher, topic, "live");
  assert.deepEqual(await received(inside, 3), ["a waited", "c live", "d live"]);
  await inside.client.endAsync();
  await using outside = await site.connect(undefined, lasting("mover"), OUTSIDE);
  await publish(publisher, "e", "live");
  assert.deepEqual(await received(outside, 1), ["e live"]);
});

testWithReload(
  "a mount point that a reload changes holds for nobody half: its clients connect anew",
  async () => {
    await using site = await Site.start(CONFIG);
    await using outside = await site.connect(undefined, {}, OUTSIDE);
    await using inside = await site.connect(undefined, {}, INSIDE);
    const gone = inside.event("disconnect");
    await site.reload(CONFIG.replace("up/", "attic/"));
    assert.equal((await gone as { reasonCode: number }).reasonCode, 0x98);
    await subscribe(outside, "#");
    await using again = await site.connect(undefined, {}, INSIDE);
    await publish(again, "a", "");
    assert.deepEqual(await received(outside, 1), ["attic/a "]);
  },
);
