import assert from "node:assert/strict";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import { Core } from "../support/core.ts";

const MEMORY = { currentBytes: 1000, maximumBytes: 2000 };

const LOADS = [
  ...["bytes/received", "bytes/sent", "connections", "messages/received", "messages/sent"],
  ...["publish/dropped", "publish/received", "publish/sent", "sockets"],
].flatMap((name) => [1, 5, 15].map((minutes) => `load/${name}/${minutes}min`));

const FIGURES = [
  ...["addresses/banned", "connections/banned", "logins/failed", "publish/refused"]
    .map((name) => `access/${name}`),
  "access/subscribe/refused",
  ...["bytes/received", "bytes/sent"],
  ...["active", "connected", "disconnected", "expired", "inactive", "maximum", "total"]
    .map((name) => `clients/${name}`),
  ...["connections/accepted", "connections/refused", "heap/current", "heap/maximum"],
  ...["messages/received", "messages/sent", "messages/stored", "packet/out/bytes"],
  ...["publish/bytes/received", "publish/bytes/sent"],
  ...["dropped", "received", "sent"].map((name) => `publish/messages/${name}`),
  ...["retained messages/count", "shared_subscriptions/count", "store/messages/bytes"],
  ...["store/messages/count", "subscriptions/count", "uptime", "version"],
];

/** The retained value of a topic below `$SYS/broker/`. */
function valueOf(core: Core, name: string): string | undefined {
  const message = core.broker.retained.get(`$SYS/broker/${name}`);
  return message && new TextDecoder().decode(message.payload);
}

Deno.test("$SYS has exactly these topics, under Mosquitto's names", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "broker 1.2.3");
  core.nowMs += 1000;
  sys.update(MEMORY);
  const names = core.broker.retained.match("$SYS/#").map(({ topic }) => topic.name);
  const expected = [...LOADS, ...FIGURES].map((name) => `$SYS/broker/${name}`);
  assert.deepEqual(names.sort(), expected.sort());
  assert.equal(valueOf(core, "version"), "broker 1.2.3");
});

Deno.test("$SYS tells clients, subscriptions, retained messages and what waits", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  core.connect("a").subscribed(["t", "$share/g/t"]);
  core.connectKept("b").subscribed("t").lose();
  core.connect("a").publish("t", "x", { retain: true, qos: 1 });
  core.connectKept("c", 5, { properties: { sessionExpiryInterval: 1 } }).lose();
  core.advance(61_500);
  sys.update(MEMORY);
  const { retained, statistics } = core.broker;
  assert.equal(statistics.queuedMessages, 1);
  const expected = {
    "uptime": "61 seconds",
    "clients/active": "1",
    "clients/connected": "1",
    "clients/disconnected": "1",
    "clients/inactive": "1",
    "clients/expired": "1",
    "clients/maximum": "2",
    "clients/total": "2",
    "subscriptions/count": "1",
    "shared_subscriptions/count": "0",
    "heap/current": "1000",
    "heap/maximum": "2000",
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(valueOf(core, name), value, name);
  }
  assert.ok(retained.get("t") !== undefined);
});

Deno.test("$SYS counts what is stored, itself included", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  for (let round = 0; round < 3; round++) {
    core.nowMs += 1000;
    sys.update(MEMORY);
  }
  assert.equal(valueOf(core, "retained messages/count"), `${core.broker.retained.count}`);
  assert.equal(valueOf(core, "store/messages/count"), `${core.broker.retained.count}`);
});

