/**
 * Users, roles and ways to log in that do not fit together.
 */

import assert from "node:assert/strict";
import { accessConflicts } from "../../src/config/conflicts_access.ts";
import { RawValues } from "../../src/config/raw_values.ts";
import { SecretText } from "../../src/config/secret.ts";

/** Each conflict as "path: message | hint". */
function conflictsOf(raw: unknown): string[] {
  return accessConflicts(new RawValues(raw)).map(({ path, message, hint }) =>
    `${path.join(".")}: ${message.replace(/^Cannot use '[^']*': /, "")}` +
    (hint === undefined ? "" : ` | ${hint}`)
  );
}

const USERS = [{ name: "ann", groups: ["family"] }, { name: "bob" }];

Deno.test("users and roles have names of their own", () => {
  assert.deepEqual(
    conflictsOf({
      users: [{ name: "ann" }, { name: "bob" }, { name: "ann" }, {}, {}],
      roles: [{ name: "r" }, { name: "r" }, { name: "r" }],
    }),
    [
      "users.2.name: 'ann' is the name of 'users[0]'",
      "roles.1.name: 'r' is the name of 'roles[0]'",
      "roles.2.name: 'r' is the name of 'roles[0]'",
    ],
  );
});

Deno.test("a role cannot be for users, groups or listeners that do not exist", () => {
  const roles = [{ users: ["bob", "anne"], groups: ["family", "famly"], listeners: ["1883", "x"] }];
  assert.deepEqual(conflictsOf({ users: USERS, roles }), [
    "roles.0.users.1: there is no user 'anne' | did you mean 'ann'?",
    "roles.0.groups.1: there is no group 'famly' | did you mean 'family'?",
    "roles.0.listeners.1: there is no listener 'x'",
  ]);
  assert.deepEqual(conflictsOf({ roles: [{ users: [], groups: [], listeners: [] }] }), []);
});

Deno.test("listeners are known by their name, port or path", () => {
  const listeners = [{ name: "garden", port: 1884 }, { path: "/a" }, { port: 5 }];
  const roles = [{ listeners: ["garden", "/a", 5, "1884", "1883"] }];
  assert.deepEqual(conflictsOf({ listeners, roles }), [
    "roles.0.listeners.3: there is no listener '1884'",
    "roles.0.listeners.4: there is no listener '1883'",
  ]);
});

Deno.test("users may be in files, and users and groups in what tokens and other programs say", () => {
  const roles = [{ users: ["x"], groups: ["y"] }];
  const authentication = { password_files: ["p"] };
  assert.deepEqual(conflictsOf({ roles, authentication }), [
    "roles.0.groups.0: there is no group 'y'",
  ]);
  const tls = { certificate: "c", key: "k", identity: "san" };
  assert.deepEqual(conflictsOf({ roles, listeners: [{ tls }] }), [
    "roles.0.groups.0: there is no group 'y'",
  ]);
  assert.deepEqual(conflictsOf({ roles, authentication: { jwt: { key: "k" } } }), []);
  assert.deepEqual(conflictsOf({ roles, authentication: { http: { url: "http://a" } } }), []);
});

Deno.test("a name from elsewhere is not shown, and one that could not be read says nothing more", () => {
  const roles = [{ users: [new SecretText("hunter2", true), new SecretText("", false)] }];
  assert.deepEqual(conflictsOf({ roles }), ["roles.0.users.0: there is no user of this name"]);
});

Deno.test("tokens are checked with one key", () => {
  const conflicts = (jwt: unknown) => conflictsOf({ authentication: { jwt } });
  assert.deepEqual(conflicts({ key: "a", key_file: "b", jwks_file: "c" }), [
    "authentication.jwt.key_file: 'key' is given, too; tokens are checked with one of them",
    "authentication.jwt.jwks_file: 'key' is given, too; tokens are checked with one of them",
  ]);
  assert.deepEqual(conflicts({ issuer: "a", audience: "b" }), [
    "authentication.jwt.issuer: there is no key that tokens could be checked with | " +
    "add one of 'key', 'key_file' and 'jwks_file'",
  ]);
  for (const jwt of [null, {}, { jwks_file: "a", issuer: "b" }, { username_claim: "sub" }]) {
    assert.deepEqual(conflicts(jwt), [], JSON.stringify(jwt));
  }
});

Deno.test("settings of the webhook need its URL", () => {
  const conflicts = (http: unknown) => conflictsOf({ authentication: { http } });
  const missing = "'url' is missing, and without it nobody is asked";
  assert.deepEqual(conflicts({ timeout: "3s", cache: "1m", authorization: "x" }), [
    `authentication.http.timeout: ${missing}`,
    `authentication.http.authorization: ${missing}`,
  ]);
  assert.deepEqual(conflicts({ url: "http://a", timeout: "3s" }), []);
});

Deno.test("accessConflicts() takes values of any kind without failing", () => {
  for (const value of [null, 5, "x", [], [null], [[]], {}, [{ users: "x", groups: [null] }]]) {
    assert.deepEqual(
      conflictsOf({ users: value, roles: value, authentication: value, listeners: value }),
      [],
      JSON.stringify(value),
    );
  }
});

Deno.test("anonymous: false is refused where it would restrict nothing", () => {
  const role = { name: "r", anonymous: false };
  assert.deepEqual(conflictsOf({ roles: [role] }), [
    "roles.0.anonymous: the role names no users and no groups, so it is for all",
  ]);
  assert.deepEqual(conflictsOf({ users: USERS, roles: [{ ...role, users: ["ann"] }] }), []);
});
