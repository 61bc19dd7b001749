/**
 * The login of one connection: what comes of it, and what the client is told.
 */

import assert from "node:assert/strict";
import { Authenticator } from "../../src/access/authenticator.ts";
import type {
  EnhancedMethod,
  ExchangeStep,
  LoginMethod,
  MethodAnswer,
} from "../../src/access/login_method.ts";
import { Login, type LoginOutcome } from "../../src/net/login.ts";
import type { LoginLimits } from "../../src/net/login_service.ts";
import type { ConnectionOrigin } from "../../src/net/origin.ts";
import { type AuthPacket, type ConnectPacket, PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, will } from "../support/packets.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";
import { ANN, SlowMethod, testLogin, testOrigin } from "./login_fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const SECRET = bytes("secret");

/** Challenges once and takes the answer "42"; "eve" proves to be somebody else. */
const RIDDLE: EnhancedMethod = {
  name: "RIDDLE",
  start: () => ({
    next: (data): ExchangeStep => {
      const text = data === undefined ? "" : new TextDecoder().decode(data);
      if (text === "fail") throw new Error("out of riddles");
      if (text === "") return { kind: "continue", data: bytes("6 x 7?") };
      if (text === "eve") return { kind: "proven", username: "eve", groups: [] };
      return text === "42"
        ? { kind: "proven", username: "ann", groups: ["wise"], data: bytes("right") }
        : { kind: "refused", cause: "wrong answer", username: "ann" };
    },
  }),
};

interface Setup {
  readonly methods?: readonly LoginMethod[];
  readonly enhanced?: readonly EnhancedMethod[];
  readonly origin?: ConnectionOrigin;
  readonly limits?: Partial<LoginLimits>;
  readonly clock?: { nowMs: number };
}

/** One login and the service behind it. */
function loginOf(packet: ConnectPacket, setup: Setup = {}) {
  const authenticator = new Authenticator(setup.methods, setup.enhanced);
  const logins = testLogin(setup.clock ?? { nowMs: 1000 }, setup.limits, authenticator);
  const login = new Login(logins.service, {
    packet,
    origin: setup.origin ?? testOrigin(),
    remoteAddress: "192.0.2.1:5000",
    isConnected: () => true,
  });
  return { login, ...logins };
}

function auth(reasonCode: ReasonCode, data?: string, method = "RIDDLE"): AuthPacket {
  const properties = {
    authenticationMethod: method,
    ...(data === undefined ? {} : { authenticationData: bytes(data) }),
  };
  return { type: PacketType.Auth, reasonCode, properties };
}

function riddleConnect(data?: string): ConnectPacket {
  return connectPacket("c", 5, { properties: auth(0, data).properties });
}

/** What came of it at once. */
function now(outcome: LoginOutcome | Promise<LoginOutcome>): LoginOutcome {
  assert(!(outcome instanceof Promise), "The outcome is not there yet");
  return outcome;
}

/** Holds what comes of it, once it is there. */
function collect(outcome: LoginOutcome | Promise<LoginOutcome>): LoginOutcome[] {
  const outcomes: LoginOutcome[] = [];
  void Promise.resolve(outcome).then((value) => outcomes.push(value));
  return outcomes;
}

function reasonOf(outcome: LoginOutcome): string {
  return outcome.kind === "refused"
    ? `0x${outcome.reasonCode.toString(16)} ${outcome.reasonString}`
    : outcome.kind;
}

Deno.test("Login lets an anonymous client in at once, with CONNECT as it was", () => {
  const packet = connectPacket("c", 5, { will: will("t", "x") });
  assert.deepEqual(now(loginOf(packet).login.start()), {
    kind: "accepted",
    identity: { username: undefined, groups: [], listener: "garden", address: "192.0.2.1" },
    packet,
    properties: {},
    unprovenUsername: undefined,
    validUntilMs: Infinity,
  });
});

