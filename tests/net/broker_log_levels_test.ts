/**
 * Levels of the log that change while a broker runs.
 */

import assert from "node:assert/strict";
import { getLogger } from "../../src/log/logger.ts";
import { BrokerLog } from "../../src/net/broker_log.ts";
import { CapturedLog } from "../support/captured_log.ts";

Deno.test("BrokerLog traces packets from the tick on that follows a change of levels", () => {
  using _captured = new CapturedLog("info");
  const log = new BrokerLog(() => 0);
  const logger = getLogger("message");
  const isTraced = () => log.packetReceived !== undefined && log.packetSent !== undefined;
  logger.setLevel("debug");
  assert.equal(isTraced(), false);
  log.tick(0);
  assert.equal(isTraced(), true);
  const observer = log.packetReceived;
  log.tick(0);
  assert.equal(log.packetReceived, observer);
  logger.setLevel("info");
  log.tick(0);
  assert.equal(isTraced(), false);
});
