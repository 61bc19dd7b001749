/**
 * Settings: names, units and defaults as the type promises them, frozen, and the same with and
 * without the schema.
 */

import assert from "node:assert/strict";
import { readLeaf } from "../../src/config/leaf.ts";
import { parseSettings } from "../../src/config/load.ts";
import { everyRow } from "../../src/config/path.ts";
import { defaultSettings, isLeaf, readSection } from "../../src/config/read.ts";
import {
  choice,
  choices,
  count,
  duration,
  list,
  section,
  type SettingsOf,
  size,
  text,
  texts,
  toggle,
} from "../../src/config/row.ts";
import type { Settings } from "../../src/config/settings.ts";

const MIB = 1024 * 1024;

const PORT = { from: 0, to: 9, unit: "", about: "" };

const DEFAULTS = defaultSettings();
const [DEFAULT_LISTENER] = DEFAULTS.listeners;

/** The settings of a text that must be right. */
function settingsOf(text: string): Settings {
  const loaded = parseSettings("test.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded.settings;
}

Deno.test("readSection() gives names, units and values as the type promises them", () => {
  const rows = {
    max_packet_size: size("16 MiB", { from: "1 B", to: "1 GiB", about: "" }),
    max_queued_bytes: size("1 kB", { from: "1 B", to: "1 GiB", about: "" }),
    max_bytes_per_client: size("2 B", { from: "1 B", to: "1 GiB", about: "" }),
    sys_interval: duration("5m", { from: "0s", to: "1d", about: "" }),
    max_keepalive: duration("never", { from: "1s", to: "1d", never: "word", about: "" }),
    max_qos: count(2, { from: 0, to: 2, unit: "", about: "" }),
    max_connections: count("none", { from: 1, to: 9, unit: "", none: true, about: "" }),
    queue_overflow: choice("drop", ["drop", "keep"], ""),
    queue_qos0_messages: toggle(false, ""),
    address: text("all", "address", ""),
    path: text(undefined, "file path", ""),
    own_size: size(undefined, { from: "1 B", to: "1 GiB", about: "" }),
    names: texts(["a"], "name", ""),
    networks: texts(undefined, "network", ""),
    versions: choices(["1"], ["1", "2"], ""),
    inner: section("", { idle_time: duration("1s", { from: "0s", to: "1d", about: "" }) }),
    items: list(["all", { port: 7 }], section("", { port: count(1, PORT) }), "", ["all"]),
  };
  // The compiler compares this literal with the type, the assertion with the values.
  const expected: SettingsOf<typeof rows> = {
    maxPacketSizeBytes: 16 * MIB,
    maxQueuedBytes: 1000,
    maxBytesPerClient: 2,
    sysIntervalMs: 300_000,
    maxKeepaliveMs: Infinity,
    maxQos: 2,
    maxConnections: Infinity,
    queueOverflow: "drop",
    queueQos0Messages: false,
    address: "all",
    path: undefined,
    ownSizeBytes: undefined,
    names: ["a"],
    networks: undefined,
    versions: ["1"],
    inner: { idleTimeMs: 1000 },
    items: ["all", { port: 7 }],
  };
  assert.deepEqual(readSection(rows, {}), expected);
});

Deno.test("parseSettings() of an empty file and of empty sections gives the defaults", () => {
  const texts = [
    "",
    "# nothing\n",
    "---\n",
    "{}",
    "\ufeff",
    "limits:\nsessions:\nlogging:\n  levels:\nlisteners:\n",
  ];
  for (const text of texts) assert.deepEqual(settingsOf(text), DEFAULTS, JSON.stringify(text));
});

Deno.test("every default is a value that its row allows", () => {
  const refused = everyRow().filter(({ row }) => isLeaf(row) && !readLeaf(row, undefined).ok);
  assert.deepEqual(refused.map(({ path }) => path.join(".")), []);
});

Deno.test("settings are frozen at every depth", () => {
  const thawed: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (!Object.isFrozen(value)) thawed.push(path);
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
  };
  visit(settingsOf("logging: {destinations: [stdout, {file: a.log}]}"), "settings");
  assert.deepEqual(thawed, []);
});