Deno.test("Login proves a name, with the groups and the time that come with the proof", async () => {
  const slow = new SlowMethod();
  const { login } = loginOf(connectPacket("c", 4, { username: "ann", password: SECRET }), {
    methods: [slow],
  });
  const outcome = login.start();
  slow.answer({ kind: "proven", username: "Ann", groups: ["family"], validForMs: 500 });
  const accepted = await outcome;
  assert(accepted.kind === "accepted");
  assert.deepEqual(accepted.identity.username, "Ann");
  assert.deepEqual(accepted.identity.groups, ["family"]);
  assert.equal(accepted.validUntilMs, 1500);
});

Deno.test("Login tells every client that named somebody the same, whatever was wrong [MQTT-3.1.4-2]", async () => {
  using timers = new FakeTimers();
  const told: string[] = [];
  for (const [username, password] of [["ann", "wrong"], ["bob", "x"], ["", ""]] as const) {
    const packet = connectPacket("c", 5, { username, password: bytes(password) });
    const { login } = loginOf(packet, { methods: [ANN] });
    const outcome = login.start();
    await settled();
    timers.advance(1000);
    told.push(reasonOf(await outcome));
  }
  assert.deepEqual(new Set(told), new Set(["0x86 Bad user name or password"]));
});

Deno.test("Login says in the log alone why it refuses, and holds the answer back", async () => {
  using timers = new FakeTimers();
  const packet = connectPacket("c", 5, { username: "ann", password: bytes("wrong") });
  const { login, events, statistics, service } = loginOf(packet, { methods: [ANN] });
  const outcomes = collect(login.start());
  await settled();
  assert.deepEqual([events.lines, statistics.loginsFailed], [["refused ann c: wrong password"], 1]);
  assert.deepEqual([outcomes, service.delays.waitingCount], [[], 1]);
  timers.advance(100);
  await settled();
  assert.deepEqual(outcomes.map(({ kind }) => kind), ["refused"]);
});

Deno.test("Login that is abandoned waits for nothing any more", async () => {
  using timers = new FakeTimers();
  const packet = connectPacket("c", 5, { username: "ann", password: bytes("wrong") });
  const { login, service } = loginOf(packet, { methods: [ANN] });
  void login.start();
  await settled();
  login.abandon();
  assert.deepEqual([service.delays.waitingCount, timers.count], [0, 0]);
});

Deno.test("Login refuses an anonymous client with 0x87, and bans nobody for that", async () => {
  using timers = new FakeTimers();
  const origin = testOrigin({ allowAnonymous: "never" });
  const { login, service } = loginOf(connectPacket("c"), {
    origin,
    limits: { failedLoginsBeforeBan: 1 },
  });
  const outcome = Promise.resolve(login.start());
  timers.advance(500);
  assert.equal(reasonOf(await outcome), "0x87 Not authorized");
  assert.equal(service.failures.bannedCount, 0);
});

Deno.test("Login tells a client that nobody can decide about that the server is busy", async () => {
  const away: LoginMethod = {
    name: "http",
    check: () => Promise.reject(new Error("connection refused")),
  };
  const packet = connectPacket("c", 5, { username: "ann", password: SECRET });
  const { login, events, statistics } = loginOf(packet, { methods: [away] });
  assert.equal(reasonOf(await login.start()), "0x89 The server is busy");
  assert.deepEqual(events.lines, ["undecided ann c: http: connection refused"]);
  assert.equal(statistics.loginsFailed, 0);
});

Deno.test("Login verifies a few logins at once for an address that has failed, and is busy for more", async () => {
  const slow = new SlowMethod();
  const packet = connectPacket("c", 5, { username: "ann", password: SECRET });
  const { login, service } = loginOf(packet, { methods: [slow] });
  service.failures.failed("192.0.2.1", true, 1000);
  const outcomes = Array.from({ length: 20 }, () => login.start());
  await settled();
  assert.deepEqual([slow.asked.length, service.queue.suspectCount], [4, 4]);
  assert.equal(outcomes.filter((one) => !(one instanceof Promise)).length, 16);
  while (slow.asked.length > 0) slow.answer({ kind: "proven", username: "ann", groups: [] });
  const ends = await Promise.all(outcomes);
  assert.equal(ends.filter(({ kind }) => kind === "accepted").length, 4);
  assert.equal(service.queue.suspectCount, 0);
});

