import assert from "node:assert/strict";
import { ConnectError } from "../../src/client/connect_error.ts";
import { type ConnectOptions, ConnectRun } from "../../src/load/connect_run.ts";
import { LoadError } from "../../src/load/load_error.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { connectSettings, type Place, UNKNOWN_PROCESS } from "./fixture.ts";

function options(place: Place, more: Partial<ConnectOptions> = {}): ConnectOptions {
  return {
    connect: connectSettings(place),
    clients: 30,
    atOnce: 7,
    holdMs: 1,
    isStorm: false,
    run: "t",
    process: UNKNOWN_PROCESS,
    ...more,
  };
}

Deno.test("all clients connect, and are gone in the end", async () => {
  await using broker = await startTestBroker();
  const run = new ConnectRun(options(broker));
  const { first, storm, ended, reasons, isStopped } = await run.run();
  const { connected, failed, retries, latencyUs } = first;
  assert.deepEqual({ connected, failed, retries, storm, ended, reasons, isStopped }, {
    connected: 30,
    failed: 0,
    retries: 0,
    storm: undefined,
    ended: 0,
    reasons: [],
    isStopped: false,
  });
  assert.ok(latencyUs.p50 > 0 && latencyUs.max >= latencyUs.p50);
  assert.equal(run.progress.connected, 0);
});

Deno.test("after all were cut off, all come back", async () => {
  await using broker = await startTestBroker();
  const { first, storm } = await new ConnectRun(options(broker, { isStorm: true })).run();
  assert.deepEqual([first.connected, storm?.connected, storm?.failed, storm?.retries], [
    30,
    30,
    0,
    0,
  ]);
  assert.ok((storm?.seconds ?? 0) > 0);
});

Deno.test("clients that the broker does not let in are counted, with the reason once", async () => {
  await using broker = await startTestBroker({ limits: { maxConnections: 10 } });
  const { first, reasons } = await new ConnectRun(options(broker)).run();
  assert.deepEqual([first.connected, first.failed], [10, 20]);
  assert.equal(reasons.length, 1, reasons.join("\n"));
  assert.match(reasons[0] ?? "", /a client/);
});

Deno.test("without a single client it is an error", async () => {
  await using broker = await startTestBroker({ listener: { allowAnonymous: "never" } });
  const refused = new ConnectRun(options(broker, { clients: 2 }));
  await assert.rejects(refused.run(), /^LoadError: Cannot connect a client: .*Not authorized/);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = { hostname: "127.0.0.1", port: listener.addr.port };
  listener.close();
  await assert.rejects(new ConnectRun(options(nobody)).run(), (error) => {
    assert.ok(error instanceof LoadError && !(error instanceof ConnectError));
    assert.match(error.message, /connection refused/);
    return true;
  });
});

Deno.test("a stop ends the holding", async () => {
  await using broker = await startTestBroker();
  const run = new ConnectRun(options(broker, { holdMs: 1e9 }));
  const running = run.run();
  while (run.progress.stage !== "holding") await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(run.progress.connected, 30);
  run.stop();
  assert.equal((await running).isStopped, true);
});
