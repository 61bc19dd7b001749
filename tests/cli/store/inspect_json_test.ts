import assert from "node:assert/strict";
import type { Inspection } from "../../../src/cli/store/inspect.ts";
import { inspectJson } from "../../../src/cli/store/inspect_json.ts";
import type { InspectedRetained } from "../../../src/storage/offline.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { inspectionOf, makeStore } from "../store_fixture.ts";

/** The text for a file with one of everything. */
function textOf(fields: Partial<Inspection> = {}): string {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeStore(path);
  return [...inspectJson(inspectionOf(path, fields))].join("").replace(folder.path, "");
}

const message = {
  properties: {},
  subscriptionIdentifiers: [],
  sharedFilter: null,
  expiresAt: null,
};

const PHONE = {
  clientIdentifier: "phone",
  username: "bob",
  groups: ["family"],
  listener: "garden",
  address: "192.0.2.7",
  protocolVersion: "5",
  bridge: false,
  connected: false,
  disconnectedAt: "2026-01-02T03:04:05.000Z",
  sessionExpiryInterval: 3600,
  expiresAt: "2026-01-02T04:04:05.000Z",
  queued: 2,
  inFlight: 3,
  inboundPacketIdentifiers: [9],
  will: null,
  subscriptions: [
    {
      topicFilter: "home/#",
      qos: 2,
      noLocal: true,
      retainAsPublished: true,
      subscriptionIdentifier: 7,
      shareName: null,
      retainedPending: true,
    },
    {
      topicFilter: "$share/g/job/+",
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      subscriptionIdentifier: null,
      shareName: "g",
      retainedPending: false,
    },
  ],
  messages: [
    {
      ...message,
      state: "waitsForPuback",
      packetIdentifier: 5,
      topicName: "home/a",
      qos: 1,
      retain: false,
      payloadBytes: 4,
      payload: "sent",
    },
    {
      ...message,
      state: "waitsForPubcomp",
      packetIdentifier: 6,
      topicName: "home/b",
      qos: 2,
      retain: false,
      payloadBytes: 8,
      payload: "received",
    },
    {
      ...message,
      state: "waitsForPubrec",
      packetIdentifier: 7,
      topicName: "home/c",
      qos: 2,
      retain: false,
      payloadBytes: 9,
      payload: "also sent",
    },
    {
      ...message,
      state: "queued",
      packetIdentifier: null,
      topicName: "home/d",
      qos: 1,
      retain: true,
      subscriptionIdentifiers: [7],
      expiresAt: "2026-01-02T03:34:05.000Z",
      payloadBytes: 3,
      payloadBase64: "AP8Q",
    },
    {
      ...message,
      state: "queued",
      packetIdentifier: null,
      topicName: "job/1",
      qos: 1,
      retain: false,
      sharedFilter: "$share/g/job/+",
      payloadBytes: 0,
      payload: "",
    },
  ],
};

const CAMERA = {
  clientIdentifier: "cam\x1b[31m",
  username: null,
  groups: [],
  listener: null,
  address: null,
  protocolVersion: "3.1.1",
  bridge: false,
  connected: true,
  disconnectedAt: null,
  sessionExpiryInterval: null,
  expiresAt: null,
  queued: 0,
  inFlight: 0,
  inboundPacketIdentifiers: [],
  will: {
    topicName: "cam/state",
    qos: 1,
    retain: true,
    willDelayInterval: 30,
    properties: {},
    payloadBytes: 4,
    payload: "gone",
  },
  subscriptions: [],
  messages: [],
};

const RETAINED = [
  {
    topicName: "home/a",
    qos: 1,
    retain: false,
    expiresAt: null,
    properties: {},
    payloadBytes: 8,
    payload: "21.5 \u00b0C",
    retainedAt: null,
    publisher: null,
  },
  {
    topicName: "home/secret",
    qos: 2,
    retain: false,
    expiresAt: "2026-01-02T04:04:05.000Z",
    properties: {
      contentType: "image/png",
      userProperties: [["by", "cam"]],
      correlationDataBase64: "AP8Q",
    },
    payloadBytes: 3,
    payloadBase64: "AP8Q",
    retainedAt: null,
    publisher: null,
  },
];

Deno.test("inspectJson() has these keys, and everything under them", () => {
  const { changedAt, ...rest } = JSON.parse(textOf());
  assert.match(changedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    path: "/broker.db",
    formatVersion: 3,
    fileBytes: 40960,
    inUse: false,
    counts: {
      sessions: 2,
      connected: 1,
      subscriptions: 2,
      queued: 2,
      inFlight: 3,
      inboundPacketIdentifiers: 1,
      retained: 2,
    },
    damage: null,
    sessions: [PHONE, CAMERA],
    retained: RETAINED,
  });
});

Deno.test("inspectJson() has no key for what was not asked for", () => {
  const keys = ["path", "formatVersion", "fileBytes", "changedAt", "inUse", "counts", "damage"];
  assert.deepEqual(Object.keys(JSON.parse(textOf({ sessions: undefined }))), [...keys, "retained"]);
  assert.deepEqual(Object.keys(JSON.parse(textOf({ showsRetained: false }))), [
    ...keys,
    "sessions",
  ]);
});

Deno.test("inspectJson() says null when it is not known whether a broker uses the file", () => {
  assert.equal(JSON.parse(textOf({ isInUse: undefined })).inUse, null);
});

Deno.test("inspectJson() reports damage", () => {
  using folder = temporaryFolder();
  makeStore(`${folder.path}/broker.db`);
  const inspection = inspectionOf(`${folder.path}/broker.db`);
  const damage = { rows: 1, gaps: 2, reason: "malformed" };
  const text = [...inspectJson({ ...inspection, store: { ...inspection.store, damage } })].join("");
  assert.deepEqual(JSON.parse(text).damage, damage);
});

Deno.test("inspectJson() has no character in force that a terminal would act on", () => {
  const topicName = "a\x1b\x7f\x9b\u2028\u202e\ufeff\n";
  const retained: InspectedRetained = {
    topicName,
    payload: new TextEncoder().encode(topicName),
    qos: 1,
    retain: true,
    properties: {},
    expiresAtMs: Infinity,
    retainedAtMs: undefined,
    publisher: topicName,
  };
  using folder = temporaryFolder();
  makeStore(`${folder.path}/broker.db`);
  const inspection = inspectionOf(`${folder.path}/broker.db`, { sessions: undefined });
  const store = { ...inspection.store, retained: [retained] };
  const text = [...inspectJson({ ...inspection, store })].join("");
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Zl}\p{Bidi_Control}\ufeff]/u);
  const [found] = JSON.parse(text).retained;
  const texts = [found.topicName, found.payload, found.publisher];
  assert.deepEqual(texts, [topicName, topicName, topicName]);
});

Deno.test("inspectJson() is made in pieces, none of which holds more than one message", () => {
  using folder = temporaryFolder();
  makeStore(`${folder.path}/broker.db`);
  const pieces = [...inspectJson(inspectionOf(`${folder.path}/broker.db`))];
  const messages = pieces.filter((piece) => piece.includes('"payloadBytes"'));
  assert.equal(messages.length, 8);
  for (const piece of messages) assert.equal(piece.split('"payloadBytes"').length, 2);
});
