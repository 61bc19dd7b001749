import assert from "node:assert/strict";
import { BrokerConnection } from "../../../src/cli/client/broker_connection.ts";
import { planConnection } from "../../../src/cli/client/connection_setup.ts";
import { StopRequest } from "../../../src/cli/client/tool_exit.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import { RecordingServer, type ServerScript } from "../../parity/recording_server.ts";
import { settingsOf } from "./tool_fixture.ts";

interface Fixture {
  readonly server: RecordingServer;
  readonly connection: BrokerConnection;
  readonly stop: StopRequest;
  readonly said: string[];
}

/** Runs a test with a server of its own; connections are tried again without a delay. */
async function withServer(
  script: ServerScript,
  args: readonly string[],
  test: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  await using server = await RecordingServer.start(script, ".");
  const address = ["-h", "127.0.0.1", "-p", `${server.port}`];
  const plan = await planConnection(settingsOf("sub", "-t", "a", ...address, ...args), 1);
  const stop = new StopRequest();
  const said: string[] = [];
  const say = (line: string) => void said.push(line.replaceAll(`:${server.port}`, ":PORT"));
  const delay = { next: () => 0, reset: () => {} };
  const connection = new BrokerConnection(plan, { message: () => {} }, stop, say, delay);
  try {
    await test({ server, connection, stop, said });
  } finally {
    connection.client.close();
    await server.everybodyGone();
  }
}

/** A server that hangs up after CONNECT, as some do that do not know MQTT 5. */
function hangingUp(
  answer: Uint8Array,
  takes: number,
): { port: number; versions: number[]; stop(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const versions: number[] = [];
  void (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(1000);
      await connection.read(buffer);
      const version = buffer[8] ?? 0;
      versions.push(version);
      await connection.write(version === takes ? Uint8Array.of(0x20, 2, 0, 0) : answer);
      if (version === takes) { while (await connection.read(buffer) !== null); }
      connection.close();
    }
  })();
  return { port: listener.addr.port, versions, stop: () => listener.close() };
}

Deno.test("connect() tries MQTT 3.1.1 with a server that refuses 5, in whatever way", async () => {
  const answers = { silence: [], "code 1": [0x20, 2, 0, 1], "0x84": [0x20, 3, 0, 0x84, 0] };
  for (const [name, answer] of Object.entries(answers)) {
    const server = hangingUp(Uint8Array.from(answer), 4);
    const address = ["-h", "127.0.0.1", "-p", `${server.port}`];
    const plan = await planConnection(settingsOf("sub", "-t", "a", ...address), 1);
    const connection = new BrokerConnection(plan, { message() {} }, new StopRequest(), () => {});
    assert.equal((await connection.connect()).reasonCode, 0, name);
    assert.deepEqual([connection.protocolVersion, server.versions], [4, [5, 4]], name);
    await connection.client.disconnect();
    server.stop();
  }
});

Deno.test("connect() fails when the version was asked for", async () => {
  const server = hangingUp(new Uint8Array(), 4);
  const args = ["-h", "127.0.0.1", "-p", `${server.port}`, "-V", "5"];
  const plan = await planConnection(settingsOf("sub", "-t", "a", ...args), 1);
  const connection = new BrokerConnection(plan, { message() {} }, new StopRequest(), () => {});
  await assert.rejects(connection.connect(), {
    exitCode: 7,
    message: /an old one may take -V 311/,
  });
  assert.deepEqual(server.versions, [5]);
  server.stop();
});

Deno.test("connect() fails with the server's reason", async () => {
  const script = {
    refuse: ReasonCode.QuotaExceeded,
    connackProperties: { reasonString: "too many clients" },
  };
  await withServer(script, [], async ({ connection }) => {
    await assert.rejects(connection.connect(), {
      name: "ToolFailure",
      exitCode: 0x97,
      message: /the server refuses the client: Quota exceeded \(too many clients\)$/,
    });
  });
});

