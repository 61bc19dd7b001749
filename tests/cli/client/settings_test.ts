import assert from "node:assert/strict";
import { ToolSettings } from "../../../src/cli/client/settings.ts";

Deno.test("settings start with the defaults of Mosquitto's tools, but for MQTT 5", () => {
  const { connection, messages, output } = new ToolSettings("sub");
  assert.deepEqual(
    [connection.host, connection.port, connection.keepAlive, connection.protocolVersion],
    ["localhost", undefined, 60, 5],
  );
  assert.deepEqual([connection.cleanStart, connection.maximumInflight], [true, 20]);
  assert.deepEqual([messages.qos, messages.repeatCount, messages.count], [0, 1, undefined]);
  assert.deepEqual([output.randomPercent, output.quiet, output.debug], [100, false, false]);
});

Deno.test("addTopic() collects Topic Filters of sub, and keeps the last Topic Name of the others", () => {
  const sub = new ToolSettings("sub");
  sub.addTopic("a/#", "-t");
  sub.addTopic("b", "-t");
  assert.deepEqual(sub.messages.topics, ["a/#", "b"]);
  const pub = new ToolSettings("pub");
  pub.addTopic("a", "-t");
  pub.addTopic("b", "-L");
  assert.deepEqual(pub.messages.topics, ["b"]);
  assert.throws(() => pub.addTopic("a/+", "-t"), { name: "UsageError" });
});
