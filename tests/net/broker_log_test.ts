/**
 * What is logged: the wording, how often, and what never is.
 */

import assert from "node:assert/strict";
import { Broker } from "../../src/broker/broker.ts";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";
import { BufferPool } from "../../src/broker/buffer_pool.ts";
import type { Session } from "../../src/broker/session.ts";
import { Statistics } from "../../src/broker/statistics.ts";
import type { LoggingSettings } from "../../src/config/settings.ts";
import type { LogLevel } from "../../src/log/logger.ts";
import { BrokerLog } from "../../src/net/broker_log.ts";
import { ClientLink } from "../../src/net/client_link.ts";
import { Output } from "../../src/net/output.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../../src/protocol/reason_code.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { SetAccess } from "../support/core.ts";
import { FakeClient } from "../support/fake_client.ts";
import { connectPacket, publishPacket, will } from "../support/packets.ts";
import { FakeSink } from "./fake_sink.ts";

const MINUTE_MS = 60_000;

/** A log at debug level whose lines can be taken, and a clock that the test moves. */
class LogFixture implements Disposable {
  nowMs = 0;
  readonly log: BrokerLog;
  readonly #captured: CapturedLog;

  constructor(level: LogLevel = "debug", levels: Partial<LoggingSettings["levels"]> = {}) {
    this.#captured = new CapturedLog(level, levels, () => this.nowMs);
    this.log = new BrokerLog(() => this.nowMs);
  }

  /** The lines since the last call, columns separated by one blank. */
  take(): string[] {
    return this.#captured.take();
  }

  /** A session of `clientIdentifier` that is connected from 192.0.2.1. */
  session(clientIdentifier: string, username?: string): Session {
    const broker = new Broker({
      limits: DEFAULT_LIMITS,
      access: new SetAccess(),
      events: new BrokerLog(() => this.nowMs), // What it writes does not count for `log`.
      nowMs: () => 1,
      seed: 1,
    });
    const client = new FakeClient(broker, 5, "192.0.2.1:5000");
    client.connect(connectPacket(clientIdentifier, 5, username === undefined ? {} : { username }));
    this.take();
    return broker.sessions.get(clientIdentifier) as Session;
  }

  [Symbol.dispose](): void {
    this.#captured[Symbol.dispose]();
  }
}

/** The owner of an output that nothing is sent by. */
const IDLE_OWNER = {
  outputPending: () => {},
  outputTaken: () => {},
  outputGated: () => {},
  outputDrained: () => {},
  outputFailed: () => {},
};

/** A stranger's connection, from a port of its own. */
function stranger(port: number, session?: Session) {
  return { remoteAddress: `203.0.113.5:${port}`, session };
}

Deno.test("BrokerLog tells who connects, from where, with which version and session", () => {
  using fixture = new LogFixture();
  const session = fixture.session("kitchen", "anna");
  const other = fixture.session("hall");
  fixture.log.sessionConnected(session, false);
  fixture.log.sessionConnected(other, true);
  fixture.log.sessionDisconnected(session, "keep alive timeout");
  fixture.log.sessionEnded(session, "the client left");
  assert.deepEqual(fixture.take(), [
    "info client Client 'kitchen' connected from 192.0.2.1:5000: MQTT 5, new session, user 'anna'",
    "info client Client 'hall' connected from 192.0.2.1:5000: MQTT 5, resumed session",
    "info client Client 'kitchen' disconnected: keep alive timeout",
    "debug session Session of 'kitchen' ended: the client left",
  ]);
});

Deno.test("BrokerLog names client, topic and reason of dropped messages, and which setting helps", () => {
  using fixture = new LogFixture();
  const session = fixture.session("c");
  fixture.log.messagesDropped(session, "t/1", "queue_full", 1);
  fixture.log.messagesDropped(session, "", "slow_reader", 17);
  fixture.log.messagesDropped(session, "t/2", "packet_too_large", 1);
  fixture.log.messagesDropped(session, "t/3", "expired", 1);
  assert.deepEqual(fixture.take(), [
    "warning message Dropped 1 message(s) for client 'c', the first of topic 't/1': its queue is " +
    "full (sessions.max_queued_messages, max_queued_bytes)",
    "warning message Dropped 17 message(s) for client 'c': it reads too slowly " +
    "(limits.max_buffered_bytes_per_client)",
    "warning message Dropped 1 message(s) for client 'c', the first of topic 't/2': they are " +
    "larger than its Maximum Packet Size",
    "debug message Dropped 1 message(s) for client 'c', the first of topic 't/3': their Message " +
    "Expiry Interval was over",
  ]);
});

