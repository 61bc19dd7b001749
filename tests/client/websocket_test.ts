import assert from "node:assert/strict";
import type { Endpoint } from "../../src/client/endpoint.ts";
import { WebSocketClientTransport } from "../../src/client/websocket.ts";
import { acceptKey } from "../../src/transport/websocket_upgrade.ts";
import { settled } from "../net/fake_sink.ts";
import { concat, FakeInner, latin1, readAll } from "../transport/fake_inner.ts";
import { endpoint, tlsOptions } from "./endpoint_fixture.ts";

type Answer = (key: string) => string;

const ANSWER: Answer = (key) =>
  [
    "HTTP/1.1 101 Switching Protocols",
    "upgrade: WebSocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    "Sec-WebSocket-Protocol: mqtt",
    "",
    "",
  ].join("\r\n");

/** A frame of a server. */
function serverFrame(payload: string, first = 0x82): Uint8Array {
  return concat(Uint8Array.of(first, payload.length), latin1(payload));
}

/** A handshake that is answered; `more` comes in the same read. */
async function handshake(
  answer: Answer,
  place: Endpoint = endpoint(),
  path = "/mqtt",
  more: Uint8Array = new Uint8Array(0),
): Promise<{ transport: WebSocketClientTransport; inner: FakeInner; request: string[] }> {
  const inner = new FakeInner();
  const transport = new WebSocketClientTransport(inner);
  const opening = transport.handshake(place, path);
  await settled();
  const request = new TextDecoder().decode(inner.sink.bytes).split("\r\n");
  const key = /^Sec-WebSocket-Key: (.*)$/.exec(request[4] ?? "")?.[1] ?? "";
  inner.sink.writes.length = 0;
  inner.feed(concat(latin1(answer(key)), more)).end();
  await opening;
  return { transport, inner, request };
}

Deno.test("handshake() asks for MQTT in a WebSocket [MQTT-6.0.0-3]", async () => {
  const { request } = await handshake(ANSWER, endpoint({ host: "::1", port: 8083 }));
  const key = request.splice(4, 1)[0] ?? "";
  assert.match(key, /^Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==$/);
  assert.deepEqual(request, [
    "GET /mqtt HTTP/1.1",
    "Host: [::1]:8083",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: mqtt",
    "",
    "",
  ]);
});

Deno.test("handshake() leaves out the usual port, and makes one target of any path", async () => {
  const plain = await handshake(ANSWER, endpoint({ port: 80 }), "a b?x=\u00e9\r\nX: y");
  assert.deepEqual(plain.request.slice(0, 2), [
    "GET /a%20b?x=%C3%A9%0D%0AX:%20y HTTP/1.1",
    "Host: localhost",
  ]);
  const secure = await handshake(ANSWER, endpoint({ port: 443, tls: tlsOptions() }));
  assert.equal(secure.request[1], "Host: localhost");
});

Deno.test("what follows the answer is read, and what is written is masked", async () => {
  const { transport, inner } = await handshake(ANSWER, undefined, undefined, serverFrame("ab"));
  inner.feed(serverFrame("cd"));
  assert.equal(new TextDecoder().decode((await readAll(transport)).bytes), "abcd");
  assert.equal(await transport.write(latin1("xyz")), 3);
  assert.deepEqual([...inner.sink.bytes.subarray(0, 2)], [0x82, 0x83]);
});

Deno.test("Ping is answered, and Close ends the stream", async () => {
  const more = concat(serverFrame("p", 0x89), serverFrame("\x03\xe8", 0x88));
  const { transport, inner } = await handshake(ANSWER, undefined, undefined, more);
  assert.deepEqual(await readAll(transport), { bytes: new Uint8Array(0), error: undefined });
  await settled();
  const opcodes = inner.sink.writes.map(([first, second]) => [first, second]);
  assert.deepEqual(opcodes, [[0x8a, 0x81], [0x88, 0x82]]);
});

Deno.test("a masked frame is an error of the server", async () => {
  const more = Uint8Array.of(0x82, 0x81, 1, 2, 3, 4, 5);
  const { transport } = await handshake(ANSWER, undefined, undefined, more);
  assert.equal((await readAll(transport)).error, "WebSocket: a frame of a server is masked");
});

const FAILURES: [string, Answer, string][] = [
  [
    "a path that is not served",
    () => "HTTP/1.1 404 Not Found\r\n\r\n",
    'the server answered "404 Not Found"; there is no WebSocket at this path; the usual one is ' +
    "/mqtt",
  ],
  [
    "a web page",
    () => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    'the server answered "200 OK"; does it speak WebSocket there?',
  ],
  ["MQTT without WebSocket", () => "\x20\x02\0\0", "the server does not speak WebSocket there"],
  [
    "the end of the connection",
    () => "HTTP/1.1 101",
    "the server closed the connection; does it speak WebSocket there?",
  ],
  [
    "another protocol",
    (key) => ANSWER(key).replace("WebSocket\r", "h2c\r"),
    "the server's answer does not name websocket",
  ],
  [
    "the answer to another request",
    () => ANSWER("x"),
    "the server's answer does not fit the request; does a proxy stand between?",
  ],
  [
    "no subprotocol",
    (key) => ANSWER(key).replace("Protocol: mqtt", "Version: 13"),
    "the server does not speak MQTT in its WebSockets",
  ],
  [
    "a malformed header",
    (key) => ANSWER(key).replace("Connection:", "Connection :"),
    "the server's answer is not one of HTTP/1.1",
  ],
  [
    "endless headers",
    () => `HTTP/1.1 101 x\r\n${"a: b\r\n".repeat(2000)}`,
    "the server's answer has more than 8192 bytes of headers",
  ],
];

for (const [what, answer, why] of FAILURES) {
  Deno.test(`handshake() rejects when the server answers with ${what}`, async () => {
    await assert.rejects(handshake(answer), {
      name: "ConnectError",
      kind: "websocket",
      message: `Cannot connect to 192.0.2.1:5000: ${why}`,
    });
  });
}

Deno.test("handshake() rejects when the connection breaks", async () => {
  const inner = new FakeInner();
  const opening = new WebSocketClientTransport(inner).handshake(endpoint(), "/mqtt");
  inner.fail(new Error("Connection reset by peer (os error 104)"));
  await assert.rejects(opening, {
    name: "ConnectError",
    kind: "websocket",
    message: "Cannot connect to 192.0.2.1:5000: the connection was reset by the server; " +
      "does it speak WebSocket there?",
  });
});
