import assert from "node:assert/strict";
import type { OutgoingMessage, PublishResult } from "../../../src/client/client_types.ts";
import { NotConnectedError, SendError } from "../../../src/client/send_error.ts";
import { PublishReports } from "../../../src/cli/client/publish_reports.ts";
import { Publisher } from "../../../src/cli/client/publisher.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import { settled } from "../../net/fake_sink.ts";

const DONE: PublishResult = { reasonCode: 0, properties: {}, packetIdentifier: 0 };

function fixture() {
  const given: [OutgoingMessage, PromiseWithResolvers<PublishResult>][] = [];
  const client = {
    publish(message: OutgoingMessage): Promise<PublishResult> {
      const answer = Promise.withResolvers<PublishResult>();
      given.push([message, answer]);
      return answer.promise;
    },
    ready: () => Promise.resolve(),
  };
  const warnings: string[] = [];
  const reports = new PublishReports((line) => void warnings.push(line), undefined);
  return { given, warnings, publisher: new Publisher(client, reports) };
}

function message(fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const payload = new Uint8Array(0);
  return { topicName: "t", payload, qos: 0, retain: false, properties: {}, ...fields };
}

function state(promise: Promise<unknown>): { text: string } {
  const seen = { text: "waits" };
  promise.then(() => seen.text = "done", (error: Error) => seen.text = error.message);
  return seen;
}

Deno.test("settled() waits for what was sent, and only for that", async () => {
  const { given, publisher } = fixture();
  await publisher.settled();
  publisher.send(message());
  publisher.send(message());
  const all = state(publisher.settled());
  given[1]?.[1].resolve(DONE);
  await settled();
  assert.equal(all.text, "waits");
  given[0]?.[1].resolve(DONE);
  await settled();
  assert.deepEqual([all.text, publisher.count], ["done", 2]);
});

Deno.test("a refusal is reported with the number of the message, and is no failure", async () => {
  const { given, warnings, publisher } = fixture();
  publisher.send(message());
  publisher.send(message({ qos: 1 }));
  given[0]?.[1].resolve(DONE);
  given[1]?.[1].resolve({ ...DONE, reasonCode: ReasonCode.NotAuthorized });
  await publisher.settled();
  assert.deepEqual(warnings, ["Warning: Publish 2 failed: Not authorized"]);
});

Deno.test("a message with QoS 0 that no connection took is given again", async () => {
  const { given, publisher } = fixture();
  publisher.send(message());
  given[0]?.[1].reject(new NotConnectedError("gone"));
  await settled();
  assert.equal(given.length, 2);
  given[1]?.[1].resolve(DONE);
  await publisher.settled();
});

Deno.test("a message that can never be sent is told at once, and by settled()", async () => {
  const { given, publisher } = fixture();
  const failed = state(publisher.failed);
  publisher.send(message({ qos: 1 }));
  publisher.send(message({ qos: 1 }));
  given[0]?.[1].reject(new SendError(ReasonCode.QoSNotSupported, "no QoS 1"));
  await settled();
  assert.equal(failed.text, "no QoS 1");
  await assert.rejects(publisher.settled(), { message: "no QoS 1" });
});

Deno.test("a Topic Alias stands for the topic from the second message on a connection", async () => {
  const { given, publisher } = fixture();
  const aliased = message({ properties: { topicAlias: 3 } });
  publisher.send(aliased);
  publisher.send(aliased);
  publisher.forgetAlias();
  publisher.send(aliased);
  publisher.send(aliased);
  given[3]?.[1].reject(new NotConnectedError("gone"));
  await settled();
  assert.deepEqual(given.map(([{ topicName }]) => topicName), ["t", "", "t", "", "t"]);
});
