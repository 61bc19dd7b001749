/**
 * Settings of listeners that contradict each other, each of them allowed alone.
 */

import assert from "node:assert/strict";
import { listenerConflicts } from "../../src/config/conflicts_listeners.ts";
import { RawValues } from "../../src/config/raw_values.ts";

/** Each conflict as "key: message", for listeners that are written like this. */
function conflictsOf(...listeners: unknown[]): string[] {
  return listenerConflicts(new RawValues({ listeners })).map(({ path, message, hint }) =>
    `${path.slice(1).join(".")}: ${message.replace(/^Cannot use '[^']*': /, "")}` +
    (hint === undefined ? "" : ` | ${hint}`)
  );
}

const TLS = { certificate: "c", key: "k" };
const NO_TLS = "'tls.certificate' is missing, and without it there is no TLS";

Deno.test("names of listeners that were given are unique", () => {
  assert.deepEqual(
    conflictsOf({ name: "a", port: 1 }, { name: "b", port: 2 }, { name: "a", port: 3 }, {
      port: 4,
    }),
    ["2.name: 'a' is the name of 'listeners[0]'"],
  );
  assert.deepEqual(conflictsOf({ port: 1, name: 5 }, { port: 2, name: "5" }), [
    "1.name: '5' is the name of 'listeners[0]'",
  ]);
});

Deno.test("mode, owner and group are for Unix sockets", () => {
  const rights = { mode: "0660", owner: "a", group: "b" };
  const reason = "only a Unix socket, a listener with 'path', has one";
  assert.deepEqual(conflictsOf(rights), [
    `0.mode: ${reason}`,
    `0.owner: ${reason}`,
    `0.group: ${reason}`,
  ]);
  assert.deepEqual(conflictsOf({ path: "/a", ...rights }), []);
});

Deno.test("TLS needs a certificate and its key", () => {
  assert.deepEqual(conflictsOf({ tls: TLS }, { port: 1, tls: null }, { port: 2, tls: {} }), []);
  assert.deepEqual(conflictsOf({ tls: { certificate: "c" } }), [
    "0.tls.certificate: its private key, 'tls.key', is missing",
  ]);
  assert.deepEqual(conflictsOf({ tls: { key: "k", min_version: "1.3", crl: "c" } }), [
    `0.tls.key: ${NO_TLS}`,
    `0.tls.min_version: ${NO_TLS}`,
    `0.tls.crl: ${NO_TLS}`,
  ]);
  assert.deepEqual(conflictsOf({ tls: { min_version: 1.2, client_certificate: "none" } }), []);
});

Deno.test("client certificates need a CA, and what is read from them needs that they are asked for", () => {
  const clients = { client_certificate: "require", identity: "san", crl: "c" };
  const reason = "'tls.client_ca', which certificates of clients are checked with, is missing";
  assert.deepEqual(conflictsOf({ tls: { ...TLS, ...clients } }), [
    `0.tls.client_certificate: ${reason}`,
    `0.tls.identity: ${reason}`,
    `0.tls.crl: ${reason}`,
  ]);
  assert.deepEqual(conflictsOf({ tls: { ...TLS, ...clients, client_ca: "ca" } }), []);
  const notAsked = "clients are not asked for a certificate | " +
    "add 'client_certificate: require' (or request)";
  assert.deepEqual(
    conflictsOf({ tls: { ...TLS, client_ca: "ca", identity: "common_name", crl: "c" } }),
    [`0.tls.identity: ${notAsked}`, `0.tls.crl: ${notAsked}`],
  );
});

Deno.test("settings of WebSocket and of the PROXY protocol need their protocol", () => {
  const websocket = { paths: ["/x"], origins: ["https://a"], trusted_proxies: ["::1"] };
  const plain = "this listener speaks plain MQTT | add 'protocol: websocket'";
  assert.deepEqual(conflictsOf({ websocket, proxy_networks: ["::1"] }), [
    `0.websocket.paths: ${plain}`,
    `0.websocket.origins: ${plain}`,
    `0.websocket.trusted_proxies: ${plain}`,
    "0.proxy_networks: this listener does not speak the PROXY protocol | add 'proxy_protocol: on'",
  ]);
  assert.deepEqual(
    conflictsOf({
      protocol: "websocket",
      websocket,
      proxy_protocol: "on",
      proxy_networks: ["::1"],
    }),
    [],
  );
});

Deno.test("a user name in place of the Client Identifier leaves no room for prefixes", () => {
  const clientid_prefixes = ["a"];
  assert.deepEqual(conflictsOf({ clientid_prefixes, use_username_as_clientid: true }), [
    "0.clientid_prefixes: with 'use_username_as_clientid' clients choose none",
  ]);
  assert.deepEqual(conflictsOf({ clientid_prefixes, use_username_as_clientid: false }), []);
});

Deno.test("a listener takes no larger packets than the broker", () => {
  const conflicts = (max_packet_size: unknown, limits: unknown) =>
    listenerConflicts(new RawValues({ listeners: [{ max_packet_size }], limits }))
      .map(({ message }) => message);
  const start = "Cannot use 'listeners[0].max_packet_size': ";
  assert.deepEqual(conflicts("2 MiB", { max_packet_size: "1 MiB" }), [
    `${start}'2 MiB' is more than 'limits.max_packet_size', '1 MiB'`,
  ]);
  assert.deepEqual(conflicts("17 MiB", {}), [
    `${start}'17 MiB' is more than 'limits.max_packet_size'`,
  ]);
  assert.deepEqual(conflicts("1 MiB", { max_packet_size: "1 MiB" }), []);
  assert.deepEqual(conflicts("large", { max_packet_size: "1 MiB" }), []);
});
