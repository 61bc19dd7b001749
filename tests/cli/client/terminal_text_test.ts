import assert from "node:assert/strict";
import { visibleJson, visibleMessage } from "../../../src/cli/client/terminal_text.ts";
import { asBytes, asText } from "../../support/packet_text.ts";
import { publishPacket } from "./publish_packet.ts";

function visiblePayload(payload: string | Uint8Array): string {
  const bytes = typeof payload === "string" ? asBytes(payload) : payload;
  return asText(visibleMessage(publishPacket({ payload: bytes })).payload);
}

Deno.test("visibleMessage() leaves texts as they are, of several lines as well", () => {
  for (
    const text of ["plain", "two\nlines\twith a tab\r\n", "w\u00f6rld \u{1f600} \u05d0\u200f", ""]
  ) {
    assert.equal(visiblePayload(text), text);
  }
});

Deno.test("visibleMessage() lets no control character through", () => {
  assert.equal(
    visiblePayload("\x1b]52;c;AAAA\x07 a\rb\x7f\x9b2J\0"),
    [
      "\\x1b]52;c;AAAA\\x07 a\\rb\\x7f\\x9b2J\\x00",
    ].join(),
  );
  assert.equal(visiblePayload(Uint8Array.of(0x61, 0x9b, 0xff, 0x62)), "a\ufffd\ufffdb");
});

Deno.test("visibleMessage() is about the topic and the properties as well", () => {
  const packet = publishPacket({
    topicName: "a\x1b\n",
    properties: {
      contentType: "\x07",
      responseTopic: "r\x1b",
      correlationData: asBytes("c\x1b"),
      userProperties: [["n\x1b", "v\x1b"]],
      topicAlias: 7,
    },
  });
  const { topicName, properties } = visibleMessage(packet);
  assert.equal(topicName, "a\\x1b\\n");
  assert.deepEqual(properties, {
    contentType: "\\x07",
    responseTopic: "r\\x1b",
    correlationData: asBytes("c\\x1b"),
    userProperties: [["n\\x1b", "v\\x1b"]],
    topicAlias: 7,
  });
  assert.deepEqual(visibleMessage(publishPacket({})).properties, {});
});

Deno.test("visibleJson() leaves JSON that means the same", () => {
  const shown = asText(visibleJson(asBytes('{\n\t"a":"\x7f\x9b \\u001b \u00e9"}')));
  assert.equal(shown, '{\n\t"a":"\\u007f\\u009b \\u001b \u00e9"}');
  assert.deepEqual(JSON.parse(shown), { a: "\x7f\x9b \x1b \u00e9" });
});
