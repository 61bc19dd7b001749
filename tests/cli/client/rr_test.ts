import assert from "node:assert/strict";
import { durationText } from "../../../src/cli/client/rr.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import { runWithServer } from "./tool_fixture.ts";

const REQUEST = ["-i", "c", "-t", "ask", "-e", "answer", "-m", "?"];

Deno.test("rr subscribes, asks, prints the first answer and leaves", async () => {
  const outcome = await runWithServer("rr", [...REQUEST, "-v", "-q", "1"], { response: "42" });
  assert.deepEqual([outcome.exitCode, outcome.out, outcome.err], [0, "answer 42\n", ""]);
  assert.deepEqual(outcome.sent.map((line) => line.split(" ")[0]), [
    "CONNECT",
    "SUBSCRIBE",
    "PUBLISH",
    "DISCONNECT",
  ]);
  assert.match(outcome.sent[2] ?? "", /^PUBLISH 'ask' q1 '\?' responseTopic='answer'$/);
});

Deno.test("rr takes the payload from standard input", async () => {
  const args = ["-i", "c", "-t", "ask", "-e", "answer", "-s"];
  const { out, sent } = await runWithServer("rr", args, { response: "yes" }, { input: ["a\nb"] });
  assert.equal(out, "yes\n");
  assert.match(sent[2] ?? "", /q0 0x610a62 /);
});

Deno.test("rr says how long the answer took", async () => {
  const { out } = await runWithServer("rr", [...REQUEST, "--latency"], { response: "42" });
  assert.match(out, /^42\nLatency: \d+\.\d+(?:ms|\u00b5s|)\n$/);
});

Deno.test("rr ends when the subscription or the request is refused", async () => {
  const denied = await runWithServer("rr", REQUEST, { subackCode: ReasonCode.NotAuthorized });
  assert.deepEqual([denied.exitCode, denied.err], [
    0,
    "The server refuses the subscription to 'answer': Not authorized\n",
  ]);
  const script = { pubackCode: ReasonCode.QuotaExceeded };
  const refused = await runWithServer("rr", [...REQUEST, "-q", "1"], script);
  assert.deepEqual([refused.exitCode, refused.err], [
    1,
    "The server refuses the request: Quota exceeded\n",
  ]);
});

Deno.test("a time limit is explained when nobody got the request", async () => {
  const script = { pubackCode: ReasonCode.NoMatchingSubscribers };
  const { exitCode, err } = await runWithServer("rr", [...REQUEST, "-q", "1", "-W", "1"], script);
  assert.deepEqual([exitCode, err], [27, "No client subscribes to 'ask'\nTimed out\n"]);
});

Deno.test("rr ends with 7 when the connection is lost", async () => {
  const { exitCode, err } = await runWithServer("rr", REQUEST, {
    disconnect: ReasonCode.ServerBusy,
  });
  assert.deepEqual([exitCode, err], [
    7,
    "Connection to 127.0.0.1:PORT lost: the server ended it: Server busy\n",
  ]);
});

Deno.test("durationText() has the units of Mosquitto's tool", () => {
  assert.deepEqual([2500, 1.5, 0.0125, 0.0001234].map(durationText), [
    "2.500000000",
    "1.500000ms",
    "12.500000\u00b5s",
    "123ns",
  ]);
});
