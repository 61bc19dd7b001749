/**
 * `log-level`: levels of the running log, the tracing of packets included.
 */

import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import { ControlSite } from "./fixture.ts";

Deno.test("log-level shows the levels, and changes those of one part or of all", async () => {
  using _log = new CapturedLog("info", { access: "error" });
  await using site = await ControlSite.start();
  const levels = async (given = {}) => (await site.ask("log-level", given)).items[0]?.["levels"];
  const before = {
    server: "info",
    client: "info",
    session: "info",
    message: "info",
    protocol: "info",
    config: "info",
    access: "error",
    storage: "info",
  };
  assert.deepEqual(await levels(), before);
  assert.deepEqual(await levels({ level: "debug", part: "client" }), {
    ...before,
    client: "debug",
  });
  const all = Object.fromEntries(Object.keys(before).map((part) => [part, "warning"]));
  assert.deepEqual(await levels({ level: "warning" }), all);
});

Deno.test("log-level turns the tracing of packets on and off, for who is connected", async () => {
  using log = new CapturedLog("info");
  await using site = await ControlSite.start();
  const tv = await site.connect("tv");
  const publish = async (topic: string) => {
    await tv.client.publishAsync(topic, "x", { qos: 1 });
    return log.take().filter((line) => line.startsWith("debug message"));
  };
  assert.deepEqual(await publish("a"), []);
  await site.ask("log-level", { level: "debug", part: "message" });
  const [received, sent, ...others] = await publish("b");
  assert.match(received ?? "", /^debug message Received from 'tv': PUBLISH .*'b'/);
  assert.match(sent ?? "", /^debug message Sending to 'tv': PUBACK/);
  assert.deepEqual(others, []);
  await site.ask("log-level", { level: "info", part: "message" });
  assert.deepEqual(await publish("c"), []);
});

Deno.test("log-level refuses what is no level or part, and names the nearest", async () => {
  await using site = await ControlSite.start();
  await assert.rejects(
    site.ask("log-level", { level: "debgu" }),
    /allowed is error, warning, info, debug \(did you mean 'debug'\?\)/,
  );
  await assert.rejects(
    site.ask("log-level", { level: "debug", part: "messages" }),
    /Cannot use the part of the log 'messages': allowed is .* \(did you mean 'message'\?\)/,
  );
});