Deno.test("$SYS counters are those of the statistics", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  const { statistics } = core.broker;
  Object.assign(statistics, {
    bytesReceived: 1,
    bytesSent: 2,
    messagesReceived: 3,
    messagesSent: 4,
    publishReceived: 5,
    publishSent: 6,
    publishBytesReceived: 7,
    publishBytesSent: 8,
    publishDropped: 9,
    socketsAccepted: 10,
    socketsRefused: 11,
    bufferedBytes: 12,
    addressesBanned: 13,
    connectionsRefusedByBan: 14,
    loginsFailed: 15,
    publishRefused: 16,
    subscriptionsRefused: 17,
  });
  sys.update(MEMORY);
  const names = [
    ...["bytes/received", "bytes/sent", "messages/received", "messages/sent"],
    ...["publish/messages/received", "publish/messages/sent", "publish/bytes/received"],
    ...["publish/bytes/sent", "publish/messages/dropped", "connections/accepted"],
    ...["connections/refused", "packet/out/bytes", "access/addresses/banned"],
    ...["access/connections/banned", "access/logins/failed", "access/publish/refused"],
    "access/subscribe/refused",
  ];
  const values = names.map((name) => valueOf(core, name));
  assert.deepEqual(values, names.map((_, index) => `${index + 1}`));
});

Deno.test("a value that has not changed is not published again", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  core.nowMs += 1000;
  sys.update(MEMORY);
  core.nowMs += 1000;
  sys.update(MEMORY);
  const client = core.connect("a").subscribed("$SYS/broker/#");
  client.received();
  core.nowMs += 1000;
  sys.update(MEMORY);
  const changed = client.messages().map((text) => text.slice("$SYS/broker/".length).split(" ")[0]);
  const connected = ["clients/active", "clients/connected", "clients/maximum", "clients/total"];
  const loads = [1, 5, 15].map((minutes) => `load/connections/${minutes}min`);
  const expected = [...connected, ...loads, "subscriptions/count", "uptime"];
  assert.deepEqual(changed.sort(), expected.sort());
});

Deno.test("load averages are events a minute, weighted over 1, 5 and 15 minutes", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  const averages = () =>
    [1, 5, 15].map((minutes) => valueOf(core, `load/publish/received/${minutes}min`));
  const minute = (events: number) => {
    core.broker.statistics.publishReceived += events;
    core.nowMs += 60_000;
    sys.update(MEMORY);
  };
  minute(100);
  const decays = [1, 5, 15].map((minutes) => Math.exp(-1 / minutes));
  const afterOne = decays.map((decay) => 100 * (1 - decay));
  assert.deepEqual(averages(), afterOne.map((average) => average.toFixed(2)));
  minute(0);
  const afterTwo = afterOne.map((average, index) => average * (decays[index] as number));
  assert.deepEqual(averages(), afterTwo.map((average) => average.toFixed(2)));
  for (let count = 0; count < 300; count++) minute(60);
  assert.deepEqual(averages(), ["60.00", "60.00", "60.00"]);
});

Deno.test("load averages do not depend on how often they are updated", () => {
  const [seldom, often] = [new Core(), new Core()];
  for (const [core, steps] of [[seldom, 1], [often, 60]] as const) {
    const sys = new SysTopics(core.broker, "v");
    for (let step = 0; step < steps; step++) {
      core.broker.statistics.messagesSent += 600 / steps;
      core.nowMs += 60_000 / steps;
      sys.update(MEMORY);
    }
  }
  for (const minutes of [1, 5, 15]) {
    const name = `load/messages/sent/${minutes}min`;
    assert.equal(valueOf(seldom, name), valueOf(often, name));
  }
});

Deno.test("an update without time gone by changes no load average", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "v");
  core.broker.statistics.messagesSent += 100;
  sys.update(MEMORY);
  assert.equal(valueOf(core, "load/messages/sent/1min"), undefined);
});

Deno.test("$SYS/broker/store says what became of the file, where there is one", () => {
  const core = new Core();
  const sys = new SysTopics(core.broker, "broker 1.2.3");
  sys.update(MEMORY, { commits: 3, bytesWritten: 4096, fileBytes: 8192, isWritable: true });
  const values = ["commits", "bytes/written", "bytes/file", "writable"]
    .map((name) => valueOf(core, `store/${name}`));
  assert.deepEqual(values, ["3", "4096", "8192", "1"]);
  sys.update(MEMORY, { commits: 3, bytesWritten: 4096, fileBytes: 8192, isWritable: false });
  assert.equal(valueOf(core, "store/writable"), "0");
});
