/**
 * The load generator of the benchmarks works on our broker, and what it expects arrives.
 */

import assert from "node:assert/strict";
import { startBroker } from "../support/broker_process.ts";
import { testWithPrograms } from "../support/programs.ts";
import { LoadGenerator } from "./load.ts";

const LOADS = [
  "--pubs 2 --subs 3 --qos 0 --rate 2000",
  "--pubs 2 --subs 3 --qos 1",
  "--pubs 2 --subs 3 --qos 2",
  "--shape pair --pubs 2 --subs 3 --topics 5 --qos 1",
  "--shape share --pubs 2 --subs 3 --qos 1",
  "--pubs 1 --subs 2 --wild 20 --qos 1 --persistent",
];

if (Deno.build.os === "linux") {
  testWithPrograms(
    ["cc"],
    "no message of the load generator is missing at QoS 1 and 2",
    async () => {
      await using generator = await LoadGenerator.compile();
      await using broker = await startBroker();
      for (const load of LOADS) {
        const args = [...load.split(" "), "--secs", "0.2", "--drain", "0.2"];
        const { sent, missing, disconnects } = await generator.run(broker, args);
        assert.ok(sent > 0, load);
        assert.deepEqual({ missing, disconnects }, { missing: 0, disconnects: 0 }, load);
      }
    },
  );

  testWithPrograms(["cc"], "the load generator holds idle connections and retains", async () => {
    await using generator = await LoadGenerator.compile();
    await using broker = await startBroker();
    const idle = await generator.measureMemory(broker, ["--idle", "50"]);
    assert.equal(idle.disconnects, 0);
    const retained = await generator.measureMemory(broker, ["--retained", "500", "--size", "100"]);
    assert.equal(retained.acked, 500);
  });
}