Deno.test("Login keeps to the terms of the listener, before and after it knows who comes", () => {
  const outcomeOf = (packet: ConnectPacket, listener: Parameters<typeof testOrigin>[0]) =>
    now(loginOf(packet, { origin: testOrigin(listener) }).login.start());
  assert.equal(
    reasonOf(outcomeOf(connectPacket("c", 4), { protocolVersions: ["5"] })),
    "0x84 MQTT 3.1.1 is not spoken here",
  );
  assert.equal(
    reasonOf(outcomeOf(connectPacket("c"), { clientidPrefixes: ["lamp-"] })),
    "0x85 This Client Identifier is not accepted here",
  );
  assert.equal(
    reasonOf(outcomeOf(connectPacket("c"), { useUsernameAsClientid: true })),
    "0x87 Not authorized",
  );
  const named = connectPacket("c", 5, { username: "ann" });
  const accepted = outcomeOf(named, { useUsernameAsClientid: true });
  assert(accepted.kind === "accepted");
  assert.equal(accepted.packet.clientIdentifier, "ann");
  assert.deepEqual(accepted.properties, { assignedClientIdentifier: "ann" });
});

Deno.test("Login moves the Will below the mount point", () => {
  const packet = connectPacket("c", 5, { will: will("gone", "x") });
  const origin = testOrigin({ mountPoint: "home/" });
  const accepted = now(loginOf(packet, { origin }).login.start());
  assert.equal(accepted.kind === "accepted" && accepted.packet.will?.topicName, "home/gone");
});

Deno.test("Login lets the newcomer of a fight wait for its answer", async () => {
  using timers = new FakeTimers();
  const { login, service } = loginOf(connectPacket("c"));
  for (let time = 0; time < 3; time++) {
    service.fights.tookOver("c", "192.0.2.1:1", "192.0.2.2:1", 1000);
  }
  const outcomes = collect(login.start());
  await settled();
  assert.deepEqual(outcomes, []);
  timers.advance(250);
  await settled();
  assert.deepEqual(outcomes.map(({ kind }) => kind), ["accepted"]);
});

Deno.test("Login refuses an Authentication Method that nobody speaks with 0x8C [MQTT-4.12.0-1]", () => {
  const { login, events } = loginOf(riddleConnect(), { methods: [ANN] });
  assert.equal(reasonOf(now(login.start())), "0x8c This Authentication Method is not available");
  assert.deepEqual(events.lines, [
    "refused undefined c: its Authentication Method 'RIDDLE' is not configured",
  ]);
});

Deno.test("Login goes through an exchange, with the method of CONNECT in every packet [MQTT-4.12.0-2] [MQTT-4.12.0-5]", () => {
  const { login } = loginOf(riddleConnect(), { enhanced: [RIDDLE] });
  assert.deepEqual(now(login.start()), {
    kind: "challenge",
    properties: { authenticationMethod: "RIDDLE", authenticationData: bytes("6 x 7?") },
  });
  const accepted = now(login.receive(auth(ReasonCode.ContinueAuthentication, "42")));
  assert(accepted.kind === "accepted");
  assert.deepEqual(accepted.identity.username, "ann");
  assert.deepEqual(accepted.identity.groups, ["wise"]);
  assert.deepEqual(accepted.properties, {
    authenticationMethod: "RIDDLE",
    authenticationData: bytes("right"),
  });
  assert.deepEqual(accepted.packet.properties, {}, "the broker hears nothing of the exchange");
});

Deno.test("Login refuses at any point of an exchange, and counts it as a failed login [MQTT-4.12.0-4]", async () => {
  using timers = new FakeTimers();
  const { login, statistics, events } = loginOf(riddleConnect(), { enhanced: [RIDDLE] });
  login.start();
  const outcome = Promise.resolve(login.receive(auth(ReasonCode.ContinueAuthentication, "41")));
  timers.advance(100);
  assert.equal(reasonOf(await outcome), "0x86 Bad user name or password");
  assert.deepEqual([statistics.loginsFailed, events.lines], [1, ["refused ann c: wrong answer"]]);
});

