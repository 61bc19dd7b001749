/** Where clients connect, and whether they need a name: as Mosquitto has it, said in each listener. */

import assert from "node:assert/strict";
import { listenerName, servesAnonymous } from "../../src/import/convert_listeners.ts";
import { modelConf } from "../../src/import/conf_model.ts";
import type { Conversion } from "../../src/import/conversion.ts";
import { importConf, type Imported, passwordLines, pick, refusalOf } from "./fixture.ts";

function whoWhere({ settings }: Imported): string[] {
  return settings.listeners.map(({ port, address, allowAnonymous }) =>
    `${address}:${port} ${allowAnonymous}`
  );
}

Deno.test("without a listener this machine alone is served, without a name", async () => {
  const plain = await importConf("");
  assert.deepEqual(whoWhere(plain), ["127.0.0.1:1883 always", "::1:1883 always"]);
  const users = await importConf(
    ["allow_anonymous false", "password_file DIR/pw"],
    { pw: passwordLines("ann") },
  );
  assert.deepEqual(whoWhere(users), ["127.0.0.1:1883 always", "::1:1883 always"]);
  assert.match(
    pick(users.outcomes, "allow_anonymous false"),
    /^changed: Mosquitto does not look at it without a 'listener'/,
  );
});

Deno.test("options that make the default listener open it to all, as in Mosquitto 2.0", async () => {
  const imported = await importConf(["max_connections 5"]);
  assert.deepEqual(whoWhere(imported), ["all:1883 always"]);
  assert.match(pick(imported.outcomes, "listener 1883"), /^carried: .*Mosquitto 2\.1 serves this/);
});