Deno.test("BrokerLog names client, user, address, topic and rule of what was refused", () => {
  using fixture = new LogFixture();
  const refusal = { reasonCode: ReasonCode.NotAuthorized, reasonString: "no", rule: "rule 7" };
  const [session, other] = [fixture.session("c", "anna"), fixture.session("d")];
  fixture.log.publishRefused(session, "a/b", refusal);
  fixture.log.subscriptionRefused(other, "#", refusal);
  fixture.log.retainedRefused("t", "10 retained messages");
  assert.deepEqual(fixture.take(), [
    "warning access Client 'c' (user 'anna', 192.0.2.1:5000) may not publish to 'a/b': rule 7",
    "warning access Client 'd' (user none, 192.0.2.1:5000) may not subscribe to '#': rule 7",
    "warning message Cannot retain the message of 't': the limit of 10 retained messages is reached",
  ]);
});

Deno.test("BrokerLog writes Reason Codes as the specification does", () => {
  using fixture = new LogFixture();
  const session = fixture.session("c");
  fixture.log.connectRefused(stranger(1), ReasonCode.NotAuthorized, "Not authorized");
  const error = new ProtocolError(ReasonCode.MalformedPacket, "Cannot decode PUBLISH: QoS 3");
  fixture.log.protocolError(stranger(2, session), error);
  assert.deepEqual(fixture.take(), [
    "warning client Refused the client at 203.0.113.5:1: Not authorized (0x87 Not authorized)",
    "warning protocol Client 'c' at 203.0.113.5:2 broke the protocol: Cannot decode PUBLISH: QoS 3 " +
    "(0x81 Malformed packet)",
  ]);
});

Deno.test("BrokerLog says what to do when a listener cannot be opened", () => {
  using fixture = new LogFixture();
  fixture.log.listening("127.0.0.1:1883", "mqtt");
  fixture.log.listening("127.0.0.1:8883", "mqtts");
  fixture.log.listenFailed("a:1883", new Deno.errors.AddrInUse("x"), true);
  fixture.log.listenFailed("b:80", new Deno.errors.PermissionDenied("x"), false);
  fixture.log.listenFailed("c:1", new Error("no such address"), true);
  fixture.log.acceptFailed("d:1", new Error("Too many open files (os error 24)"));
  assert.deepEqual(fixture.take(), [
    "info server Listening on 127.0.0.1:1883 (mqtt)",
    "info server Listening on 127.0.0.1:8883 (mqtts)",
    "error server Cannot listen on a:1883: the port is in use, perhaps by Mosquitto " +
    "(sudo systemctl stop mosquitto) or another broker; stop it, or choose another port; trying " +
    "again until it works",
    "error server Cannot listen on b:80: permission denied; ports below 1024 need root or " +
    "CAP_NET_BIND_SERVICE",
    "error server Cannot listen on c:1: no such address; trying again until it works",
    "error server Cannot accept a connection on d:1: Too many open files (os error 24)",
  ]);
});

Deno.test("BrokerLog writes what one address causes once a minute, with a count of the rest", () => {
  using fixture = new LogFixture();
  const refuse = (port: number) =>
    fixture.log.connectRefused(stranger(port), ReasonCode.MalformedPacket, "Cannot decode it");
  for (let port = 1; port <= 500; port++) refuse(port);
  fixture.nowMs = MINUTE_MS;
  refuse(501);
  assert.deepEqual(fixture.take(), [
    "warning client Refused the client at 203.0.113.5:1: Cannot decode it (0x81 Malformed packet)",
    "warning client Refused the client at 203.0.113.5:501: Cannot decode it (0x81 Malformed packet) " +
    "(499 more like this in the last 60 s)",
  ]);
});

Deno.test("BrokerLog limits every kind of line that a client can cause at will", () => {
  using fixture = new LogFixture();
  const session = fixture.session("c");
  const refusal = { reasonCode: ReasonCode.NotAuthorized, reasonString: "no", rule: "rule" };
  const error = new ProtocolError(ReasonCode.ProtocolError, "no");
  const { log } = fixture;
  const causes: (() => void)[] = [
    () => log.sessionTakenOver(session, "192.0.2.1:1", "192.0.2.2:1"),
    () => log.messagesDropped(session, "t", "slow_reader", 1),
    () => log.publishRefused(session, "t", refusal),
    () => log.subscriptionRefused(session, "t", refusal),
    () => log.retainedRefused("t", "1 retained message"),
    () => log.willRefused("c", session.identity, "t", refusal),
    () => log.takeOverRefused(session, session.identity, "203.0.113.5:1", refusal),
    () => log.protocolError(stranger(1, session), error),
    () => log.internalError(stranger(1, session), new Error("mistake")),
    () => log.tickFailed(new Error("mistake")),
    () => log.connectionLimitReached("203.0.113.5:1", "limits.max_connections (1)"),
    () => log.acceptFailed("127.0.0.1:1883", new Error("Too many open files")),
    () => log.listenFailed("127.0.0.1:1883", new Error("no"), true),
  ];
  for (const cause of causes) {
    for (let time = 0; time < 100; time++) cause();
    const lines = fixture.take().filter((line) => !line.startsWith("    "));
    assert.equal(lines.length, 1, `${cause}`);
  }
});