Deno.test("parseSettings() reads every kind of value", () => {
  const settings = settingsOf(`
listeners:
  - {port: 0, address: "::1", allow_anonymous: never}
  - {path: /run/b.sock, max_connections: 7}
limits:
  max_packet_size: 100 kB
  max_connect_packet_size: 2048
  max_connections_per_address: 0
  connect_timeout: 90
  max_keepalive: 0
features: {max_qos: 1, retain_available: false}
sessions: {queue_overflow: disconnect, max_session_expiry_interval: 0}
sys_interval: 0
logging:
  level: warning
  levels: {client: debug}
  destinations: [stdout, {file: a.log, max_size: 1 MB}]
`);
  assert.deepEqual(settings, {
    ...DEFAULTS,
    listeners: [
      {
        ...DEFAULT_LISTENER,
        name: "0",
        port: 0,
        address: "::1",
        path: undefined,
        maxConnections: Infinity,
        allowAnonymous: "never",
      },
      {
        ...DEFAULT_LISTENER,
        name: "/run/b.sock",
        port: 1883,
        address: "all",
        path: "/run/b.sock",
        maxConnections: 7,
        allowAnonymous: "local_network",
      },
    ],
    limits: {
      ...DEFAULTS.limits,
      maxPacketSizeBytes: 100_000,
      maxConnectPacketSizeBytes: 2048,
      connectTimeoutMs: 90_000,
    },
    features: { retainAvailable: false, maxQos: 1 },
    sessions: {
      ...DEFAULTS.sessions,
      queueOverflow: "disconnect",
      maxSessionExpiryIntervalMs: 0,
    },
    sysIntervalMs: Infinity,
    logging: {
      ...DEFAULTS.logging,
      level: "warning",
      levels: { ...DEFAULTS.logging.levels, client: "debug" },
      destinations: ["stdout", { file: "a.log", maxSizeBytes: 1_000_000, keep: 5 }],
    },
  });
});

Deno.test("a default gives way to a smaller limit that is given for all together", () => {
  const settings = settingsOf(
    "limits: {max_packet_size: 4 KiB, max_buffered_bytes: 1 MiB, max_subscriptions: 50}\n" +
      "sessions: {max_total_queued_bytes: 2 MiB}\n",
  );
  assert.equal(settings.limits.maxConnectPacketSizeBytes, 4096);
  assert.equal(settings.limits.maxBufferedBytesPerClient, MIB);
  assert.equal(settings.limits.maxSubscriptionsPerClient, 50);
  assert.equal(settings.sessions.maxQueuedBytes, 2 * MIB);
});

Deno.test("parseSettings() understands anchors, aliases and merged keys", () => {
  const settings = settingsOf(`
listeners:
  - &home {port: 1883, address: 192.168.1.2, allow_anonymous: always}
  - {<<: *home, port: 1884}
logging: {level: &level debug, levels: {client: *level}}
`);
  assert.deepEqual(
    settings.listeners.map(({ port, address, allowAnonymous }) => ({
      port,
      address,
      allowAnonymous,
    })),
    [
      { port: 1883, address: "192.168.1.2", allowAnonymous: "always" },
      { port: 1884, address: "192.168.1.2", allowAnonymous: "always" },
    ],
  );
  assert.equal(settings.logging.levels.client, "debug");
});

Deno.test("parseSettings() reads users, roles and listeners with all they have", () => {
  const hash = `$7$101$aaaa$${"a".repeat(84)}aQ==`;
  const { listeners, users, roles, authentication } = settingsOf(`
listeners:
  - name: garden
    path: /run/b.sock
    mode: "0660"
    owner: 1000
    max_packet_size: 4 KiB
users:
  - {name: ann, password: ${hash}, groups: [family]}
roles:
  - {name: r, users: [ann], networks: [10.0.0.0/8], listeners: [garden], allow: [publish a/%u]}
  - {name: s, anonymous: true, users: [], deny: ["readwrite #"]}
authentication: {failed_logins_before_ban: none, ban_time: 1h}
`);
  const [listener] = listeners;
  assert.deepEqual(
    [listener?.name, listener?.mode, listener?.owner, listener?.maxPacketSizeBytes],
    ["garden", "0660", "1000", 4096],
  );
  assert.deepEqual(users, [
    { name: "ann", password: hash, scram: undefined, groups: ["family"] },
  ]);
  const nobody = { users: undefined, groups: undefined, clientIdentifiers: undefined };
  assert.deepEqual(roles, [
    {
      ...nobody,
      name: "r",
      users: ["ann"],
      anonymous: false,
      listeners: ["garden"],
      networks: ["10.0.0.0/8"],
      allow: ["publish a/%u"],
      deny: [],
    },
    {
      ...nobody,
      name: "s",
      users: [],
      anonymous: true,
      listeners: undefined,
      networks: undefined,
      allow: [],
      deny: ["readwrite #"],
    },
  ]);
  assert.deepEqual(
    [authentication.failedLoginsBeforeBan, authentication.banTimeMs],
    [Infinity, 3_600_000],
  );
});
