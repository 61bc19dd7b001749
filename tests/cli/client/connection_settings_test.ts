import assert from "node:assert/strict";
import { isEncrypted, portOf } from "../../../src/cli/client/connection_settings.ts";
import type { ConnectionSettings } from "../../../src/cli/client/connection_settings.ts";
import { settingsOf } from "./tool_fixture.ts";

function connectionOf(...args: string[]): ConnectionSettings {
  return settingsOf("sub", "-t", "a", ...args).connection;
}

Deno.test("TLS is used when the options speak of it, on port 8883 if no other is given", () => {
  const cases: [string[], [boolean, number]][] = [
    [[], [false, 1883]],
    [["-p", "8883"], [true, 8883]],
    [["-p", "8883", "--no-tls"], [false, 8883]],
    [["--cafile", "ca"], [true, 8883]],
    [["--capath", "ca", "-p", "1"], [true, 1]],
    [["--cert", "c", "--key", "k"], [true, 8883]],
    [["--tls-use-os-certs"], [true, 8883]],
    [["--cafile", "ca", "--no-tls"], [false, 1883]],
    [["--insecure"], [false, 1883]],
    [["-L", "mqtts://pi/a"], [true, 8883]],
    [["-L", "wss://pi:9/a"], [true, 9]],
  ];
  for (const [args, expected] of cases) {
    const connection = connectionOf(...args);
    assert.deepEqual([isEncrypted(connection), portOf(connection)], expected, args.join(" "));
  }
});

Deno.test("-L sets what it names and leaves the rest", () => {
  const { host, username, password, isWebSocket } = connectionOf("-u", "ann", "-L", "ws://pi/b");
  assert.deepEqual([host, username, password, isWebSocket], ["pi", "ann", undefined, true]);
  assert.deepEqual(settingsOf("sub", "-t", "a", "-L", "mqtt://pi/b").messages.topics, ["a", "b"]);
});

Deno.test("the last of -h, -L and --unix says where the server is", () => {
  assert.equal(connectionOf("--unix", "/s").unixPath, "/s");
  assert.equal(connectionOf("--unix", "/s", "-h", "pi").unixPath, undefined);
  assert.equal(connectionOf("-L", "mqtt://pi/a", "--unix", "/s").unixPath, "/s");
});

Deno.test("-h takes a name or an address, and says where else belongs what is neither", () => {
  assert.equal(connectionOf("-h", "[fe80::1]").host, "fe80::1");
  assert.equal(connectionOf("-h", "fe80::1").host, "fe80::1");
  const cases = {
    "": "'-h' does not take '': it is empty",
    "mqtt://pi": "'-h' does not take 'mqtt://pi': a URL is for '-L'",
    "pi:1883": "'-h' does not take 'pi:1883': the port is for '-p'",
  };
  for (const [host, message] of Object.entries(cases)) {
    assert.throws(() => connectionOf("-h", host), { name: "UsageError", message });
  }
});

Deno.test("the version falls back only when nobody asked for one or for what MQTT 5 has", () => {
  const versionOf = (...args: string[]): [number, boolean] => {
    const { protocolVersion, mayFallBack } = connectionOf(...args);
    return [protocolVersion, mayFallBack];
  };
  assert.deepEqual(versionOf(), [5, true]);
  assert.deepEqual(versionOf("-V", "mqttv5"), [5, false]);
  assert.deepEqual(versionOf("-V", "311"), [4, false]);
  assert.deepEqual(versionOf("-V", "mqttv31"), [3, false]);
  assert.deepEqual(versionOf("-x", "5"), [5, false]);
  assert.deepEqual(versionOf("-D", "subscribe", "subscription-identifier", "1"), [5, false]);
  assert.deepEqual(versionOf("-V", "311", "-x", "5"), [5, false]);
});

Deno.test("a session that stays needs an identifier that stays", () => {
  const needs = /needs a Client Identifier that stays the same: '-i'$/;
  assert.throws(() => connectionOf("-c"), needs);
  assert.throws(() => connectionOf("-c", "-I", "a"), needs);
  assert.throws(() => connectionOf("-c", "-V", "311"), needs);
  assert.throws(() => connectionOf("-x", "-1"), needs);
  assert.throws(() => connectionOf("-x", "\u221e"), needs);
  assert.equal(connectionOf("-c", "-i", "a").sessionExpiryInterval, 0xffff_ffff);
  assert.equal(connectionOf("-c", "-x", "60").sessionExpiryInterval, 60);
  const property = ["-D", "connect", "session-expiry-interval", "7"];
  assert.equal(connectionOf("-c", ...property).sessionExpiryInterval, undefined);
  assert.throws(() => connectionOf("-x", "5", ...property), /say the same$/);
});

Deno.test("options that need others say which", () => {
  const cases: [string, ...string[]][] = [
    ["'--will-payload' needs '--will-topic'", "--will-payload", "x"],
    ["'--will-retain' needs '--will-topic'", "--will-retain"],
    ["'-D will' needs '--will-topic'", "-D", "will", "content-type", "a"],
    ["'--cert' and '--key' need each other", "--cert", "x"],
    ["'--cert' and '--key' need each other", "--key", "x"],
    ["'--keyform' needs '--key'", "--keyform", "pem"],
    ["'-i' and '-I' cannot be used together", "-i", "a", "-I", "b"],
    ["'--will-topic' does not take 'a/#': contains a wildcard", "--will-topic", "a/#"],
  ];
  for (const [message, ...args] of cases) {
    assert.throws(() => connectionOf(...args), { name: "UsageError", message });
  }
});

Deno.test("the other options of the connection set what they name", () => {
  const connection = connectionOf(
    ...["-A", "10.0.0.1", "-S", "--nodelay", "--mptcp", "-k", "5", "-M", "7", "--ws-path", "chat"],
    ...["--will-topic", "w", "--will-qos", "2", "--tls-version", "tlsv1.3", "--tls-alpn", "mqtt"],
    ...["--ciphers", "HIGH", "--proxy", "socks5h://p"],
  );
  assert.deepEqual(
    [connection.bindAddress, connection.isSrv, connection.isNoDelay, connection.keepAlive],
    ["10.0.0.1", true, true, 5],
  );
  assert.deepEqual(
    [connection.maximumInflight, connection.isWebSocket, connection.webSocketPath],
    [7, true, "/chat"],
  );
  assert.deepEqual(connection.will, {
    topicName: "w",
    payload: undefined,
    qos: 2,
    retain: false,
  });
  const { minimumVersion, alpnProtocols, ciphers } = connection.tls;
  assert.deepEqual([minimumVersion, alpnProtocols, ciphers], ["1.3", ["mqtt"], "HIGH"]);
  assert.equal(connection.proxy?.host, "p");
});