Deno.test("BrokerLog.tick() tells what was held back when nothing like it follows", () => {
  using fixture = new LogFixture();
  for (let time = 0; time < 4; time++) {
    fixture.log.connectionLimitReached("203.0.113.5:1", "the limit");
  }
  fixture.take();
  fixture.log.tick(MINUTE_MS - 1);
  assert.deepEqual(fixture.take(), []);
  fixture.log.tick(MINUTE_MS);
  assert.deepEqual(fixture.take(), [
    "warning server 3 more lines like 'limit the limit' were held back",
  ]);
});

Deno.test("BrokerLog tells about TLS files at the level that fits", () => {
  using fixture = new LogFixture();
  fixture.log.tlsNotice("127.0.0.1:8883", "info", "a new certificate is in use");
  fixture.log.tlsNotice("127.0.0.1:8883", "warning", "the certificate ends in 20 days");
  fixture.log.tlsNotice("127.0.0.1:8883", "error", "the new certificate cannot be used");
  assert.deepEqual(fixture.take(), [
    "info server TLS on 127.0.0.1:8883: a new certificate is in use",
    "warning server TLS on 127.0.0.1:8883: the certificate ends in 20 days",
    "error server TLS on 127.0.0.1:8883: the new certificate cannot be used",
  ]);
});

Deno.test("BrokerLog shows a User Name that nobody has proven, and says so", () => {
  using fixture = new LogFixture();
  const session = fixture.session("c");
  const link = new ClientLink(
    connectPacket("c", 5),
    "192.0.2.1:5000",
    new Output(new FakeSink(), new BufferPool(), new Statistics(), IDLE_OWNER),
    new Statistics(),
    {
      maximumBufferedBytesPerClient: 1,
      maximumBufferedBytes: 1,
      topicAliasMaximumTowardsClient: 0,
    },
    () => {},
  );
  link.accept({ mountPoint: undefined, unprovenUsername: "anna", connack: {} });
  session.link = link;
  fixture.log.sessionConnected(session, false);
  assert.deepEqual(fixture.take(), [
    "info client Client 'c' connected from 192.0.2.1:5000: MQTT 5, new session, user 'anna' " +
    "(unproven)",
  ]);
});

Deno.test("BrokerLog tells a take-over as what it mostly is, a client that comes back", () => {
  using fixture = new LogFixture();
  fixture.log.sessionTakenOver(fixture.session("c"), "192.0.2.1:1", "192.0.2.1:2");
  assert.deepEqual(fixture.take(), [
    "info client Client 'c' connects again from 192.0.2.1:2, and its connection from 192.0.2.1:1 " +
    "is closed",
  ]);
});

Deno.test("BrokerLog adds the stack to a mistake of ours", () => {
  using fixture = new LogFixture();
  fixture.log.internalError(stranger(1), new Error("a mistake"));
  const [first, ...stack] = fixture.take();
  assert.equal(
    first,
    "error server Mistake in the broker, please report it; client '' at 203.0.113.5:1 is closed",
  );
  assert.match(stack.join("\n"), /Error: a mistake\n.*broker_log_test\.ts/);
});

Deno.test("BrokerLog lets nobody forge a line or command the terminal", () => {
  using fixture = new LogFixture();
  const evil = "a'\n2026-01-01 info server \x1b[2Jfine\r\u2028\u202e";
  const session = fixture.session(evil, evil);
  const refusal = { reasonCode: ReasonCode.NotAuthorized, reasonString: evil, rule: evil };
  const { log } = fixture;
  log.sessionConnected(session, false);
  log.sessionDisconnected(session, evil);
  log.messagesDropped(session, evil, "queue_full", 1);
  log.publishRefused(session, evil, refusal);
  log.protocolError(stranger(1, session), new ProtocolError(ReasonCode.ProtocolError, evil));
  log.willRefused(evil, { ...session.identity, username: evil }, evil, refusal);
  log.packetReceived?.(evil, connectPacket(evil, 5, { username: evil }), 5);
  log.packetSent?.(evil, publishPacket(evil, evil), 5);
  const lines = fixture.take();
  assert.equal(lines.length, 8);
  for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202e]/u);
});

