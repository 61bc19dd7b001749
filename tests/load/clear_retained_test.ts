import assert from "node:assert/strict";
import { clearRetained } from "../../src/load/clear_retained.ts";
import { LoadConnection } from "../../src/load/load_connection.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { connectSettings, IGNORE, publishRetained, retainedTopics } from "./fixture.ts";

Deno.test("clearRetained() removes the messages of its topics and no others [MQTT-3.3.1-6]", async () => {
  await using broker = await startTestBroker();
  const topics = Array.from({ length: 3000 }, (_, index) => `bench/x/${index}`);
  await publishRetained(broker, [...topics, "other/1"]);
  const connection = await LoadConnection.open(connectSettings(broker), "cleaner");
  const ended = connection.run(IGNORE);
  await clearRetained(connection, topics, 5);
  await connection.disconnect();
  await ended;
  assert.deepEqual(await retainedTopics(broker), ["other/1"]);
});
