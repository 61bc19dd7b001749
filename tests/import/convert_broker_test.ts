/** Options of the broker as a whole, and the values that mean something else there and here. */

import assert from "node:assert/strict";
import { expirationOf } from "../../src/import/convert_broker.ts";
import { importConf, pick } from "./fixture.ts";

Deno.test("limits, queues and features are carried over with their units", async () => {
  const { settings, outcomes } = await importConf([
    "listener 1883",
    "max_inflight_messages 1",
    "max_queued_messages 8192",
    "max_queued_bytes 1000000",
    "max_packet_size 100000",
    "max_keepalive 120",
    "queue_qos0_messages true",
    "retain_available false",
    "sys_interval 0",
    "global_max_connections 50",
    "global_max_clients 70",
    "persistent_client_expiration 2m",
  ]);
  const { limits, sessions, features } = settings;
  assert.deepEqual(
    [
      limits.maxInflightMessages,
      limits.receiveMaximum,
      limits.maxPacketSizeBytes,
      limits.maxKeepaliveMs,
    ],
    [1, 1, 100_000, 120_000],
  );
  assert.deepEqual([limits.maxConnections, limits.maxSessions], [50, 70]);
  assert.deepEqual(
    [sessions.maxQueuedMessages, sessions.maxQueuedBytes, sessions.queueQos0Messages],
    [8192, 1_000_000, true],
  );
  assert.deepEqual([features.retainAvailable, settings.sysIntervalMs], [false, Infinity]);
  const days = 86_400_000;
  assert.deepEqual(
    [sessions.persistentClientExpirationMs, sessions.maxSessionExpiryIntervalMs],
    [60 * days, 60 * days],
  );
  assert.match(pick(outcomes, "max_keepalive 120"), /^changed: .*MQTT 3\.1\.1 clients/);
  assert.equal(Object.values(outcomes).some((text) => text.startsWith("LOST")), false);
});

Deno.test("no limit is a limit that is out of reach, and said", async () => {
  const { settings, outcomes } = await importConf([
    "max_queued_messages 0",
    "max_queued_bytes 0",
    "max_inflight_messages 0",
    "global_max_connections -1",
    "max_keepalive 0",
  ]);
  assert.equal(settings.sessions.maxQueuedMessages, 10_000_000);
  assert.equal(settings.limits.maxInflightMessages, 65_535);
  assert.equal(settings.limits.maxKeepaliveMs, Infinity);
  for (
    const option of ["max_queued_messages 0", "max_queued_bytes 0", "global_max_connections -1"]
  ) {
    assert.match(pick(outcomes, option), /^changed: .*there is always a limit$/);
  }
});

Deno.test("a large max_queued_bytes takes the limit of all clients along", async () => {
  const { sessions } = (await importConf(["max_queued_bytes 1000000000"])).settings;
  assert.deepEqual([sessions.maxQueuedBytes, sessions.maxTotalQueuedBytes], [1e9, 1e9]);
});

Deno.test("a limit of the payload is one of the packet, with room for the topic", async () => {
  const { settings, outcomes } = await importConf(["message_size_limit 1000"]);
  assert.equal(settings.limits.maxPacketSizeBytes, 66_536);
  assert.match(pick(outcomes, "message_size_limit 1000"), /^changed: .*disconnected/);
  const both = await importConf(["max_packet_size 2000000", "message_size_limit 1000"]);
  assert.equal(both.settings.limits.maxPacketSizeBytes, 66_536);
  const small = await importConf(["max_packet_size 20"]);
  assert.equal(small.settings.limits.maxPacketSizeBytes, 1024);
  assert.match(pick(small.outcomes, "max_packet_size 20"), /^changed: .*nearest/);
});

Deno.test("what Mosquitto does by default is done, or said", async () => {
  const { settings, outcomes } = await importConf(["listener 1883"]);
  assert.equal(settings.sessions.persistentClientExpirationMs, Infinity);
  assert.match(pick(outcomes, "persistent_client_expiration never"), /^carried/);
  assert.match(pick(outcomes, "max_queued_messages 1000"), /^changed: .*10000/);
  assert.match(pick(outcomes, "max_packet_size 2000000"), /^changed: .*16 MiB/);
});

Deno.test("flags that say what is so here are carried, others changed", async () => {
  const same = await importConf(["check_retain_source false", "set_tcp_nodelay true"]);
  assert.deepEqual(
    [pick(same.outcomes, "check_retain_source false"), pick(same.outcomes, "set_tcp_nodelay true")],
    ["carried: it is so here", "carried: it is so here"],
  );
  const other = await importConf(["check_retain_source true", "set_tcp_nodelay false"]);
  assert.match(pick(other.outcomes, "check_retain_source true"), /^changed/);
  assert.match(pick(other.outcomes, "set_tcp_nodelay false"), /^changed/);
});

Deno.test("expirationOf() reads Mosquitto's units, a month of 30 days and a year of 365", () => {
  const texts = ["90s", "12h", "3d", "2w", "1m", "1y", "007d", "0d", "5", "d", "1x", "999999y"];
  assert.deepEqual(texts.map(expirationOf), [
    "90s",
    "12h",
    "3d",
    "14d",
    "30d",
    "365d",
    "7d",
    undefined,
    undefined,
    undefined,
    undefined,
    "70000d",
  ]);
});