Deno.test("BrokerLog traces packets without payloads, passwords and other secrets", () => {
  using fixture = new LogFixture();
  const SECRET = "s3cr3t";
  const secretBytes = new TextEncoder().encode(SECRET);
  const { log } = fixture;
  const properties = {
    userProperties: [[SECRET, SECRET]] as [string, string][],
    correlationData: secretBytes,
  };
  log.packetReceived?.(
    "c",
    connectPacket("c", 5, {
      username: "anna",
      password: secretBytes,
      will: will("w", SECRET, { properties }),
      properties: { authenticationMethod: "m", authenticationData: secretBytes },
    }),
    5,
  );
  log.packetReceived?.("c", publishPacket("t", SECRET, { properties }), 5);
  log.packetSent?.("c", publishPacket("t", SECRET, { properties }), 5);
  log.packetSent?.("c", {
    type: PacketType.Auth,
    reasonCode: ReasonCode.Success,
    properties: { authenticationData: secretBytes },
  }, 5);
  const lines = fixture.take();
  assert.equal(lines.length, 4);
  assert.match(
    lines[0] ?? "",
    /^debug message Received from 'c': CONNECT .*'anna'.*with password/,
  );
  assert.match(lines[2] ?? "", /^debug message Sending to 'c': PUBLISH \(.*'t'.*6 bytes\)$/);
  for (const line of lines) assert(!line.includes(SECRET) && !line.includes("115,"), line);
});

Deno.test("BrokerLog traces packets at level debug of the part 'message', whatever the others have", () => {
  const isTraced = (level: LogLevel, levels: Partial<LoggingSettings["levels"]>): boolean => {
    using fixture = new LogFixture(level, levels);
    const { log } = fixture;
    assert.equal(log.packetReceived === undefined, log.packetSent === undefined);
    log.packetReceived?.("c", publishPacket("t", "x"), 5);
    return fixture.take().join().startsWith("debug message Received from 'c': PUBLISH");
  };
  assert.deepEqual(
    [
      isTraced("info", {}),
      isTraced("info", { protocol: "debug", client: "debug" }),
      isTraced("info", { message: "debug" }),
      isTraced("debug", {}),
      isTraced("debug", { message: "info" }),
    ],
    [false, false, true, true, false],
  );
});

Deno.test("BrokerLog shows each client that connects, and one that does it for ever once a minute", () => {
  using fixture = new LogFixture();
  const [flood, other] = [fixture.session("flood"), fixture.session("other")];
  const round = (session: Session) => {
    fixture.log.sessionConnected(session, false);
    fixture.log.sessionDisconnected(session, "gone");
  };
  for (let time = 0; time < 100; time++) round(flood);
  round(other);
  const line = "info client Client 'flood' connected from 192.0.2.1:5000: MQTT 5, new session";
  assert.deepEqual(fixture.take(), [
    line,
    "info client Client 'flood' disconnected: gone",
    "info client Client 'other' connected from 192.0.2.1:5000: MQTT 5, new session",
    "info client Client 'other' disconnected: gone",
  ]);
  fixture.nowMs = MINUTE_MS;
  fixture.log.sessionConnected(flood, false);
  fixture.log.tick(fixture.nowMs);
  assert.deepEqual(fixture.take(), [
    `${line} (99 more like this in the last 60 s)`,
    "info client 99 more lines like 'disconnected flood' were held back",
  ]);
});

Deno.test("BrokerLog shortens whatever clients send", () => {
  using fixture = new LogFixture();
  const long = "x".repeat(60_000);
  const session = fixture.session(long, long);
  const refusal = { reasonCode: ReasonCode.NotAuthorized, reasonString: long, rule: long };
  const error = new ProtocolError(ReasonCode.ProtocolError, long);
  const { log } = fixture;
  const reports: (() => void)[] = [
    () => log.sessionConnected(session, false),
    () => log.sessionDisconnected(session, long),
    () => log.sessionEnded(session, long),
    () => log.sessionTakenOver(session, "192.0.2.1:1", "192.0.2.2:1"),
    () => log.messagesDropped(session, long, "slow_reader", 1),
    () => log.publishRefused(session, long, refusal),
    () => log.subscriptionRefused(session, long, refusal),
    () => log.retainedRefused(long, "1 retained message"),
    () => log.connectRefused(stranger(1), ReasonCode.NotAuthorized, long),
    () => log.willRefused(long, { ...session.identity, username: long }, long, refusal),
    () => log.closedBeforeConnect(stranger(1), long),
    () => log.protocolError(stranger(1, session), error),
    () => log.internalError(stranger(1, session), "mistake"),
    () => log.packetReceived?.(long, publishPacket(long, "x"), 5),
  ];
  // Twice, so that something is held back; and the line that tells it.
  for (const report of [...reports, ...reports]) report();
  log.tick(MINUTE_MS);
  const lines = fixture.take();
  assert(lines.length > reports.length);
  for (const line of lines) assert(line.length < 1200, line.slice(0, 60));
});
