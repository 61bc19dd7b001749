/**
 * What happens to a broker with rules, as values: clients of several users come, go, subscribe and
 * publish, rules change, the broker is killed. Owns nothing but the steps' effect on an
 * `AccessWorld`, and what each has to answer.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Layer } from "../../src/access/rule.ts";
import { PacketType, type QoS, type RetainHandling } from "../../src/protocol/packet.ts";
import { parseSharedFilter, topicMatches } from "../../src/protocol/topic.ts";
import { filters, rules, TOPICS } from "../access/rule_reference.ts";
import { connectPacket, publishPacket, subscribePacket, will } from "../support/packets.ts";
import type { AccessWorld } from "./access_world.ts";

const CLIENTS = ["c1", "c2", "c3"];
const NAMES = ["a", "a/b/z", "z", "$s/a", "alice", "alice/a", "c1/b", "a/alice"];

interface Publication {
  readonly topicName: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

export type Operation =
  & { readonly client: string }
  & (
    | {
      readonly kind: "connect";
      readonly username: string | undefined;
      readonly version: 4 | 5;
      readonly cleanStart: boolean;
      readonly isKept: boolean;
      readonly receiveMaximum: number;
      readonly acknowledges: boolean;
      readonly will: (Publication & { readonly delay: number }) | undefined;
    }
    | { readonly kind: "leave"; readonly isRude: boolean }
    | {
      readonly kind: "subscribe";
      readonly topicFilter: string;
      readonly qos: QoS;
      readonly isShared: boolean;
      readonly noLocal: boolean;
      readonly retainHandling: RetainHandling;
    }
    | { readonly kind: "unsubscribe"; readonly topicFilter: string }
    | { readonly kind: "publish"; readonly messages: readonly Publication[]; isEmpty: boolean }
    | { readonly kind: "congest"; readonly isCongested: boolean }
    | { readonly kind: "rules"; readonly layers: readonly Layer[] }
    | { readonly kind: "advance"; readonly milliseconds: number }
    | { readonly kind: "restart" }
  );

const qos = fc.constantFrom<QoS>(0, 1, 2);
const rarely = fc.nat(7).map((number) => number === 0);
const publication = { topicName: fc.constantFrom(...NAMES), qos, retain: fc.boolean() };
const someRules = fc.array(rules(filters(["a", "%u", "$s", "%u", "%c"])), { maxLength: 5 });
/** Most of them allow most things, so that something happens. */
export const layers: fc.Arbitrary<Layer[]> = fc.tuple(someRules, fc.boolean()).map(
  ([some, isWide]) => {
    const wide = ["#", "$s/#"].map((topicFilter) =>
      ({ effect: "allow", action: "readwrite", topicFilter }) as const
    );
    const role = { name: "r", audience: {}, rules: [...some, ...isWide ? wide : []] };
    return some.length === 0 && isWide ? [] : [{ roles: [role] }];
  },
);

const topicFilter = fc.oneof(filters(["a", "b", "$s"], 2), fc.constantFrom("#", ...NAMES));
const client = fc.constantFrom(...CLIENTS);
const kinds: readonly [weight: number, operation: fc.Arbitrary<Operation>][] = [
  [
    6,
    fc.record({
      client,
      kind: fc.constant("connect" as const),
      username: fc.constantFrom(undefined, undefined, "alice", "alice", "bob"),
      version: fc.constantFrom<4 | 5>(4, 5, 5),
      cleanStart: rarely,
      isKept: rarely.map((isRare) => !isRare),
      receiveMaximum: fc.constantFrom(1, 2, 20),
      acknowledges: fc.boolean(),
      will: fc.option(fc.record({ ...publication, delay: fc.constantFrom(0, 5) }), {
        nil: undefined,
      }),
    }),
  ],
  [2, fc.record({ client, kind: fc.constant("leave" as const), isRude: fc.boolean() })],
  [
    6,
    fc.record({
      client,
      kind: fc.constant("subscribe" as const),
      topicFilter,
      qos,
      isShared: rarely,
      noLocal: fc.boolean(),
      retainHandling: fc.constantFrom<RetainHandling>(0, 0, 1, 2),
    }),
  ],
  [1, fc.record({ client, kind: fc.constant("unsubscribe" as const), topicFilter })],
  [
    10,
    fc.record({
      client,
      kind: fc.constant("publish" as const),
      messages: fc.array(fc.record(publication), { minLength: 1, maxLength: 3 }),
      isEmpty: rarely,
    }),
  ],
  [2, fc.record({ client, kind: fc.constant("congest" as const), isCongested: fc.boolean() })],
  [3, fc.record({ client, kind: fc.constant("rules" as const), layers })],
  [
    1,
    fc.record({
      client,
      kind: fc.constant("advance" as const),
      milliseconds: fc.constantFrom(5000, 70_000),
    }),
  ],
  [1, fc.record({ client, kind: fc.constant("restart" as const) })],
];

export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  { minLength: 20, maxLength: 100, size: "max" },
);

/** Does `operation`, the `step`th, and everything that follows from it. */
export function carryOut(world: AccessWorld, operation: Operation, step: number): void {
  switch (operation.kind) {
    case "connect":
      connect(world, operation, step);
      break;
    case "rules":
      world.setRules(operation.layers);
      break;
    case "advance":
      world.core.advance(operation.milliseconds);
      break;
    case "restart":
      world.restart();
      break;
    default:
      act(world, operation, step);
  }
  world.settle();
}

