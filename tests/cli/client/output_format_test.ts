/**
 * Formats against what mosquitto_sub printed (output_format_vectors.json), then what Mosquitto 2.0 does
 * not have or prints in another way than 2.1.
 */

import assert from "node:assert/strict";
import {
  compileFormat,
  type FormatOptions,
  plainFormatter,
} from "../../../src/cli/client/output_format.ts";
import type { Properties, PublishPacket } from "../../../src/protocol/packet.ts";
import { inTimeZone } from "../../support/time_zone.ts";
import { bytesOf, type FormatVectors, latin1, type ReceivedMessage } from "./format_vectors.ts";
import { publishPacket } from "./publish_packet.ts";
import vectors from "./output_format_vectors.json" with { type: "json" };

const NOON = { ms: 1_795_435_200_123, ns: 123_456_789 };

function print(
  format: string,
  message: Partial<PublishPacket> = {},
  options: Partial<FormatOptions> = {},
): string {
  const formatter = compileFormat(format, { pretty: false, noNewline: true, ...options });
  return latin1(formatter(publishPacket(message), NOON));
}

function utf8(text: string): string {
  return new TextDecoder().decode(bytesOf(text));
}

/** The properties in the order in which they were on the command line. */
function propertiesOf({ properties, expiry }: ReceivedMessage): Properties {
  const result: Properties = {};
  for (const [name, first = "", second = ""] of properties) {
    if (name === "content-type") result.contentType = utf8(first);
    if (name === "response-topic") result.responseTopic = utf8(first);
    if (name === "correlation-data") result.correlationData = bytesOf(first);
    if (name === "payload-format-indicator") result.payloadFormatIndicator = Number(first);
    if (name === "user-property") (result.userProperties ??= []).push([utf8(first), utf8(second)]);
  }
  if (expiry !== null) result.messageExpiryInterval = expiry;
  return result;
}

const { messages, printed } = vectors as unknown as FormatVectors;

for (const [index, message] of messages.entries()) {
  Deno.test(`compileFormat() prints "${utf8(message.topic)}" as mosquitto_sub did`, () => {
    const packet = publishPacket({
      topicName: utf8(message.topic),
      payload: bytesOf(message.payload),
      qos: message.qos,
      retain: message.retain,
      packetIdentifier: message.mid,
      properties: propertiesOf(message),
    });
    const ours = printed.map(({ format }) => [format, print(utf8(format), packet)]);
    const theirs = printed.map(({ format, outputs }) => [format, outputs[index]]);
    assert.deepEqual(ours, theirs);
  });
}

Deno.test("compileFormat() ends each message with a newline but for -N", () => {
  const formatter = compileFormat("%p", { pretty: false });
  assert.equal(latin1(formatter(publishPacket({ payload: bytesOf("a") }), NOON)), "a\n");
  assert.equal(print("%p", { payload: bytesOf("a") }), "a");
});

Deno.test("compileFormat() prints a payload with every byte and \\0 as they are", () => {
  const payload = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.equal(print("%p\\0", { payload }), `${latin1(payload)}\0`);
});

Deno.test("compileFormat() hands out bytes that later messages leave alone", () => {
  const formatter = compileFormat("%p", { pretty: false, noNewline: true });
  const large = formatter(publishPacket({ payload: new Uint8Array(200_000).fill(1) }), NOON);
  const small = formatter(publishPacket({ payload: bytesOf("first") }), NOON);
  formatter(publishPacket({ payload: bytesOf("other") }), NOON);
  assert.equal(latin1(small), "first");
  assert.deepEqual(large, new Uint8Array(200_000).fill(1));
});

Deno.test("compileFormat() groups the digits of %x and %X", () => {
  const payload = bytesOf("hello");
  const rows = [
    ["%x", "68656c6c6f"],
    ["%X", "68656C6C6F"],
    ["%.2x", "68 65 6c 6c 6f"],
    ["%.2:x", "68:65:6c:6c:6f"],
    ["%.4-X", "6865-6C6C-6F"],
    ["%.1,x", "6,8,6,5,6,c,6,c,6,f"],
    ["%.3 x", "686 56c 6c6 f"],
    ["%14x", "    68656c6c6f"],
    ["%014x", "000068656c6c6f"],
    ["%-14x|", "68656c6c6f    |"],
    ["%014.2:x", "00:00:68:65:6c:6c:6f"],
    // The width is the most bytes as well, in Mosquitto 2.1.
    ["%2x", "6865"],
    // 2.1 writes as many blanks as digits are too many here.
    ["%-2x|", "6865|"],
    ["%-x|", "68656c6c6f|"],
  ];
  assert.deepEqual(rows.map(([format = ""]) => [format, print(format, { payload })]), rows);
});

