import assert from "node:assert/strict";
import {
  HttpRefusal,
  listItems,
  MAX_HEAD_BYTES,
  parseHttpHead,
} from "../../src/transport/http_head.ts";
import { concat, latin1 } from "./fake_inner.ts";

const HEAD = "GET /mqtt?token=1 HTTP/1.1\r\nHost: broker:9001\r\nupgrade:websocket \r\n" +
  "Accept:\r\nX-Forwarded-For: 1.2.3.4\r\nX-FORWARDED-FOR:\t5.6.7.8\t\r\n\r\n";

Deno.test("parseHttpHead() reads the request line and the headers", () => {
  const bytes = concat(latin1(HEAD), Uint8Array.of(0x82, 0x80));
  assert.deepEqual(parseHttpHead(bytes), {
    length: HEAD.length,
    method: "GET",
    path: "/mqtt",
    headers: new Map([
      ["host", "broker:9001"],
      ["upgrade", "websocket"],
      ["accept", ""],
      ["x-forwarded-for", "1.2.3.4, 5.6.7.8"],
    ]),
  });
});

Deno.test("parseHttpHead() waits for the end of the head, however it is cut", () => {
  for (let end = 0; end < HEAD.length; end++) {
    assert.equal(parseHttpHead(latin1(HEAD.slice(0, end))), undefined, `${end} bytes`);
  }
});

Deno.test("parseHttpHead() takes a head of 8192 bytes and no longer one", () => {
  const withLength = (length: number) => {
    const frame = "GET / HTTP/1.1\r\nA: \r\n\r\n".length;
    return latin1(`GET / HTTP/1.1\r\nA: ${"x".repeat(length - frame)}\r\n\r\n`);
  };
  assert.equal(parseHttpHead(withLength(MAX_HEAD_BYTES))?.length, 8192);
  assert.throws(() => parseHttpHead(withLength(MAX_HEAD_BYTES + 1)), { status: 431 });
});

const INVALID: Record<string, [string, RegExp]> = {
  "TLS": ["\x16\x03\x01", /begins with TLS, but this listener has no certificate/],
  "MQTT": ["\x10\x0c\x00\x04", /speaks MQTT without WebSocket/],
  "binary data": ["\x00\x01", /not one of HTTP/],
  "HTTP/1.0": ["GET / HTTP/1.0\r\n\r\n", /request line/],
  "HTTP/2": ["PRI * HTTP/2.0\r\n\r\n", /request line/],
  "a whole URL": ["GET http://broker/ HTTP/1.1\r\n\r\n", /request line/],
  "two spaces": ["GET  / HTTP/1.1\r\n\r\n", /request line/],
  "a space at the end": ["GET / HTTP/1.1 \r\n\r\n", /request line/],
  "bare line feeds": ["GET / HTTP/1.1\nHost: a\r\n\r\n", /request line/],
  "a bare line feed in a header": ["GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", /malformed/],
  "a bare carriage return": ["GET / HTTP/1.1\r\nHost: a\rB: c\r\n\r\n", /malformed/],
  "a folded line": ["GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", /malformed/],
  "a space before the colon": ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", /malformed/],
  "a header without a colon": ["GET / HTTP/1.1\r\nHost\r\n\r\n", /malformed/],
  "a header without a name": ["GET / HTTP/1.1\r\n: a\r\n\r\n", /malformed/],
  "a control character": ["GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n", /malformed/],
};

for (const [name, [head, message]] of Object.entries(INVALID)) {
  Deno.test(`parseHttpHead() refuses ${name}`, () => {
    assert.throws(() => parseHttpHead(latin1(head)), (error) => {
      assert(error instanceof HttpRefusal);
      assert.equal(error.status, 400);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("listItems() splits at commas and leaves out what is empty", () => {
  assert.deepEqual(listItems("mqtt,mqttv3.1 , ,x"), ["mqtt", "mqttv3.1", "x"]);
  assert.deepEqual(listItems(undefined), []);
});