type Of<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

function connect(world: AccessWorld, operation: Of<"connect">, step: number): void {
  const { client: name, username, version, cleanStart, isKept, receiveMaximum } = operation;
  const previous = world.core.broker.sessions.get(name);
  const owner = previous?.username;
  const isOwner = owner === undefined || owner === username;
  const isTaken = !isOwner && (previous?.isOnline === true || username === undefined);
  const wish = operation.will;
  const isForbidden = wish !== undefined &&
    !world.isAllowed("publish", { clientIdentifier: name, username }, wish.topicName);
  const connection = world.core.open(version);
  const sessionExpiryInterval = isKept ? 60 : 0;
  const properties = version === 5 ? { sessionExpiryInterval, receiveMaximum } : {};
  const ownWill = wish && will(wish.topicName, `will ${step}`, {
    qos: wish.qos,
    retain: wish.retain,
    properties: version === 5 ? { willDelayInterval: wish.delay } : {},
  });
  connection.connect(connectPacket(name, version, {
    cleanStart,
    properties,
    ...(username === undefined ? {} : { username }),
    ...(ownWill === undefined ? {} : { will: ownWill }),
  }));
  assert.equal(connection.refusal?.reasonCode, isTaken || isForbidden ? 0x87 : undefined);
  if (connection.refusal !== undefined) return;
  const { sessionPresent } = connection.connack ?? {};
  assert.ok(!sessionPresent || isOwner, "it gets the session of another user");
  // What comes of the connection before, such as DISCONNECT, is taken while that is known.
  const old = world.peers.get(name);
  if (old !== undefined) assert.equal(old.connection.isOpen, false);
  world.settle();
  world.peers.set(name, { connection, acknowledges: operation.acknowledges, nextIdentifier: 1 });
  assert.equal(connection.session.username, username);
}

function act(
  world: AccessWorld,
  operation: Exclude<Operation, { kind: "connect" | "rules" | "advance" | "restart" }>,
  step: number,
): void {
  const peer = world.peers.get(operation.client);
  if (peer === undefined) return;
  const { connection } = peer;
  switch (operation.kind) {
    case "leave":
      if (operation.isRude) connection.lose();
      else connection.disconnect();
      return;
    case "subscribe":
      return subscribe(world, operation);
    case "unsubscribe":
      connection.input({
        type: PacketType.Unsubscribe,
        packetIdentifier: 8,
        topicFilters: [operation.topicFilter],
        properties: {},
      });
      return;
    case "publish":
      return publish(world, operation, step);
    case "congest":
      if (operation.isCongested) connection.link.isCongested = true;
      else connection.drain();
  }
}

function subscribe(world: AccessWorld, operation: Of<"subscribe">): void {
  const peer = world.peers.get(operation.client);
  if (peer === undefined) return;
  const { isShared, qos, retainHandling } = operation;
  const topicFilter = isShared ? `$share/g/${operation.topicFilter}` : operation.topicFilter;
  const noLocal = operation.noLocal && !isShared;
  const { session } = peer.connection;
  const request = { topicFilter, qos, noLocal, retainAsPublished: false, retainHandling };
  const allowed = TOPICS.filter((topic) =>
    topicMatches(parseSharedFilter(topicFilter)?.topicFilter ?? topicFilter, topic) &&
    world.isAllowed("subscribe", session, topic)
  );
  const refused = world.core.broker.statistics.subscriptionsRefused;
  if (!isShared && retainHandling === 0 && allowed.length > 0) world.subscribed(peer, topicFilter);
  peer.connection.input(subscribePacket([request]));
  const isRefused = world.core.broker.statistics.subscriptionsRefused > refused;
  if (isRefused) assert.deepEqual(allowed, [], `${topicFilter} is refused`);
}

function publish(world: AccessWorld, operation: Of<"publish">, step: number): void {
  const peer = world.peers.get(operation.client);
  if (peer === undefined) return;
  const { connection } = peer;
  const packets = operation.messages.map(({ topicName, qos, retain }, index) =>
    publishPacket(topicName, operation.isEmpty ? "" : `${step}.${index}`, {
      qos,
      retain,
      packetIdentifier: qos === 0 ? 0 : peer.nextIdentifier++,
    })
  );
  const refusedBefore = world.core.broker.statistics.publishRefused;
  const forbidden = packets.filter(({ topicName }) =>
    !world.isAllowed("publish", connection.session, topicName)
  );
  connection.input(...packets);
  const { publishRefused } = world.core.broker.statistics;
  assert.equal(publishRefused - refusedBefore, forbidden.length, "publications that are refused");
  assert.equal(connection.failure, undefined);
}

/** Everybody comes back, reads and acknowledges: all that is owed by the rules of now is paid. */
export function comeBack(world: AccessWorld): void {
  for (const [name, { username }] of [...world.core.broker.sessions]) {
    world.peers.get(name)?.connection.lose();
    world.settle();
    if (world.core.broker.sessions.get(name) === undefined) continue;
    const operation = {
      kind: "connect",
      client: name,
      username,
      version: 5,
      cleanStart: false,
      isKept: true,
      receiveMaximum: 20,
      acknowledges: true,
      will: undefined,
    } as const;
    carryOut(world, operation, 0);
    assert.ok(world.peers.has(name), `${name} is not back`);
  }
  assert.deepEqual(world.unpaid, []);
}
