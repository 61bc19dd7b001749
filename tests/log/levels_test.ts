import assert from "node:assert/strict";
import { runningLevels, setRunningLevel } from "../../src/log/levels.ts";
import { getLogger } from "../../src/log/logger.ts";
import { CapturedLog } from "../support/captured_log.ts";

Deno.test("setRunningLevel() changes the level of one part or of all, until it is configured anew", () => {
  {
    using log = new CapturedLog("info", { client: "error" });
    assert.deepEqual([runningLevels().client, runningLevels().server], ["error", "info"]);
    setRunningLevel("debug", "client");
    assert.deepEqual([runningLevels().client, runningLevels().server], ["debug", "info"]);
    getLogger("client").debug("seen");
    getLogger("server").debug("not seen");
    assert.deepEqual(log.take(), ["debug client seen"]);
    setRunningLevel("error");
    assert.deepEqual(new Set(Object.values(runningLevels())), new Set(["error"]));
  }
  assert.deepEqual(new Set(Object.values(runningLevels())), new Set([undefined]));
  using _again = new CapturedLog("warning");
  assert.equal(runningLevels().client, "warning");
});
