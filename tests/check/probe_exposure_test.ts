/**
 * Who could reach the broker that should not.
 */

import assert from "node:assert/strict";
import { probeExposure, probePolicy } from "../../src/check/probe_exposure.ts";
import { examinationOf, fakeMachine, loadedFrom, shown } from "./fake_machine.ts";

const PUBLIC = "93.184.216.34";
const USERS = "authentication: {jwt: {key: 0123456789abcdef0123456789abcdef}}\n";

/** `addresses`: those of the machine, beside loopback. */
function found(config: string, addresses: readonly string[] = ["192.168.1.5"]): string[] {
  const interfaces = () =>
    ["127.0.0.1", "::1", ...addresses].map((address) => ({ name: "eth0", address }));
  return shown(probeExposure(examinationOf(config, fakeMachine({}, { interfaces }))));
}

function policy(config: string): string[] {
  return shown(probePolicy({ loaded: loadedFrom(config) }));
}

Deno.test("the defaults are no reason for an alarm, at home or on the internet", () => {
  assert.deepEqual([found(""), found("", [PUBLIC]), policy("")], [[], [], []]);
});

Deno.test("probeExposure() raises the alarm when the internet can connect without a password", () => {
  const config = "listeners:\n  - port: 1883\n    allow_anonymous: always\n";
  const alarm =
    "warning 3: Listener '1883' is open to the internet unless a firewall or a router " +
    `keeps it off: this machine has the public address ${PUBLIC}, and anybody may connect without ` +
    "a password and without TLS | " +
    "allow_anonymous: never, and users: broker passwd --create passwords ann";
  assert.deepEqual(found(config, ["192.168.1.5", PUBLIC]), [alarm]);
  assert.deepEqual(found(config, ["10.1.2.3", "fe80::1%eth0", "fd00::1", "100.64.0.9"]), []);
  for (const address of ["127.0.0.1", "localhost", "192.168.1.5"]) {
    const there = `listeners: [{address: ${address}, allow_anonymous: always}]\n`;
    assert.deepEqual(found(there, ["192.168.1.5", PUBLIC]), [], address);
  }
});

Deno.test("probeExposure() knows which addresses a listener is on", () => {
  const on = (address: string, addresses: readonly string[]) =>
    found(`listeners: [{address: "${address}", allow_anonymous: always}]\n`, addresses).length;
  const six = "2a00:1450:4001::1";
  assert.deepEqual(
    [on(PUBLIC, [PUBLIC]), on("0.0.0.0", [PUBLIC]), on("::", [PUBLIC]), on("::", [six])],
    [1, 1, 1, 1],
  );
  assert.deepEqual([on("0.0.0.0", [six]), on("2A00:1450:4001::1", [six])], [0, 1]);
});

Deno.test("probeExposure() is at peace with client certificates", () => {
  const config = "listeners: [{allow_anonymous: always, tls: {certificate: c, key: k, " +
    "client_ca: a, client_certificate: require}}]\n";
  assert.deepEqual(found(config, [PUBLIC]), []);
});

Deno.test("probeExposure() warns of passwords without TLS, but not behind a proxy or on loopback", () => {
  const cure = "broker cert makes certificates, and prints the 'tls:' to add; on this machine " +
    "alone: address: localhost";
  assert.deepEqual(found(USERS), [
    "warning 1: Listener '1883' takes passwords without TLS: everybody on the way in the local " +
    `network can read them | ${cure}`,
  ]);
  assert.deepEqual(found(USERS, [PUBLIC]), [
    "warning 1: Listener '1883' takes passwords without TLS: everybody on the way, on the internet " +
    `too (this machine has ${PUBLIC}), can read them | ${cure}`,
  ]);
  const safe = [
    "{address: localhost}",
    "{address: 127.0.0.1}",
    "{path: /run/s}",
    "{proxy_protocol: on, proxy_networks: [10.0.0.1]}",
    "{tls: {certificate: c, key: k}}",
  ];
  for (const listener of safe) {
    assert.deepEqual(found(`listeners: [${listener}]\n${USERS}`), [], listener);
  }
});

Deno.test("probeExposure() warns of web pages that may connect from everywhere", () => {
  const web = (more: string) =>
    found(`listeners:\n  - protocol: websocket\n    port: 9001\n    ${more}\n`);
  const cure = " | websocket: {origins: [https://PAGE.EXAMPLE]}";
  const takes = "Listener '9001' takes WebSocket connections of any web page";
  assert.deepEqual(web("allow_anonymous: local_network"), [
    `warning 2: ${takes}: one that is visited from the local network can read and send everything` +
    cure,
  ]);
  assert.deepEqual(web("allow_anonymous: never"), [`info 2: ${takes}${cure}`]);
  assert.deepEqual(web("websocket: {origins: [https://a.example]}"), []);
});

Deno.test("probePolicy() has what the settings say by themselves, with line and cure", () => {
  const config = "listeners:\n  - port: 1\n  - port: 2\n    allow_anonymous: always\n" +
    "  - port: 3\n    allow_anonymous: never\n  - {port: 4, proxy_protocol: on}\nacl_files: [a]\n";
  assert.deepEqual(policy(config), [
    "warning 3: Listener '2' serves anybody who reaches it, on all addresses and without TLS | " +
    "allow_anonymous: local_network; or users: broker passwd --help, and TLS: broker cert --help",
    "warning 5: Listener '3' serves nobody: it has 'allow_anonymous: never', and there are no " +
    "users | add users: broker passwd --help; or allow_anonymous: local_network",
    "warning 7: Listener '4' believes everybody who claims another address by the PROXY protocol: " +
    "name the proxies in proxy_networks | proxy_networks: [ADDRESS OF THE PROXY]",
  ]);
});

Deno.test("probePolicy() notes that there are no rules, where there are users", () => {
  assert.deepEqual(policy(USERS), [
    "info 1: There are no rules: whoever is let in may publish and subscribe to everything | " +
    "roles: [{name: all, allow: [readwrite %u/#]}]; broker explain --help shows what holds",
  ]);
  assert.deepEqual(policy(`${USERS}roles: [{name: all, allow: [readwrite a]}]\n`), []);
});

Deno.test("probePolicy() warns of passwords that go to another program in the clear", () => {
  const hook = (url: string) =>
    policy(`acl_files: [a]\nauthentication:\n  http:\n    url: "${url}"\n`);
  assert.deepEqual(hook("http://auth.example/x"), [
    "warning 4: Passwords are sent to 'authentication.http.url' without TLS: everybody on the way " +
    "can read them | url: https://...",
  ]);
  const safe = [
    "https://auth.example",
    "http://localhost:8080",
    "http://127.0.0.1",
    "http://[::1]",
  ];
  assert.deepEqual(safe.flatMap(hook), []);
});
