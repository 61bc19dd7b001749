import assert from "node:assert/strict";
import { parseBrokerUrl, parseProxyUrl } from "../../../src/cli/client/url_option.ts";

const PLAIN = { isTls: false, isWebSocket: false, username: undefined, password: undefined };

Deno.test("parseBrokerUrl() reads schemes, ports, logins and topics", () => {
  const cases = {
    "mqtt://pi/a/b": { ...PLAIN, host: "pi", port: 1883, topic: "a/b" },
    "MQTTS://pi:1/a": { ...PLAIN, isTls: true, host: "pi", port: 1, topic: "a" },
    "ws://[fe80::1]:80/a": { ...PLAIN, isWebSocket: true, host: "fe80::1", port: 80, topic: "a" },
    "wss://pi//a%2f": {
      ...PLAIN,
      isTls: true,
      isWebSocket: true,
      host: "pi",
      port: 8883,
      topic: "/a%2f",
    },
    "mqtt://ann@pi/a": { ...PLAIN, username: "ann", host: "pi", port: 1883, topic: "a" },
    "mqtt://a%40b:p%3A%25@pi/a": {
      ...PLAIN,
      username: "a@b",
      password: "p:%",
      host: "pi",
      port: 1883,
      topic: "a",
    },
    // A '%' that encodes nothing, and an '@' that should have been encoded.
    "mqtt://ann:50%@x@pi/a": {
      ...PLAIN,
      username: "ann",
      password: "50%@x",
      host: "pi",
      port: 1883,
      topic: "a",
    },
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(parseBrokerUrl(text), expected, text);
  }
});

Deno.test("parseBrokerUrl() says what is wrong", () => {
  const cases: [string, RegExp][] = [
    ["pi/a", /^'-L' does not take 'pi\/a': it takes mqtt:\/\/user:password@host:port\/topic$/],
    ["mqt://pi/a", /^the scheme of '-L' 'mqt' is not known \(did you mean 'mqtt'\?\)/],
    ["mqtt://pi", /^'-L' does not say which topic is meant/],
    ["mqtt://pi/", /^'-L' does not say which topic is meant/],
    ["mqtt:///a", /^'-L' does not say which host is meant$/],
    ["mqtt://pi:0/a", /^'-L: port' does not take '0': allowed is a whole number from 1 to 65535$/],
    ["mqtt://pi:x/a", /^'-L: port' does not take 'x'/],
  ];
  for (const [text, message] of cases) assert.throws(() => parseBrokerUrl(text), { message }, text);
});

Deno.test("parseProxyUrl() takes socks5h only, port 1080 by default", () => {
  const none = { username: undefined, password: undefined };
  assert.deepEqual(parseProxyUrl("socks5h://proxy"), { host: "proxy", port: 1080, ...none });
  assert.deepEqual(parseProxyUrl("socks5h://ann:p%40@[::1]:9/"), {
    host: "::1",
    port: 9,
    username: "ann",
    password: "p@",
  });
  assert.throws(() => parseProxyUrl("socks5://proxy"), /allowed are socks5h/);
  assert.throws(() => parseProxyUrl("proxy:1080"), /it takes socks5h:\/\/user:password@host:port/);
});
