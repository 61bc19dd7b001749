import assert from "node:assert/strict";
import {
  interruptExitCode,
  refusalExitCode,
  StopRequest,
} from "../../../src/cli/client/tool_exit.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";

Deno.test("a refused CONNECT ends with the Reason Code, before MQTT 5 with the Return Code", () => {
  assert.equal(refusalExitCode(5, ReasonCode.NotAuthorized), 135);
  assert.equal(refusalExitCode(4, ReasonCode.NotAuthorized), 5);
  assert.equal(refusalExitCode(3, ReasonCode.BadUserNameOrPassword), 4);
});

Deno.test("signals end with what a shell says of them", () => {
  assert.deepEqual([interruptExitCode("SIGINT"), interruptExitCode("SIGTERM")], [130, 143]);
});

Deno.test("the first who asks to stop is heard, and everybody who waits is told", async () => {
  const stop = new StopRequest();
  const waiting = [stop.wait(), stop.sleep(1_000_000)];
  assert.equal(stop.signal.aborted, false);
  stop.ask({ exitCode: 27, message: "Timed out" });
  stop.ask({ exitCode: 0 });
  await Promise.all([...waiting, stop.wait(), stop.sleep(1_000_000)]);
  assert.deepEqual(stop.reason, { exitCode: 27, message: "Timed out" });
});

Deno.test("sleep() ends by itself as well", async () => {
  const stop = new StopRequest();
  await stop.sleep(0);
  assert.equal(stop.reason, undefined);
});
