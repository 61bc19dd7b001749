/**
 * The settings in effect, in sentences.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import {
  describeChanges,
  describeListeners,
  describePersistence,
  describeWarnings,
} from "../../src/config/policy.ts";
import { defaultSettings, readSettings } from "../../src/config/read.ts";

/** The settings of a text that must be right. */
function settingsOf(text: string) {
  const loaded = parseSettings("test.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded.settings;
}

Deno.test("describeListeners() says where and for whom", () => {
  const settings = settingsOf(`
listeners:
  - port: 1883
  - {port: 0, address: 127.0.0.1, allow_anonymous: always, max_connections: 5}
  - {path: /run/b.sock, allow_anonymous: never}
`);
  assert.deepEqual(describeListeners(settings), [
    "port 1883 on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local network only",
    "any free port on '127.0.0.1', without TLS: anonymous clients from everywhere, the internet included if " +
    "the port can be reached, at most 5 connections",
    "the Unix socket '/run/b.sock': no anonymous clients",
  ]);
});

Deno.test("describePersistence() says where data is kept and what a power cut could lose", () => {
  const described = (text: string) => describePersistence(settingsOf(`persistence: ${text}`));
  assert.deepEqual([
    described("{path: /data/b.db}"),
    described("{path: /data/b.db, durability: relaxed, commit_interval: 90s}"),
    described("{path: /data/b.db, durability: relaxed}"),
    described("{durability: off}"),
  ], [
    "Durability full, data in '/data/b.db': a power cut loses nothing that was acknowledged",
    "Durability relaxed, data in '/data/b.db': a power cut loses up to the last 90s, " +
    "acknowledged or not",
    "Durability relaxed, data in '/data/b.db': a power cut loses up to the last 1s, " +
    "acknowledged or not",
    "Durability off: the end of the process loses sessions, waiting and retained messages",
  ]);
});

Deno.test("describeChanges() is empty for the defaults", () => {
  assert.deepEqual(describeChanges(defaultSettings()), []);
});

Deno.test("describeChanges() names what differs, the way it is written in the file", () => {
  const settings = settingsOf(`
limits: {max_packet_size: 1048576, max_connections_per_address: 3, max_keepalive: 120}
sys_interval: 0
logging: {levels: {client: debug}, destinations: [stdout, {file: b.log}]}
`);
  assert.deepEqual(describeChanges(settings), [
    "limits.max_connections_per_address: 3 (default none)",
    "limits.max_packet_size: 1 MiB (default 16 MiB)",
    "limits.max_keepalive: 2m (default never)",
    "sys_interval: never (default 10s)",
    "logging.levels.client: debug (default inherit)",
    "logging.destinations: stdout, b.log (default stderr)",
  ]);
});

Deno.test("describeListeners() says what is spoken, by whom, and what else restricts them", () => {
  const settings = settingsOf(`
listeners:
  - {port: 8883, tls: {certificate: c, key: k, min_version: "1.3"}}
  - port: 8884
    tls: {certificate: c, key: k, client_ca: a, client_certificate: require, identity: common_name}
    protocol_versions: ["3.1.1", "5"]
    max_qos: 1
  - {port: 9001, protocol: websocket, mount_point: web/, protocol_versions: ["5"]}
  - port: 8885
    proxy_protocol: on
    protocol: websocket
    websocket: {paths: [/x]}
    tls: {certificate: c, key: k, client_ca: a, client_certificate: request}
users: [{name: ann}]
`);
  const all = "on all addresses (IPv4 and IPv6)";
  assert.deepEqual(describeListeners(settings), [
    `port 8883 ${all}, TLS 1.3 or later: no anonymous clients`,
    `port 8884 ${all}, TLS 1.2 or later, client certificates required, user names from their ` +
    "common name: no anonymous clients, MQTT 3.1.1 and 5 only, at most QoS 1",
    `port 9001 ${all}, without TLS, WebSocket at / and /mqtt: no anonymous clients, MQTT 5 only, ` +
    "topics below 'web/'",
    `port 8885 ${all}, TLS 1.2 or later, client certificates asked for, WebSocket at /x, ` +
    "behind a proxy (PROXY protocol): no anonymous clients",
  ]);
});

Deno.test("describeWarnings() names listeners for everybody and for nobody", () => {
  const open = (rest: string) => `listeners: [{allow_anonymous: always, ${rest}}]`;
  const openLine = [
    "Listener '1883' serves anybody who reaches it, on all addresses and without TLS",
  ];
  const cases: [string, string[]][] = [
    ["", []],
    [open("port: 1883"), openLine],
    [open('address: "::"'), openLine],
    [open("address: 0.0.0.0"), openLine],
    [open("address: 127.0.0.1"), []],
    [open("path: /a"), []],
    [open("tls: {certificate: c, key: k}"), []],
    ["listeners: [{allow_anonymous: never}]", [
      "Listener '1883' serves nobody: it has 'allow_anonymous: never', and there are no users",
    ]],
    ["listeners: [{allow_anonymous: never}]\nusers: [{name: ann}]", []],
    [
      "listeners: [{allow_anonymous: never, tls: {certificate: c, key: k, client_ca: a, " +
      "client_certificate: require, identity: san}}]",
      [],
    ],
  ];
  assert.deepEqual(cases.map(([text]) => [text, describeWarnings(settingsOf(text))]), cases);
});

Deno.test("describeChanges() shows users and roles by name only, and no secret at all", () => {
  const hash = `$7$101$aaaa$${"a".repeat(84)}aQ==`;
  const settings = settingsOf(`
users: [{name: ann, password: ${hash}}, {name: bob}]
roles: [{name: r, allow: [publish a]}]
acl_files: [/etc/a, /etc/b]
authentication: {jwt: {key: hunter2}, http: {url: "http://a", authorization: hunter2}}
`);
  assert.deepEqual(describeChanges(settings), [
    "users: ann, bob (default none)",
    "roles: r (default none)",
    "acl_files: /etc/a, /etc/b (default none)",
    "authentication.jwt.key: (not shown) (default none)",
    "authentication.http.url: http://a (default none)",
    "authentication.http.authorization: (not shown) (default none)",
  ]);
});

Deno.test("describeWarnings() tells of a listener that believes every claim of an address", () => {
  const warnings = (listener: Record<string, unknown>) =>
    describeWarnings(readSettings({ listeners: [{ proxy_protocol: "on", ...listener }] })).length;
  assert.equal(warnings({}), 1);
  assert.equal(warnings({ proxy_networks: ["10.0.0.5"] }), 0);
  assert.equal(warnings({ address: "127.0.0.1" }), 0);
  assert.equal(warnings({ path: "/run/a.sock" }), 0);
});
