import assert from "node:assert/strict";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import type { ScriptedMessage, ServerScript } from "../../parity/recording_server.ts";
import { runWithServer, type TerminalFields } from "./tool_fixture.ts";

const MESSAGES: readonly ScriptedMessage[] = [
  { topic: "a/1", payload: "old", retain: true },
  { topic: "a/2", payload: "other", retain: true },
  { topic: "a/1", payload: "new", qos: 1 },
  { topic: "b", payload: "last", qos: 2 },
];

/** Runs sub; returns what was sent without CONNECT, SUBSCRIBE and DISCONNECT. */
async function sub(
  args: readonly string[],
  script: ServerScript = { messages: MESSAGES },
  fields: TerminalFields = {},
) {
  const outcome = await runWithServer("sub", ["-i", "c", "-t", "#", ...args], script, fields);
  const sent = outcome.sent.filter((line) => !/^(?:CONNECT|SUBSCRIBE|DISCONNECT)/.test(line));
  return { ...outcome, sent };
}

Deno.test("sub prints what comes until it is enough", async () => {
  assert.deepEqual(await sub(["-v", "-q", "2", "-C", "4"]), {
    exitCode: 0,
    out: "a/1 old\na/2 other\na/1 new\nb last\n",
    err: "",
    sent: [],
  });
  assert.equal((await sub(["-C", "2", "-F", "%t:%r"])).out, "a/1:1\na/2:1\n");
});

Deno.test("sub prints each message before it waits for the next", async () => {
  const writes: string[] = [];
  const fields = { onWrite: () => void writes.push("write") };
  const script = { messages: [{ payload: "1" }, { payload: "2" }] };
  assert.equal((await sub(["-W", "1"], script, fields)).out, "1\n2\n");
  assert.equal(writes.length > 0, true);
});

Deno.test("sub leaves out what is filtered, and does not count it", async () => {
  assert.equal((await sub(["-v", "-T", "a/1", "-C", "2"])).out, "a/2 other\nb last\n");
  assert.equal((await sub(["-v", "-R", "-C", "2"])).out, "a/1 new\nb last\n");
});

Deno.test("--retained-only ends at the first message that is not", async () => {
  const { exitCode, out } = await sub(["-v", "--retained-only"]);
  assert.deepEqual([exitCode, out], [0, "a/1 old\na/2 other\n"]);
});

Deno.test("--remove-retained deletes what comes, but for what is filtered out", async () => {
  const { out, sent } = await sub(["-v", "--remove-retained", "--retained-only", "-T", "a/2"]);
  assert.deepEqual([out, sent], ["a/1 old\n", ["PUBLISH 'a/1' q1 retain ''"]]);
  const refused = await sub(["--remove-retained", "--retained-only", "-N"], {
    messages: MESSAGES,
    pubackCode: ReasonCode.NotAuthorized,
  });
  assert.equal(
    refused.err,
    "Cannot delete the retained message of 'a/1': Not authorized\n" +
      "Cannot delete the retained message of 'a/2': Not authorized\n",
  );
});

Deno.test("sub asks for what the options say", async () => {
  const { sent } = await runWithServer("sub", [
    ...["-i", "c", "-t", "a", "-t", "b/#", "-q", "1", "-U", "d", "-E"],
    ...["--retain-as-published", "--retain-handling", "never"],
  ]);
  assert.deepEqual(sent.slice(1, 3).map((line) => line.split(" ")[0]), [
    "SUBSCRIBE",
    "UNSUBSCRIBE",
  ]);
  assert.match(sent[1] ?? "", /'a' q1.*'b\/#' q1/);
  assert.match(sent[2] ?? "", /'d'/);
});

Deno.test("when all subscriptions are refused, sub ends, with 0 as in Mosquitto", async () => {
  const { exitCode, err } = await sub([], { subackCode: ReasonCode.NotAuthorized });
  assert.deepEqual([exitCode, err], [
    0,
    "The server refuses the subscription to '#': Not authorized\n" +
    "All subscription requests were denied\n",
  ]);
});

Deno.test("a reader that has gone away ends sub, quietly, with 0 as in Mosquitto", async () => {
  const fields = { onWrite: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) };
  const { exitCode, out, err } = await sub([], { messages: MESSAGES }, fields);
  assert.deepEqual([exitCode, out, err], [0, "", ""]);
  const full = { onWrite: () => Promise.reject(new Error("no space left")) };
  assert.match(
    (await sub([], { messages: MESSAGES }, full)).err,
    /^Cannot write to standard output/,
  );
});

Deno.test("a server that will have no more of the client ends sub with the Reason Code", async () => {
  const { exitCode, err } = await sub([], { disconnect: ReasonCode.SessionTakenOver });
  assert.deepEqual([exitCode, err], [
    142,
    "Connection to 127.0.0.1:PORT lost: the server ended it: Session taken over\n",
  ]);
});

Deno.test("sub connects again when the connection is lost, and subscribes again", async () => {
  const script = { disconnect: ReasonCode.ServerBusy, messages: [{ payload: "x" }] };
  const outcome = await runWithServer("sub", ["-i", "c", "-t", "a", "-C", "2"], script);
  assert.deepEqual([outcome.exitCode, outcome.out], [0, "x\nx\n"]);
  assert.equal(
    outcome.err,
    "Connection to 127.0.0.1:PORT lost: the server ended it: Server busy; connecting again\n" +
      "Connected to 127.0.0.1:PORT again\n",
  );
  const packets = outcome.sent.map((line) => line.split(" ")[0]);
  assert.deepEqual(packets.slice(0, 4), ["CONNECT", "SUBSCRIBE", "CONNECT", "SUBSCRIBE"]);
});

Deno.test("--message-rate prints no messages", async () => {
  const { exitCode, out } = await sub(["--message-rate", "-C", "4"]);
  assert.deepEqual([exitCode, out], [0, ""]);
});