Deno.test("Login lets nobody in by an exchange that fails", () => {
  const { login, events } = loginOf(riddleConnect("fail"), { enhanced: [RIDDLE] });
  assert.equal(reasonOf(now(login.start())), "0x89 The server is busy");
  assert.deepEqual(events.lines, ["undecided undefined c: out of riddles"]);
});

Deno.test("Login refuses AUTH that does not belong to the exchange [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-4.12.0-7]", () => {
  const exchange = () => {
    const { login } = loginOf(riddleConnect(), { enhanced: [RIDDLE] });
    login.start();
    return login;
  };
  const wrong = { reasonCode: ReasonCode.ProtocolError };
  assert.throws(
    () => exchange().receive(auth(ReasonCode.ContinueAuthentication, "42", "OTHER")),
    wrong,
  );
  assert.throws(() => exchange().receive(auth(ReasonCode.ReAuthenticate, "42")), wrong);
  assert.throws(() => exchange().receive(auth(ReasonCode.Success, "42")), wrong);
  const { login: plain } = loginOf(connectPacket("c"));
  plain.start();
  assert.throws(() => plain.receive(auth(ReasonCode.ReAuthenticate)), wrong);
});

Deno.test("Login proves a connected client anew, as the same user only [MQTT-4.12.1-1]", async () => {
  using timers = new FakeTimers();
  const { login, events } = loginOf(riddleConnect("42"), { enhanced: [RIDDLE] });
  assert.equal(now(login.start()).kind, "accepted");
  assert.equal(now(login.receive(auth(ReasonCode.ReAuthenticate))).kind, "challenge");
  assert.throws(() => login.receive(auth(ReasonCode.ReAuthenticate)), {
    reasonCode: ReasonCode.ProtocolError,
  });
  const again = now(login.receive(auth(ReasonCode.ContinueAuthentication, "42")));
  assert.deepEqual(again.kind === "accepted" && again.properties, {
    authenticationMethod: "RIDDLE",
    authenticationData: bytes("right"),
  });
  assert.throws(() => login.receive(auth(ReasonCode.ContinueAuthentication, "42")), {
    reasonCode: ReasonCode.ProtocolError,
  });
  const other = Promise.resolve(login.receive(auth(ReasonCode.ReAuthenticate, "eve")));
  timers.advance(100);
  assert.equal(reasonOf(await other), "0x86 Bad user name or password");
  assert.deepEqual(events.lines, ["refused eve c: it re-authenticates as somebody else"]);
});

Deno.test("Login takes the name of the certificate where an exchange proves another", () => {
  const certificate = { commonName: "lamp", subject: "CN=lamp", subjectAltNames: [] };
  const origin = testOrigin({ tls: { identity: "common_name" } }, { certificate });
  const { login } = loginOf(riddleConnect("42"), { enhanced: [RIDDLE], origin });
  const accepted = now(login.start());
  assert.equal(accepted.kind === "accepted" && accepted.identity.username, "lamp");
});

Deno.test("Login waits for an answer of any kind, in whatever order they come", async () => {
  const slow = new SlowMethod();
  const packet = (name: string) => connectPacket(name, 5, { username: name, password: SECRET });
  const first = loginOf(packet("a"), { methods: [slow] }).login.start();
  const second = loginOf(packet("b"), { methods: [slow] }).login.start();
  await settled();
  const [one, other] = slow.asked;
  const proven = (username: string): MethodAnswer => ({ kind: "proven", username, groups: [] });
  other?.answer(proven("b"));
  one?.answer(proven("a"));
  const names = (await Promise.all([first, second])).map((outcome) =>
    outcome.kind === "accepted" && outcome.identity.username
  );
  assert.deepEqual(names, ["a", "b"]);
});
