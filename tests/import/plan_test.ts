/**
 * Whole configurations as people have them: Debian's package, Home Assistant's add-on, Zigbee2MQTT's
 * documentation. Written by us after what they document.
 */

import assert from "node:assert/strict";
import { importConf, type Imported, passwordLines, pick, refusalOf } from "./fixture.ts";

function mattering({ plan }: Imported): string[] {
  return plan.findings.filter(({ matters }) => matters).map(({ option }) => option);
}

/** As Debian installs it, with what people put into conf.d. */
const DEBIAN = [
  "# Place your local configuration in /etc/mosquitto/conf.d/",
  "",
  "pid_file /run/mosquitto/mosquitto.pid",
  "",
  "persistence true",
  "persistence_location DIR/lib/",
  "",
  "log_dest file /var/log/mosquitto/mosquitto.log",
  "",
  "include_dir DIR/conf.d",
];

Deno.test("Debian's configuration as it is serves this machine alone", async () => {
  const imported = await importConf(DEBIAN, {
    "conf.d/README": "no option",
    "lib/none": "",
  });
  assert.deepEqual(mattering(imported), []);
  assert.deepEqual(imported.settings.listeners.map(({ address }) => address), ["127.0.0.1", "::1"]);
  assert.equal(imported.plan.database, undefined);
});

Deno.test("Debian's configuration with users and a database is carried over", async () => {
  const imported = await importConf(DEBIAN, {
    "conf.d/local.conf": "listener 1883\nallow_anonymous false\npassword_file DIR/passwd\n",
    passwd: passwordLines("ann"),
    "lib/mosquitto.db": "",
  });
  assert.deepEqual(mattering(imported), []);
  const { settings, plan } = imported;
  assert.deepEqual(settings.listeners.map(({ port, allowAnonymous }) => [port, allowAnonymous]), [
    [1883, "never"],
  ]);
  assert.deepEqual(settings.users.map(({ name }) => name), ["ann"]);
  assert.equal(plan.database?.source, "DIR/lib/mosquitto.db");
  assert.equal(settings.persistence.path, plan.database?.target);
  assert.equal(plan.database?.usersAreProven, true);
});

/** What the add-on makes of its template, with TLS. */
const HOME_ASSISTANT = [
  "user root",
  "log_dest stdout",
  "log_type error",
  "log_type warning",
  "log_type notice",
  "log_type information",
  "log_timestamp_format %Y-%m-%d %H:%M:%S",
  "persistence true",
  "persistence_location /data/no-such-folder/",
  "max_queued_messages 8192",
  "auth_plugin /usr/share/mosquitto/go-auth.so",
  "auth_plugin_deny_special_chars false",
  "auth_opt_backends files,http",
  "auth_opt_hasher pbkdf2",
  "auth_opt_files_password_path /etc/mosquitto/pw",
  "auth_opt_files_acl_path /etc/mosquitto/acl",
  "auth_opt_http_host 127.0.0.1",
  "listener 1883",
  "protocol mqtt",
  "listener 1884",
  "protocol websockets",
  "listener 8883",
  "protocol mqtt",
  "cafile /ssl/fullchain.pem",
  "certfile /ssl/fullchain.pem",
  "keyfile /ssl/privkey.pem",
  "require_certificate false",
];

Deno.test("of Home Assistant's add-on, its plugin cannot be carried over, nor data that is not here", async () => {
  const imported = await importConf(HOME_ASSISTANT);
  assert.deepEqual(mattering(imported), ["persistence_location", "auth_plugin"]);
  assert.match(
    pick(imported.outcomes, "auth_plugin /usr/share/mosquitto/go-auth.so"),
    /'broker passwd' makes the hash.*Home Assistant itself/,
  );
  const { settings, yaml } = imported;
  assert.deepEqual(
    settings.listeners.map(({ port, protocol, tls, allowAnonymous }) =>
      `${port} ${protocol} ${tls.certificate ?? "plain"} ${allowAnonymous}`
    ),
    [
      "1883 mqtt plain never",
      "1884 websocket plain never",
      "8883 mqtt /ssl/fullchain.pem never",
    ],
  );
  assert.deepEqual(
    [settings.sessions.maxQueuedMessages, settings.logging.level, settings.logging.destinations],
    [8192, "info", ["stdout"]],
  );
  assert.match(yaml, /There is nobody yet/);
});

Deno.test("Zigbee2MQTT's documentation starts Mosquitto without users", async () => {
  const imported = await importConf(["listener 1883", "allow_anonymous true"]);
  assert.deepEqual(mattering(imported), []);
  assert.deepEqual(
    imported.settings.listeners.map(({ port, address, allowAnonymous }) =>
      `${address}:${port} ${allowAnonymous}`
    ),
    ["all:1883 always"],
  );
});

Deno.test("paths of a container are found where its folders are", async () => {
  const conf = [
    "persistence true",
    "persistence_location /mosquitto/data/",
    "log_dest stdout",
    "listener 1883",
    "listener 9001",
    "protocol websockets",
    "password_file /mosquitto/config/password.txt",
  ];
  const files = { "config/password.txt": passwordLines("z2m"), "data/mosquitto.db": "" };
  const refused = await refusalOf(conf, files);
  assert.match(refused, /:7:1: Cannot open '\/mosquitto\/config\/password\.txt'/);
  assert.match(refused, /hint: .*--path \/mosquitto=/);
  const found = await importConf(conf, files, { paths: [{ from: "/mosquitto", to: "DIR" }] });
  assert.deepEqual(mattering(found), []);
  assert.deepEqual(found.settings.users.map(({ name }) => name), ["z2m"]);
  assert.equal(found.plan.database?.source, "DIR/data/mosquitto.db");
});

Deno.test("a configuration that would be too large to be read is not made", async () => {
  const names = Array.from({ length: 7000 }, (_, index) => `device${index}`);
  const report = await refusalOf(
    [
      "per_listener_settings true",
      "listener 1883",
      "acl_file DIR/acl",
      "password_file DIR/pw",
      "listener 1884",
    ],
    {
      acl: names.map((name) => `user ${name}\ntopic devices/${name}/#\npattern read %c\n`).join(""),
      pw: passwordLines(...names),
    },
  );
  assert.match(report, /^Cannot use what was made of it: it is larger than the 1 MiB that can be/);
});
