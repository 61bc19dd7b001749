/**
 * What a reload reports, from two configurations.
 */

import assert from "node:assert/strict";
import { describeDifferences } from "../../src/config/differences.ts";
import { type RawMap, readSettings } from "../../src/config/read.ts";

function differences(before: RawMap, after: RawMap): string[] {
  return describeDifferences(readSettings(before), readSettings(after)).map(({ text }) => text);
}

Deno.test("describeDifferences() tells a value, and what it was, as broker.yaml writes them", () => {
  assert.deepEqual(
    differences(
      { features: { max_qos: 2 } },
      {
        features: { max_qos: 1 },
        limits: { max_connections_per_address: 5, max_packet_size: "1 MiB" },
        sys_interval: "never",
      },
    ),
    [
      "limits.max_connections_per_address: 5, was none",
      "limits.max_packet_size: 1 MiB, was 16 MiB",
      "features.max_qos: 1, was 2",
      "sys_interval: never, was 10s",
    ],
  );
});

Deno.test("describeDifferences() tells listeners, users and roles apart by their names", () => {
  assert.deepEqual(
    differences(
      {
        listeners: [{ port: 1883, name: "house" }, { port: 1884, name: "garden" }],
        roles: [{ name: "r", allow: ["publish a"] }],
      },
      {
        listeners: [{ port: 1885, name: "gate" }, { port: 1883, name: "house", max_qos: 1 }],
        roles: [{ name: "r", allow: ["publish a", "publish b"] }],
      },
    ).filter((line) => !line.includes("allow_anonymous")),
    [
      "listeners: 'garden' is gone",
      "listeners: 'gate' is new",
      "listeners 'house' max_qos: 1, was 2",
      "roles 'r' allow: publish a, publish b, was publish a",
    ],
  );
});

Deno.test("describeDifferences() never shows a secret", () => {
  const lines = differences(
    {
      users: [{ name: "ann", password: `$7$101$aaaa$${"a".repeat(84)}aQ==` }],
      authentication: { jwt: { key: "k1" } },
    },
    {
      users: [{ name: "ann", password: `$7$101$aaaa$${"b".repeat(84)}aQ==` }],
      authentication: { jwt: { key: "k2" } },
    },
  );
  assert.deepEqual(lines, ["users 'ann' password: changed", "authentication.jwt.key: changed"]);
});

Deno.test("describeDifferences() finds none between equal configurations", () => {
  const raw = { listeners: [{ port: 1883 }], users: [{ name: "ann" }] };
  assert.deepEqual(differences(raw, structuredClone(raw)), []);
});

Deno.test("describeDifferences() names the key without items, for who decides by it", () => {
  const found = describeDifferences(
    readSettings({ listeners: [{ port: 1883 }] }),
    readSettings({
      listeners: [{ port: 1883, max_connections: 7 }],
      persistence: { path: "other" },
    }),
  );
  assert.deepEqual(found.map(({ key }) => key), ["listeners.max_connections", "persistence.path"]);
});