Deno.test("with a listener nobody is served without a name, unless it is said", async () => {
  const silent = await importConf(["listener 1883"]);
  assert.deepEqual(whoWhere(silent), ["all:1883 never"]);
  assert.match(silent.yaml, /# There is nobody yet, and without a name nobody may connect\.\n/);
  assert.equal(
    pick(silent.outcomes, "allow_anonymous false"),
    "carried: listeners: allow_anonymous: never",
  );
  const open = await importConf(["listener 1883", "allow_anonymous true"]);
  assert.deepEqual(whoWhere(open), ["all:1883 always"]);
});

Deno.test("listener_allow_anonymous goes before allow_anonymous", async () => {
  const imported = await importConf([
    "allow_anonymous true",
    "listener 1883",
    "listener 1884 10.0.0.1",
    "listener_allow_anonymous false",
  ]);
  assert.deepEqual(whoWhere(imported), ["all:1883 always", "10.0.0.1:1884 never"]);
});

Deno.test("with per_listener_settings each listener has its own allow_anonymous", async () => {
  const imported = await importConf([
    "per_listener_settings true",
    "listener 1883",
    "allow_anonymous true",
    "listener 1883 ::1",
  ].map((line) => line.replace("1883 ::1", "1884")));
  assert.deepEqual(whoWhere(imported), ["all:1883 always", "all:1884 never"]);
});

Deno.test("protocols, origins, versions, mount points and the rest of a listener are carried", async () => {
  const { settings, outcomes } = await importConf([
    "listener 9001",
    "protocol websockets",
    "websockets_origin https://a.example",
    "websockets_origin https://b.example",
    "accept_protocol_versions 4, 5",
    "mount_point up/",
    "max_qos 1",
    "max_connections 7",
    "enable_proxy_protocol 2",
    "use_username_as_clientid true",
    "socket_domain ipv4",
    "listener 0 /run/mqtt.sock",
    "socket_domain ipv4",
  ]);
  const [web, unix] = settings.listeners;
  assert.equal(web?.address, "0.0.0.0");
  assert.equal(web?.protocol, "websocket");
  assert.deepEqual(web?.websocket.origins, ["https://a.example", "https://b.example"]);
  assert.deepEqual(web?.protocolVersions, ["3.1.1", "5"]);
  assert.deepEqual([web?.mountPoint, web?.maxQos, web?.maxConnections], ["up/", 1, 7]);
  assert.deepEqual([web?.proxyProtocol, web?.useUsernameAsClientid], ["on", true]);
  assert.equal(unix?.path, "/run/mqtt.sock");
  assert.match(pick(outcomes, "protocol websockets"), /^changed: .*paths \/ and \/mqtt/);
});

Deno.test("what has no counterpart and changes where or whom is served matters", async () => {
  const { outcomes, settings } = await importConf([
    "listener 1883",
    "bind_interface eth0",
    "http_dir /var/www",
    "listener 8080",
    "protocol http_api",
    "max_connections 5",
  ]);
  assert.deepEqual(settings.listeners.map(({ port }) => port), [1883]);
  assert.match(pick(outcomes, "bind_interface eth0"), /^LOST: name the address/);
  assert.match(pick(outcomes, "http_dir /var/www"), /^LOST/);
  assert.match(pick(outcomes, "listener 8080"), /^LOST/);
  assert.match(pick(outcomes, "max_connections 5"), /^left out: an option of the listener above/);
});

Deno.test("an HTTP API alone makes no broker", async () => {
  const report = await refusalOf(["listener 8080", "protocol http_api"]);
  assert.match(report, /:1:1: Cannot use 'listener': it is no listener for MQTT/);
});

Deno.test("Topic Aliases are for all listeners, Client Identifiers begin alike on each", async () => {
  const { settings, outcomes } = await importConf([
    "clientid_prefixes secure-",
    "listener 1883",
    "max_topic_alias 5",
    "listener 1884",
    "max_topic_alias 9",
    "max_topic_alias_broker 3",
  ]);
  assert.deepEqual([settings.limits.maxTopicAlias, settings.limits.maxTopicAliasBroker], [9, 3]);
  assert.equal(pick(outcomes, "max_topic_alias 9"), "carried: limits.max_topic_alias: 9");
  assert.match(pick(outcomes, "max_topic_alias 5"), /^changed: .*for all listeners/);
  assert.match(pick(outcomes, "max_topic_alias_broker 3"), /^changed/);
  assert.deepEqual(settings.listeners.map(({ clientidPrefixes }) => clientidPrefixes), [
    ["secure-"],
    ["secure-"],
  ]);
  const named = await importConf([
    "clientid_prefixes a",
    "listener 1883",
    "use_username_as_clientid 1",
  ]);
  assert.match(pick(named.outcomes, "clientid_prefixes a"), /^LOST/);
});

Deno.test("listeners of one port have different names", () => {
  const model = modelConf([], { fail: () => {} } as never);
  const shared = { address: undefined, path: undefined, options: new Map(), origins: [] };
  const make = (port: number) =>
    ({ ...shared, port, access: new Map(), isDefault: false }) as never;
  const [one, two, three] = [make(1883), make(1883), make(1884)];
  const conversion = { model: { ...model, listeners: [one, two, three] } } as unknown as Conversion;
  const names = [one, two, three].map((listener) => listenerName(conversion, listener));
  assert.deepEqual(names, ["1883", "1883-2", "1884"]);
  assert.equal(servesAnonymous(conversion, one), true);
});

Deno.test("a mount point is the beginning of topics here, and any other text matters", async () => {
  const good = await importConf(["listener 1883", "mount_point garden/"]);
  assert.match(pick(good.outcomes, "mount_point garden/"), /^changed: .* get topics without it/);
  for (const text of ["garden", "$own/", "a/+/"]) {
    const { settings, outcomes } = await importConf(["listener 1883", `mount_point ${text}`]);
    assert.match(pick(outcomes, `mount_point ${text}`), /^LOST: a prefix is whole levels/);
    assert.equal(settings.listeners[0]?.mountPoint, "");
  }
});

Deno.test("values that are out of our range are brought into it, or matter", async () => {
  const { settings, outcomes } = await importConf([
    "listener 9001",
    "protocol websockets",
    "max_connections 2147483647",
    "websockets_origin https://a.example/path",
    "websockets_origin https://b.example",
  ]);
  const [web] = settings.listeners;
  assert.equal(web?.maxConnections, 1_000_000);
  assert.deepEqual(web?.websocket.origins, ["https://b.example"]);
  assert.match(pick(outcomes, "websockets_origin https://a.example/path"), /^LOST: no browser/);
});

Deno.test("the HTTP API is no listener that users and rules are for", async () => {
  const { settings, outcomes } = await importConf([
    "per_listener_settings true",
    "listener 8080",
    "protocol http_api",
    "password_file DIR/other",
    "listener 1883",
    "password_file DIR/pw",
    "acl_file DIR/acl",
  ], { pw: passwordLines("ann"), acl: "user ann\ntopic a\n" });
  assert.match(pick(outcomes, "password_file DIR/other"), /^left out: an option of the listener/);
  assert.equal(pick(outcomes, "password_file DIR/pw"), "carried: users: 1 user");
  assert.deepEqual(settings.users.map(({ name }) => name), ["ann"]);
  assert.deepEqual(settings.roles.map(({ name }) => name), ["user ann"]);
});

Deno.test("an address that is none is an error where it stands", async () => {
  const report = await refusalOf(["listener 1883 10.0.0.300", "bind_address [::1]"]);
  assert.match(report, /:1:1: Cannot use 'listener': '10\.0\.0\.300' is no IP address and no host/);
  assert.match(report, /:2:1: Cannot use 'bind_address': '\[::1\]' is no IP address and no host/);
});
