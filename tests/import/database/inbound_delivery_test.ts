import assert from "node:assert/strict";
import { MessageState } from "../../../src/import/database/records.ts";
import { DatabaseBuilder } from "./database_fixture.ts";
import { importBuilt, NOW_MS } from "./imported_store.ts";

const SENT = { qos: 2, isIncoming: true, state: MessageState.WaitForPubrel } as const;

/** "publisher" has sent message 1 to a/b and not released it. */
function withInbound(fields: Parameters<DatabaseBuilder["message"]>[0] = {}): DatabaseBuilder {
  return new DatabaseBuilder().message({ topicName: "a/b", payload: "new", qos: 2, ...fields })
    .client("publisher").clientMessage("publisher", { ...SENT, packetIdentifier: 44 });
}

Deno.test("a QoS 2 message that was not released is passed on, and its identifier is kept", async () => {
  const { sessions, report } = await importBuilt(
    withInbound().client("one").client("two").client("none")
      .subscription("one", "a/#", { qos: 1 }).subscription("two", "a/b", { qos: 2 })
      .subscription("none", "b"),
  );
  assert.deepEqual(sessions["publisher"]?.inbound, [44]);
  assert.deepEqual(sessions["one"]?.outgoing, ["0 a/b=new qos 1"]);
  assert.deepEqual(sessions["two"]?.outgoing, ["0 a/b=new qos 2"]);
  assert.deepEqual(sessions["none"]?.outgoing, []);
  assert.deepEqual([report.inbound, report.queued, report.lost], [1, 2, []]);
  assert.match(report.changed.join(), /^1 QoS 2 message had not been released/);
});

Deno.test("it comes behind all that waits already", async () => {
  const { sessions } = await importBuilt(
    withInbound().message({ key: 2, topicName: "a/c", payload: "old" }).client("one")
      .clientMessage("one", { key: 2 }).subscription("one", "a/#"),
  );
  assert.deepEqual(sessions["one"]?.outgoing, ["0 a/c=old qos 1", "0 a/b=new qos 1"]);
});

Deno.test("several subscriptions of a session get one copy with the highest QoS [MQTT-3.3.5-1]", async () => {
  const { sessions } = await importBuilt(
    withInbound({ retain: true }).client("one")
      .subscription("one", "a/#", { qos: 0, options: 0b1000, identifier: 1 })
      .subscription("one", "a/+", { qos: 2, identifier: 2 })
      .subscription("one", "+/b", { qos: 1 }),
  );
  assert.deepEqual(sessions["one"]?.outgoing, ["0 a/b=new qos 2, retain, for 1,2"]);
});

Deno.test("a client that wants no own messages gets none [MQTT-3.8.3-3]", async () => {
  const { sessions } = await importBuilt(
    withInbound().client("other").subscription("publisher", "#", { options: 0b100 })
      .subscription("other", "#", { options: 0b100 }),
  );
  assert.deepEqual(sessions["publisher"]?.outgoing, []);
  assert.deepEqual(sessions["other"]?.outgoing, ["0 a/b=new qos 1"]);
});

Deno.test("one member of a shared subscription gets each message, in turn [MQTT-4.8.2-4]", async () => {
  const { sessions } = await importBuilt(
    withInbound().message({ key: 2, topicName: "a/c", payload: "newer", qos: 2 })
      .clientMessage("publisher", { ...SENT, key: 2, packetIdentifier: 45 })
      .client("one").client("two").subscription("one", "$share/g/a/#")
      .subscription("two", "$share/g/a/#"),
  );
  assert.deepEqual(sessions["one"]?.outgoing, ["0 a/b=new qos 1, $share/g/a/#"]);
  assert.deepEqual(sessions["two"]?.outgoing, ["0 a/c=newer qos 1, $share/g/a/#"]);
});

Deno.test("one that is to be retained takes the place of the one before, an empty one removes it", async () => {
  const old = (builder: DatabaseBuilder) =>
    builder.message({ key: 9, topicName: "a/b", payload: "old", retain: true }).retained(9);
  const replaced = await importBuilt(old(withInbound({ retain: true })));
  assert.deepEqual([replaced.retained, replaced.report.retained], [["a/b=new qos 2"], 1]);
  const removed = await importBuilt(old(withInbound({ retain: true, payload: "" })));
  assert.deepEqual([removed.retained, removed.report.retained], [[], 0]);
});

Deno.test("one that has expired is passed on to nobody, and its identifier is kept", async () => {
  const { sessions, retained } = await importBuilt(
    withInbound({ expiryTime: NOW_MS / 1000, retain: true }).client("one")
      .subscription("one", "#"),
  );
  assert.deepEqual([sessions["one"]?.outgoing, sessions["publisher"]?.inbound, retained], [
    [],
    [44],
    [],
  ]);
});
