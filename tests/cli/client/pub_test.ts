import assert from "node:assert/strict";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import { runWithServer } from "./tool_fixture.ts";

const CONNECT = "CONNECT v5 'c'";

/** Runs pub with an identifier; returns what was sent without CONNECT and DISCONNECT. */
async function pub(
  args: readonly string[],
  script: Parameters<typeof runWithServer>[2] = {},
  ...input: string[]
) {
  const outcome = await runWithServer("pub", ["-i", "c", ...args], script, { input });
  const sent = outcome.sent.filter((line) => !/^(?:DIS)?CONNECT/.test(line));
  return { ...outcome, sent };
}

Deno.test("pub publishes and leaves", async () => {
  const outcome = await runWithServer("pub", ["-i", "c", "-t", "a/b", "-m", "x", "-r", "-q", "1"]);
  assert.deepEqual([outcome.exitCode, outcome.out, outcome.err], [0, "", ""]);
  assert.equal(outcome.sent[0], CONNECT);
  assert.match(outcome.sent[1] ?? "", /^PUBLISH 'a\/b' q1 .*'x'/);
  assert.match(outcome.sent[2] ?? "", /^DISCONNECT/);
  assert.equal(outcome.sent.length, 3);
});

Deno.test("pub repeats the message", async () => {
  for (const delay of ["0", "0.001"]) {
    const { sent } = await pub(["-t", "a", "-m", "x", "--repeat", "3", "--repeat-delay", delay]);
    assert.deepEqual(sent, Array(3).fill("PUBLISH 'a' q0 'x'"));
  }
});

Deno.test("pub -l makes a message of each line, the last one and empty ones included", async () => {
  const outcome = await pub(["-t", "a", "-l", "-q", "1"], {}, "one\ntw", "o\n\nlast");
  assert.deepEqual([outcome.exitCode, outcome.sent], [
    0,
    ["one", "two", "", "last"].map((line) => `PUBLISH 'a' q1 '${line}'`),
  ]);
  assert.deepEqual((await pub(["-t", "a", "-l"])).sent, []);
});

Deno.test("pub takes standard input and files whole", async () => {
  assert.deepEqual((await pub(["-t", "a", "-s"], {}, "x\n", "y")).sent, [
    "PUBLISH 'a' q0 0x780a79",
  ]);
  const empty = await runWithServer("pub", ["-t", "a", "-f", "/no/file"]);
  assert.deepEqual([empty.exitCode, empty.sent], [1, []]);
});

Deno.test("a message that the server refuses is a warning, and no failure, as in Mosquitto", async () => {
  const script = { pubackCode: ReasonCode.NotAuthorized };
  const outcome = await pub(["-t", "a", "-l", "-q", "1"], script, "1\n2\n");
  assert.deepEqual([outcome.exitCode, outcome.err], [
    0,
    "Warning: Publish 1 failed: Not authorized\nWarning: Publish 2 failed: Not authorized\n",
  ]);
});

Deno.test("a message that the server cannot take is a failure", async () => {
  const script = { connackProperties: { maximumQoS: 0 } };
  for (const source of [["-m", "x"], ["-l"]]) {
    const { exitCode, err, sent } = await pub(["-t", "a", "-q", "1", ...source], script, "x\n");
    assert.deepEqual([exitCode, err, sent], [
      1,
      "Cannot publish to 'a' with QoS 1: the server takes QoS 0 at most\n",
      [],
    ]);
  }
});

Deno.test("a Topic Alias stands for the topic from the second message on", async () => {
  const script = { connackProperties: { topicAliasMaximum: 5 } };
  const args = ["-t", "a", "-l", "-D", "publish", "topic-alias", "2"];
  assert.deepEqual((await pub(args, script, "1\n2\n")).sent, [
    "PUBLISH 'a' q0 '1' topicAlias=2",
    "PUBLISH '' q0 '2' topicAlias=2",
  ]);
});

Deno.test("-d prints the packets on standard output", async () => {
  const { out } = await pub(["-t", "a", "-m", "x", "-d"]);
  assert.equal(
    out,
    "Client c sending CONNECT\nClient c received CONNACK (0)\n" +
      "Client c sending PUBLISH (d0, q0, r0, m0, 'a', ... (1 bytes))\nClient c sending DISCONNECT\n",
  );
});
