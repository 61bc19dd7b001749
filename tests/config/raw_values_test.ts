/**
 * The values of a file, plain, with what is known of their secrets.
 */

import assert from "node:assert/strict";
import { RawValues } from "../../src/config/raw_values.ts";
import { SecretText } from "../../src/config/secret.ts";

const secret = (text: string, isKnown = true) => new SecretText(text, isKnown);

Deno.test("RawValues puts texts from elsewhere in place, as the kind that their row wants", () => {
  const values = new RawValues({
    limits: { max_sessions: secret("5"), max_packet_size: secret("4 KiB") },
    features: { retain_available: secret("False"), max_qos: secret("two") },
    users: [{ name: secret("007") }, { name: "bob" }],
  });
  assert.deepEqual(values.root, {
    limits: { max_sessions: 5, max_packet_size: "4 KiB" },
    features: { retain_available: false, max_qos: "two" },
    users: [{ name: "007" }, { name: "bob" }],
  });
  assert.deepEqual([...values.secrets], [
    "limits.max_sessions",
    "limits.max_packet_size",
    "features.retain_available",
    "features.max_qos",
    "users[0].name",
  ]);
});

Deno.test("RawValues knows what must not be shown, and what could not be read", () => {
  const values = new RawValues({
    users: [{ name: secret("", false), password: "x" }, { name: "bob" }],
  });
  const paths = [["users", 0, "name"], ["users", 0, "password"], ["users", 1, "name"]];
  assert.deepEqual(paths.map((path) => values.isSecret(path)), [true, true, false]);
  assert.deepEqual(paths.map((path) => values.isUnknown(path)), [true, false, false]);
  assert.deepEqual(paths.map((path) => values.shown(path)), [
    "the value (not shown)",
    "the value (not shown)",
    "'bob'",
  ]);
});

Deno.test("isGiven() is false for a default that was written out", () => {
  const values = new RawValues({
    listeners: [
      {
        tls: { min_version: 1.2, client_certificate: "require" },
        websocket: { paths: ["/", "/mqtt"] },
      },
      { websocket: { paths: ["/"], origins: [] }, tls: null, mode: "0660" },
    ],
    authentication: { http: { timeout: "5000ms", cache: "2m" } },
  });
  const given = [
    ["listeners", 0, "tls", "client_certificate"],
    ["listeners", 1, "websocket", "paths"],
    ["listeners", 1, "mode"],
    ["authentication", "http", "cache"],
  ];
  const notGiven = [
    ["listeners", 0, "tls", "min_version"],
    ["listeners", 0, "websocket", "paths"],
    ["listeners", 1, "websocket", "origins"],
    ["listeners", 1, "tls"],
    ["listeners", 1, "owner"],
    ["authentication", "http", "timeout"],
  ];
  assert.deepEqual(given.filter((path) => !values.isGiven(path)), []);
  assert.deepEqual(notGiven.filter((path) => values.isGiven(path)), []);
});

Deno.test("a value that holds itself is left as it is", () => {
  const list: unknown[] = ["x"];
  list.push(list);
  const values = new RawValues({ a: list });
  assert.equal(values.at(["a", 0]), "x");
  assert.equal(Array.isArray(values.at(["a", 1])), true);
});
