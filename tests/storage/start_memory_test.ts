/**
 * Memory of the whole broker when it has started on an empty store.
 *
 * Measured on the bundle that the executable holds, run by this Deno: from source, what compiling it
 * takes comes on top, and so it does for the first start of a bundle, which Deno has to analyse.
 */
import assert from "node:assert/strict";
import { bundleAll } from "../../build/build.ts";
import { residentMb } from "../bench/brokers.ts";
import { type BrokerProcess, startBroker } from "../support/broker_process.ts";
import { RawClient } from "../support/raw_client.ts";
import { temporaryFolder } from "./fixture.ts";

const MOST_MB = 80;

/** Starts the bundle for the second time; `brokerCommand` finds it by the environment. */
async function startBundle(config: string): Promise<BrokerProcess> {
  Deno.env.set("BROKER_BUNDLE", (await bundleAll())[0] as string);
  try {
    await (await startBroker({ config }))[Symbol.asyncDispose]();
    return await startBroker({ config });
  } finally {
    Deno.env.delete("BROKER_BUNDLE");
  }
}

Deno.test({
  name: `a broker that starts on an empty store has ${MOST_MB} MB resident at most`,
  // Where a process shows what it has. BROKER_BIN may hold another Deno.
  ignore: Deno.build.os !== "linux" || Deno.env.has("BROKER_BIN"),
  fn: async () => {
    using folder = temporaryFolder();
    const config = "listeners: [{ address: 127.0.0.1, port: 0 }]\n" +
      `persistence: { path: ${folder.path}/broker.db }\n`;
    await using broker = await startBundle(config);
    using client = await RawClient.connect(broker, 5);
    assert.equal(client.connack.reasonCode, 0);
    const resident = await residentMb(broker.pid);
    assert.ok(resident <= MOST_MB, `${resident} MB`);
  },
});
