/**
 * `kick`: what the client is told, its Will, and what becomes of its session.
 */

import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import { ControlSite } from "./fixture.ts";

const ADMINISTRATIVE_ACTION = 0x98;

Deno.test("kick disconnects a client of MQTT 5 with the reason, and publishes its Will", async () => {
  await using site = await ControlSite.start();
  const witness = await site.connect("witness");
  await witness.client.subscribeAsync("#");
  const tv = await site.connect("tv", {
    will: { topic: "tv/state", payload: Buffer.from("gone"), qos: 1, retain: false },
  });
  const told = tv.event("disconnect");
  const { ok, lines, items } = await site.ask("kick", { client: "tv" });
  assert.equal(ok, true);
  assert.match(lines.join("\n"), /^Disconnected 'tv' at 127\.0\.0\.1:\d+$/);
  const { address, ...item } = items[0] ?? {};
  assert.match(String(address), /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(item, { clientIdentifier: "tv", disconnected: true, sessionEnded: true });
  const packet = await told as { reasonCode: number; properties: { reasonString: string } };
  assert.deepEqual([packet.reasonCode, packet.properties.reasonString], [
    ADMINISTRATIVE_ACTION,
    "Disconnected by the administrator",
  ]);
  assert.equal((await witness.nextMessage()).topic, "tv/state");
});

Deno.test("kick closes the connection of a client of MQTT 3.1.1", async () => {
  await using site = await ControlSite.start();
  const tv = await site.connect("tv", { protocolVersion: 4 });
  const closed = tv.event("close");
  assert.equal((await site.ask("kick", { client: "tv" })).ok, true);
  await closed;
});

Deno.test("kick leaves the session, unless that is to end too", async () => {
  await using site = await ControlSite.start();
  const lasting = { clean: false, properties: { sessionExpiryInterval: 3600 } };
  const phone = await site.connect("phone", lasting);
  await phone.client.subscribeAsync("t", { qos: 1 });
  await site.ask("kick", { client: "phone" });
  assert.equal(site.server.broker.sessions.get("phone")?.subscriptionCount, 1);
  const again = await site.ask("kick", { client: "phone" });
  assert.deepEqual([again.ok, again.lines], [false, [
    "'phone' is not connected, only its session is there: --session ends that",
  ]]);
  const tv = await site.connect("tv");
  await tv.client.publishAsync("t", "waits", { qos: 1 });
  const ended = await site.ask("kick", { client: "phone", session: true });
  assert.deepEqual([ended.ok, ended.lines], [true, [
    "Ended the session of 'phone': subscriptions 1, waiting messages 1",
  ]]);
  assert.equal(site.server.broker.sessions.has("phone"), false);
});

Deno.test("kick --session of a client that is connected does both", async () => {
  await using site = await ControlSite.start();
  const lasting = { clean: false, properties: { sessionExpiryInterval: 3600 } };
  const phone = await site.connect("phone", lasting);
  const told = phone.event("disconnect");
  const { items } = await site.ask("kick", { client: "phone", session: true });
  assert.deepEqual([items[0]?.["disconnected"], items[0]?.["sessionEnded"]], [true, true]);
  await told;
  assert.equal(site.server.broker.sessions.has("phone"), false);
});

Deno.test("kick is in the log, also of the session of a client that is away", async () => {
  using log = new CapturedLog("info");
  await using site = await ControlSite.start();
  await site.connect("tv");
  await site.connectAndLeave("phone");
  await site.ask("kick", { client: "tv" });
  await site.ask("kick", { client: "phone", session: true });
  assert.deepEqual(log.take().filter((line) => line.includes("broker kick")), [
    "info server Disconnected 'tv' ('broker kick')",
    "info server Ended the session of 'phone' ('broker kick')",
  ]);
});

Deno.test("kick of nobody names the nearest client that is connected", async () => {
  await using site = await ControlSite.start();
  await site.connectAndLeave("kitchen-1");
  await site.connect("kitchen-22");
  assert.deepEqual((await site.ask("kick", { client: "kitchen-2" })).lines, [
    "There is no client 'kitchen-2' (did you mean 'kitchen-22'?)",
  ]);
  assert.deepEqual((await site.ask("kick", { client: "kitchen-", session: true })).lines, [
    "There is no session of 'kitchen-' (did you mean 'kitchen-1'?)",
  ]);
});
