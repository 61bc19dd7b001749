/**
 * `broker check`: users that roles name and that are nowhere.
 */

import assert from "node:assert/strict";
import { usersNowhere } from "../../src/check/probe_roles.ts";
import { loadedFrom, shown } from "./fake_machine.ts";

const ROLES = "roles:\n  - name: r\n    users:\n      - ann\n      - bob\n      - zoe\n";

function nowhere(text: string, inFiles: readonly string[] = []): string[] {
  return shown(usersNowhere(loadedFrom(ROLES + text), new Set(inFiles)));
}

Deno.test("usersNowhere() knows users of the configuration and of password files", () => {
  const text = "users: [{name: ann}]\nauthentication: {password_files: [p]}\n";
  assert.deepEqual(nowhere(text, ["bob"]), [
    "warning 6: There is no user 'zoe', neither here nor in a password file | " +
    "broker passwd '/etc/broker/p' 'zoe'",
  ]);
  assert.deepEqual(nowhere(text, ["bob", "zoe"]), []);
});

Deno.test("usersNowhere() is silent where users may come from elsewhere", () => {
  const texts = [
    "authentication: {jwt: {key: k}}\n",
    "authentication: {http: {url: 'http://a'}}\n",
    "listeners: [{tls: {certificate: c, key: k, client_ca: a, client_certificate: require, " +
    "identity: san}}]\n",
  ];
  assert.deepEqual(texts.flatMap((text) => nowhere(text)), []);
});
