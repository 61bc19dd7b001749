import assert from "node:assert/strict";
import { ByteOutput } from "../../../src/cli/client/byte_output.ts";
import { type JsonOptions, writeJsonMessage } from "../../../src/cli/client/json_message.ts";
import type { PublishPacket } from "../../../src/protocol/packet.ts";
import { bytesOf, latin1 } from "./format_vectors.ts";
import { publishPacket } from "./publish_packet.ts";

function written(message: Partial<PublishPacket>, options: Partial<JsonOptions> = {}): string {
  const out = new ByteOutput();
  out.text("before ");
  const all = { pretty: false, payloadIsJson: false, ...options };
  const done = writeJsonMessage(out, publishPacket(message), "now", all);
  return `${latin1(out.take())}${done ? "" : "refused"}`;
}

Deno.test("writeJsonMessage() writes members in Mosquitto's order", () => {
  assert.equal(
    written({ topicName: "t", payload: bytesOf("a"), qos: 1, packetIdentifier: 9, retain: true }),
    'before {"tst":"now","topic":"t","qos":1,"retain":true,"payloadlen":1,"mid":9,"payload":"a"}',
  );
  assert.equal(
    written({ topicName: "t" }),
    'before {"tst":"now","topic":"t","qos":0,"retain":false,"payloadlen":0,"payload":null}',
  );
});

Deno.test("writeJsonMessage() writes properties in the order in which they came", () => {
  const properties = {
    contentType: "text/plain",
    userProperties: [["a", "b"], ["a", "c"]] as [string, string][],
    responseTopic: "r",
    correlationData: bytesOf("c\u0000\u00ff"),
    subscriptionIdentifiers: [1, 2],
    topicAlias: 3,
    payloadFormatIndicator: 1,
    messageExpiryInterval: 4_294_967_295,
  };
  const [, text] = /"properties":(.*),"payload":/.exec(written({ properties })) as string[];
  assert.equal(
    text,
    '{"content-type":"text/plain","user-properties":[{"a":"b"},{"a":"c"}],"response-topic":"r",' +
      '"correlation-data":"c\\u0000\u00ff","subscription-identifier":1,' +
      '"subscription-identifier":2,"topic-alias":3,"payload-format-indicator":1,' +
      '"message-expiry-interval":4294967295}',
  );
});

Deno.test("writeJsonMessage() indents with tabs for --pretty", () => {
  const properties = { userProperties: [["a", "b"]] as [string, string][] };
  assert.equal(
    written({ topicName: "t", properties }, { pretty: true }),
    'before {\n\t"tst":\t"now",\n\t"topic":\t"t",\n\t"qos":\t0,\n\t"retain":\tfalse,\n' +
      '\t"payloadlen":\t0,\n\t"properties":\t{\n\t\t"user-properties":\t[{\n' +
      '\t\t\t\t"a":\t"b"\n\t\t\t}]\n\t},\n\t"payload":\tnull\n}',
  );
});

Deno.test("writeJsonMessage() writes nothing when the payload must be JSON and is not", () => {
  assert.equal(written({ payload: bytesOf('{"a":') }, { payloadIsJson: true }), "before refused");
  assert.match(
    written({ payload: bytesOf(' {"a" : 1}') }, { payloadIsJson: true }),
    /,"payload":\{"a":1\}\}$/,
  );
  assert.match(written({}, { payloadIsJson: true }), /,"payload":null\}$/);
});
