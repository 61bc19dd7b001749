/**
 * Settings that follow from others.
 */

import assert from "node:assert/strict";
import {
  hasCredentials,
  listenerNames,
  listenerOnPort,
  withDerived,
} from "../../src/config/derived.ts";
import { parseSettings } from "../../src/config/load.ts";
import { defaultSettings, readSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";

/** The settings of a text that must be right. */
function settingsOf(text: string): Settings {
  const loaded = parseSettings("/etc/broker.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded.settings;
}

const WITH_CREDENTIALS = [
  "users: [{name: ann}]",
  "authentication: {password_files: [a]}",
  "authentication: {jwt: {key: a}}",
  "authentication: {jwt: {key_file: a}}",
  "authentication: {jwt: {jwks_file: a}}",
  "authentication: {http: {url: 'http://a'}}",
];

Deno.test("anonymous clients are served from the local network until there are users of any kind", () => {
  for (const text of ["", "roles: [{name: a}]", "acl_files: [a]"]) {
    assert.equal(hasCredentials(settingsOf(text)), false, text);
    assert.equal(settingsOf(text).listeners[0]?.allowAnonymous, "local_network", text);
  }
  for (const text of WITH_CREDENTIALS) {
    assert.equal(hasCredentials(settingsOf(text)), true, text);
    assert.equal(settingsOf(text).listeners[0]?.allowAnonymous, "never", text);
  }
});

Deno.test("allow_anonymous that is given is what it is, with users or without", () => {
  for (const text of ["", "users: [{name: ann}]"]) {
    const { listeners } = settingsOf(
      `listeners: [{port: 1, allow_anonymous: always}, {port: 2, allow_anonymous: local_network}, ` +
        `{port: 3, allow_anonymous: never}]\n${text}`,
    );
    assert.deepEqual(listeners.map(({ allowAnonymous }) => allowAnonymous), [
      "always",
      "local_network",
      "never",
    ]);
  }
});

Deno.test("listenerNames() are the given ones, else path or port, and none is there twice", () => {
  assert.deepEqual(
    listenerNames([
      {},
      { name: "garden", port: 5 },
      { path: "/run/b.sock" },
      { port: 0 },
      { port: 0 },
      { name: "0-2" },
      { port: 1883, address: "::1" },
      { name: 1885 },
      null,
      "x",
    ]),
    ["1883", "garden", "/run/b.sock", "0", "0-3", "0-2", "1883-2", "1885", "1883-3", "1883-4"],
  );
});

Deno.test("listenerNames() do not say a port or a path that must not be shown", () => {
  const names = listenerNames(
    [{ port: 1 }, { path: "/a" }],
    (index, key) => index === 1 && key === "path",
  );
  assert.deepEqual(names, ["1", "listener-2"]);
});

Deno.test("withDerived() of the defaults are the defaults, frozen", () => {
  const settings = withDerived(defaultSettings(), {});
  assert.deepEqual(settings, defaultSettings());
  assert.deepEqual([settings, settings.listeners, settings.listeners[0]].map(Object.isFrozen), [
    true,
    true,
    true,
  ]);
});

Deno.test("listenerOnPort() is called by its port and serves whom the configuration says", () => {
  const [template] = defaultSettings().listeners;
  assert.ok(template);
  const { port, name, allowAnonymous } = listenerOnPort(
    template,
    settingsOf("users: [{name: ann}]"),
    1999,
  );
  assert.deepEqual({ port, name, allowAnonymous }, {
    port: 1999,
    name: "1999",
    allowAnonymous: "never",
  });
});

Deno.test("where a certificate is the name, whoever has none is not served by default", () => {
  const listeners = [{ tls: { identity: "common_name" } }, { port: 1884 }];
  const { listeners: [first, second] } = readSettings({ listeners });
  assert.deepEqual([first?.allowAnonymous, second?.allowAnonymous], ["never", "local_network"]);
});