Deno.test("connect() ends when somebody asks to stop", async () => {
  await withServer({ isSilent: true }, [], async ({ server, connection, stop }) => {
    const connecting = connection.connect();
    while (server.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.ask({ exitCode: 0 });
    await assert.rejects(connecting, { name: "ToolFailure" });
    assert.equal(server.lines.length, 1);
  });
});

/** A server that takes connections and never says anything; counts them. */
function silent(): { port: number; count(): number; stop(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let count = 0;
  void (async () => {
    for await (const connection of listener) {
      count++;
      const buffer = new Uint8Array(1000);
      while (await connection.read(buffer).catch(() => null) !== null);
      connection.close();
    }
  })();
  return { port: listener.addr.port, count: () => count, stop: () => listener.close() };
}

Deno.test("connect() gives up a server that is silent, and tries no other version", async () => {
  const cases = [
    { args: [], exitCode: 7, reason: "the server does not answer within 0.02 seconds; is it an " },
    { args: ["--ws"], exitCode: 1, reason: "no answer; is the address right, and does no " },
  ];
  for (const { args, exitCode, reason } of cases) {
    const server = silent();
    const address = ["-h", "127.0.0.1", "-p", `${server.port}`];
    const plan = await planConnection(settingsOf("sub", "-t", "a", ...address, ...args), 1);
    const impatient = { ...plan, longestAttemptMs: 20 };
    const stop = new StopRequest();
    const connection = new BrokerConnection(impatient, { message() {} }, stop, () => {});
    const error = await connection.connect().catch((error) => error);
    const start = `Cannot connect to 127.0.0.1:${server.port}: ${reason}`;
    assert.deepEqual([error.exitCode, error.message.slice(0, start.length)], [exitCode, start]);
    assert.equal(server.count(), 1);
    server.stop();
  }
});

Deno.test("keep() connects again until somebody asks to stop, and says so", async () => {
  const script = { disconnect: ReasonCode.ServerShuttingDown };
  await withServer(script, [], async ({ server, connection, stop, said }) => {
    const subscribe = async (): Promise<void> => {
      const request = {
        topicFilter: "a",
        qos: 0,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      } as const;
      await connection.client.subscribe([request], {});
    };
    await connection.connect();
    await subscribe();
    let lost = 0;
    let connected = 0;
    await connection.keep(async () => {
      connected++;
      if (connected === 3) stop.ask({ exitCode: 0 });
      else await subscribe();
    }, () => lost++);
    assert.deepEqual([connected, lost], [3, 3]);
    assert.equal(server.lines.filter((line) => line.startsWith("CONNECT")).length, 4);
    assert.deepEqual(said.slice(0, 2), [
      "Connection to 127.0.0.1:PORT lost: the server ended it: Server shutting down; " +
      "connecting again",
      "Connected to 127.0.0.1:PORT again",
    ]);
  });
});

Deno.test("keep() gives up when the server would end it again", async () => {
  await withServer({ disconnect: ReasonCode.SessionTakenOver }, [], async ({ connection }) => {
    await connection.connect();
    const kept = connection.keep(() => Promise.resolve());
    const request = { topicFilter: "a", qos: 0, noLocal: false } as const;
    await connection.client.subscribe(
      [{ ...request, retainAsPublished: false, retainHandling: 0 }],
      {},
    );
    await assert.rejects(kept, { exitCode: 142, message: /Session taken over$/ });
  });
});

Deno.test("failOn() says how the connection ended", async () => {
  await withServer({}, [], ({ connection }) => {
    const fails = (ending: Parameters<BrokerConnection["failOn"]>[0]): string => {
      try {
        return connection.failOn(ending);
      } catch (error) {
        return (error as Error).message.replace(/:\d+ /, ":PORT ");
      }
    };
    const packet = {
      type: 14,
      reasonCode: ReasonCode.ServerMoved,
      properties: { reasonString: "it has moved", serverReference: "other:1883" },
    } as const;
    assert.equal(
      fails({ kind: "disconnected", packet }),
      "Connection to 127.0.0.1:PORT lost: the server ended it: Server moved " +
        "(it has moved, use other:1883)",
    );
    assert.equal(
      fails({ kind: "lost", reason: "reset" }),
      "Connection to 127.0.0.1:PORT lost: reset",
    );
    return Promise.resolve();
  });
});
