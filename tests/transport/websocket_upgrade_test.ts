import assert from "node:assert/strict";
import { type HttpHead, HttpRefusal } from "../../src/transport/http_head.ts";
import {
  acceptKey,
  acceptUpgrade,
  checkTarget,
  isPlainBrowser,
  refusalResponse,
} from "../../src/transport/websocket_upgrade.ts";

const RULES = { paths: ["/", "/mqtt"], origins: [] as string[] };

const HEADERS = {
  "upgrade": "websocket",
  "connection": "keep-alive, Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "mqtt",
};

/** A request that is served, with other headers; undefined takes one away. */
function request(headers: Record<string, string | undefined> = {}, path = "/mqtt"): HttpHead {
  const all = Object.entries({ ...HEADERS, ...headers })
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { length: 0, method: "GET", path, headers: new Map(all) };
}

function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof HttpRefusal) return `${error.status} ${error.message}`;
    throw error;
  }
  return "served";
}

Deno.test("acceptKey() answers as in the example of RFC 6455", () => {
  assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("acceptUpgrade() answers a client that offers mqtt with mqtt [MQTT-6.0.0-4]", () => {
  assert.equal(
    acceptUpgrade(request(), RULES),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
  );
});

Deno.test("acceptUpgrade() chooses mqtt before mqttv3.1, and takes that alone too", () => {
  const chosen = (offered: string) =>
    /Sec-WebSocket-Protocol: (.*)\r\n/.exec(
      acceptUpgrade(request({ "sec-websocket-protocol": offered }), RULES),
    )?.[1];
  assert.equal(chosen("mqttv3.1, mqtt"), "mqtt");
  assert.equal(chosen("other, mqttv3.1"), "mqttv3.1");
});

const REFUSED: [string, Record<string, string | undefined>, RegExp][] = [
  ["no mqtt among the subprotocols [MQTT-6.0.0-3]", { "sec-websocket-protocol": "amqp" }, /400/],
  ["no subprotocols at all", { "sec-websocket-protocol": undefined }, /400 .*Protocol/],
  ["a subprotocol in other letters", { "sec-websocket-protocol": "MQTT" }, /400 .*Protocol/],
  ["another upgrade", { upgrade: "h2c" }, /400 .*Upgrade does not name websocket/],
  ["no Connection: Upgrade", { connection: "keep-alive" }, /400 .*Connection/],
  ["another version", { "sec-websocket-version": "8" }, /426 .*Version/],
  ["no version", { "sec-websocket-version": undefined }, /426 .*Version/],
  ["no key", { "sec-websocket-key": undefined }, /400 .*Key/],
  ["a key of the wrong length", { "sec-websocket-key": "dGhlIHNhbXBsZSBub25j" }, /400 .*Key/],
  ["two keys", { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==, x" }, /400 .*Key/],
];

for (const [name, headers, expected] of REFUSED) {
  Deno.test(`acceptUpgrade() refuses ${name}`, () => {
    assert.match(refusal(() => acceptUpgrade(request(headers), RULES)), expected);
  });
}

Deno.test("acceptUpgrade() takes only pages of the origins that are configured", () => {
  const rules = { ...RULES, origins: ["https://Panel.example/", "http://localhost:8080"] };
  const from = (origin: string | undefined) =>
    refusal(() => acceptUpgrade(request({ origin }), rules));
  assert.equal(from("https://panel.example"), "served");
  assert.equal(from("http://localhost:8080"), "served");
  assert.equal(from(undefined), "served", "what is not a browser");
  const refused = "403 The origin of the web page is not in websocket.origins";
  const origins = [
    "http://panel.example",
    "https://panel.example.evil",
    "http://localhost",
    "null",
  ];
  assert.deepEqual(origins.map(from), origins.map(() => refused));
});

Deno.test("acceptUpgrade() takes pages of every origin where none is configured", () => {
  assert.equal(refusal(() => acceptUpgrade(request({ origin: "https://a.b" }), RULES)), "served");
});

Deno.test("checkTarget() serves GET at the configured paths, exactly", () => {
  const target = (method: string, path: string) =>
    refusal(() => checkTarget({ ...request({}, path), method }, RULES));
  assert.equal(target("GET", "/"), "served");
  assert.equal(target("GET", "/mqtt"), "served");
  for (const path of ["/mqtt/", "/MQTT", "//", "/favicon.ico"]) {
    assert.match(target("GET", path), /^404 .*served: \/ \/mqtt$/);
  }
  assert.match(target("POST", "/"), /^405 The method is POST/);
});

Deno.test("isPlainBrowser() is true without the header Upgrade", () => {
  assert.equal(isPlainBrowser(request({ upgrade: undefined })), true);
  assert.equal(isPlainBrowser(request()), false);
});

Deno.test("refusalResponse() says what is wrong, and what would be right", () => {
  assert.equal(
    refusalResponse(new HttpRefusal(426, "No")),
    "HTTP/1.1 426 Upgrade Required\r\nContent-Type: text/plain; charset=utf-8\r\n" +
      "Content-Length: 4\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n" +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\nNo.\n",
  );
  assert.match(refusalResponse(new HttpRefusal(405, "No")), /\r\nAllow: GET\r\n/);
});