Deno.test("compileFormat() takes every separator there is", () => {
  for (const separator of "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~ ") {
    const text = print(`%.2${separator}x`, { payload: bytesOf("ab") });
    assert.equal(text, `61${separator}62`);
  }
});

Deno.test("compileFormat() prints floating-point payloads with %d and %f", () => {
  const eight = new Uint8Array(new Float64Array([-21.5625]).buffer);
  const four = new Uint8Array(new Float32Array([0.1]).buffer);
  assert.equal(
    print("%d|%.2d|%12.1d|%-12.1d|%012.1d", { payload: eight }),
    "-21.562500|-21.56|       -21.6|-21.6       |-000000021.6",
  );
  assert.equal(print("%f|%.10f|%.0f", { payload: four }), "0.100000|0.1000000015|0");
  const infinite = new Uint8Array(new Float32Array([-Infinity]).buffer);
  assert.equal(print("%06f|%f", { payload: infinite }), "  -inf|-inf");
});

Deno.test("compileFormat() says when a payload is no floating-point number, and prints the rest", () => {
  const problems: string[] = [];
  const text = print("<%d %f>", { payload: bytesOf("21.5"), topicName: "t" }, {
    onProblem: (problem) => problems.push(problem),
  });
  assert.match(text, /^< 0\.\d+>$/);
  assert.deepEqual(problems, [
    "Cannot print the payload on t as a floating-point number: 8 bytes expected, 4 came",
  ]);
});

Deno.test("compileFormat() prints the time of receipt", () => {
  inTimeZone("Europe/Berlin", () => {
    assert.equal(
      print("%I %U @N @Y-@m-@d @Z"),
      "2026-11-23T13:00:00+0100 1795435200.123456789 123456789 2026-11-23 CET",
    );
    assert.equal(
      print("%26I|%-26I|%.10I"),
      "  2026-11-23T13:00:00+0100|2026-11-23T13:00:00+0100  |2026-11-23",
    );
  });
});

Deno.test("compileFormat() follows the clock from one second to the next", () => {
  const formatter = compileFormat("@s ", { pretty: false, noNewline: true });
  const times = [1000, 1999, 2000, 1000].map((ms) =>
    latin1(formatter(publishPacket({}), { ms, ns: 0 }))
  );
  assert.deepEqual(times, ["1 ", "1 ", "2 ", "1 "]);
});

Deno.test("compileFormat() prints Message Expiry Intervals beyond 31 bits as they are", () => {
  assert.equal(print("%E", { properties: { messageExpiryInterval: 4_294_967_295 } }), "4294967295");
});

Deno.test("compileFormat() prints Topic Alias and the first Subscription Identifier", () => {
  const properties = { topicAlias: 7, subscriptionIdentifiers: [268_435_455, 2] };
  assert.equal(print("%A %03A %S", { properties }), "7 007 268435455");
});

Deno.test("compileFormat() prints a message as JSON with %j, its payload as JSON with %J", () => {
  const message = { topicName: "t", payload: bytesOf('{"a": 1.50}') };
  inTimeZone("UTC", () => {
    assert.equal(
      print("%j", message),
      '{"tst":"2026-11-23T12:00:00.123456+0000","topic":"t","qos":0,"retain":false,' +
        '"payloadlen":11,"payload":"{\\"a\\": 1.50}"}',
    );
    assert.match(print("%J", message), /"payload":\{"a":1\.5\}\}$/);
    assert.match(
      print("%J", message, { pretty: true }),
      /\n\t"payload":\t\{\n\t\t"a":\t1\.5\n\t\}\n\}$/,
    );
  });
});

Deno.test("compileFormat() says when a payload is not JSON, and prints the rest", () => {
  const problems: string[] = [];
  const text = print("%J|%t", { payload: bytesOf("21,5"), topicName: "t" }, {
    onProblem: (problem) => problems.push(problem),
  });
  assert.equal(text, "|t");
  assert.deepEqual(problems, ["Error: Message payload is not valid JSON on topic t."]);
});

Deno.test("plainFormatter() prints payload, topic and newline as mosquitto_sub does", () => {
  const rows: [verbose: boolean, noNewline: boolean, payload: string, printed: string][] = [
    [false, false, "a", "a\n"],
    [false, true, "a", "a"],
    [true, false, "a", "t a\n"],
    [true, true, "a", "t a"],
    [false, false, "", ""],
    [true, false, "", "t (null)\n"],
    [true, true, "", ""],
    [false, false, "\u0000\u00ff\n", "\u0000\u00ff\n\n"],
  ];
  const ours = rows.map(([verbose, noNewline, payload]) => {
    const formatter = plainFormatter({ verbose, noNewline });
    const message = publishPacket({ topicName: "t", payload: bytesOf(payload) });
    return [verbose, noNewline, payload, latin1(formatter(message, NOON))];
  });
  assert.deepEqual(ours, rows);
});
