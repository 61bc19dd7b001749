import assert from "node:assert/strict";
import type { ProxyOptions } from "../../src/client/endpoint.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { passSocksProxy } from "../../src/client/socks.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { concat, FakeInner } from "../transport/fake_inner.ts";
import { endpoint, exchange } from "./endpoint_fixture.ts";
import { SocksServer } from "./socks_server.ts";

function proxy(fields: Partial<ProxyOptions> = {}): ProxyOptions {
  return { host: "127.0.0.1", port: 1080, username: undefined, password: undefined, ...fields };
}

/** What is sent for `host`, and the message of the failure, when the proxy answers `answers`. */
async function dialogue(
  host: string,
  options: ProxyOptions,
  ...answers: number[][]
): Promise<{ sent: number[][]; message: string | undefined; rest: number | null }> {
  const inner = new FakeInner().feed(concat(...answers.map((bytes) => Uint8Array.from(bytes))));
  inner.end();
  let message: string | undefined;
  try {
    await passSocksProxy(inner, endpoint({ host, proxy: options }));
  } catch (error) {
    message = (error as Error).message;
  }
  const sent = inner.sink.writes.map((bytes) => [...bytes]);
  return { sent, message, rest: await inner.read(new Uint8Array(9)) };
}

const CONNECTED = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const PORT = [1883 >> 8, 1883 & 0xff];

Deno.test("passSocksProxy() lets the proxy look up the name, and reads nothing after its answer", async () => {
  const { sent, message, rest } = await dialogue("ab", proxy(), [5, 0], CONNECTED, [1, 2, 3]);
  assert.equal(message, undefined);
  assert.deepEqual(sent, [[5, 1, 0], [5, 1, 0, 3, 2, 97, 98, ...PORT]]);
  assert.equal(rest, 3);
});

Deno.test("passSocksProxy() logs in with a user name and password", async () => {
  const options = proxy({ username: "me", password: "pw" });
  const { sent } = await dialogue("ab", options, [5, 2], [1, 0], CONNECTED);
  assert.deepEqual(sent.slice(0, 2), [[5, 2, 0, 2], [1, 2, 109, 101, 2, 112, 119]]);
  assert.equal(sent.length, 3);
  const without = await dialogue("ab", options, [5, 0], CONNECTED);
  assert.equal(without.sent.length, 2);
});

Deno.test("passSocksProxy() sends addresses as addresses", async () => {
  const addresses = new Map([
    ["192.0.2.1", [1, 192, 0, 2, 1]],
    ["2001:db8::1", [4, 0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1]],
    ["::ffff:192.0.2.1", [4, ...new Array(10).fill(0), 255, 255, 192, 0, 2, 1]],
    ["::", [4, ...new Array(16).fill(0)]],
    ["1:2:3:4:5:6:7:8", [4, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ]);
  for (const [host, bytes] of addresses) {
    const { sent } = await dialogue(host, proxy(), [5, 0], CONNECTED);
    assert.deepEqual(sent[1], [5, 1, 0, ...bytes, ...PORT], host);
  }
});

Deno.test("passSocksProxy() reads answers with addresses of every kind", async () => {
  for (const address of [[3, 2, 97, 98], [4, ...new Array(16).fill(7)], [1, 1, 2, 3, 4]]) {
    const { rest } = await dialogue("ab", proxy(), [5, 0], [5, 0, 0, ...address, 0, 80], [9]);
    assert.equal(rest, 1);
  }
});

Deno.test("passSocksProxy() says what went wrong", async () => {
  const login = proxy({ username: "me", password: "pw" });
  const failures: [ProxyOptions, number[][], string][] = [
    [proxy(), [[72, 84]], "what answers is not a SOCKS5 proxy"],
    [proxy(), [], "the proxy closed the connection"],
    [proxy(), [[5, 0xff]], "the proxy wants a user name and password"],
    [login, [[5, 0xff]], "the proxy takes no user name and password"],
    [login, [[5, 2], [1, 1]], "the proxy does not accept the user name and password"],
    [proxy(), [[5, 0], [5, 2, 0, 1]], "the proxy does not allow this connection"],
    [
      proxy(),
      [[5, 0], [5, 5, 0, 1]],
      "the server refused the connection; is a broker running there?",
    ],
    [proxy(), [[5, 0], [5, 99, 0, 1]], "the proxy answered 99"],
    [proxy(), [[5, 0], [4, 0, 0, 1]], "the proxy's answer is not one of SOCKS5"],
    [
      proxy({ username: "x".repeat(256) }),
      [[5, 2]],
      "the user name has 256 bytes, SOCKS5 takes 255 at most",
    ],
  ];
  for (const [options, answers, why] of failures) {
    const { message } = await dialogue("ab", options, ...answers);
    assert.equal(message, `Cannot connect to ab:1883 through the proxy 127.0.0.1:1080: ${why}`);
  }
});

Deno.test("messages go through a proxy, with and without a login", async () => {
  await using broker = await startTestBroker();
  await using open = new SocksServer();
  await using closed = new SocksServer({ login: "me:pw" });
  const place = { host: "broker.example", port: broker.port };
  await exchange(endpoint({ ...place, proxy: proxy({ port: open.port }) }));
  const login = { username: "me", password: "pw" };
  await exchange(endpoint({ ...place, proxy: proxy({ port: closed.port, ...login }) }));
  const request = `name broker.example:${broker.port}`;
  assert.deepEqual([open.requests, closed.requests], [[request], [request]]);
});

Deno.test("openEndpoint() names the proxy that does not connect, or is not there", async () => {
  await using server = new SocksServer({ reply: 4 });
  const { port } = server;
  await assert.rejects(openEndpoint(endpoint({ host: "b", proxy: proxy({ port }) })), {
    name: "ConnectError",
    kind: "proxy",
    message: `Cannot connect to b:1883 through the proxy 127.0.0.1:${port}: ` +
      "the proxy cannot reach the server",
  });
  const gone = {
    kind: "proxy",
    message: /^Cannot connect to the proxy 127\.0\.0\.1:1: connection/,
  };
  await assert.rejects(openEndpoint(endpoint({ proxy: proxy({ port: 1 }) })), gone);
});
