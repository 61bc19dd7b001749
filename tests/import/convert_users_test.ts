/** Users of password files, and when they may be users of all listeners. */

import assert from "node:assert/strict";
import { besideOutput } from "../../src/import/convert_users.ts";
import { importConf, passwordLines, pick, refusalOf, sha512Hash } from "./fixture.ts";

Deno.test("users keep their hashes, each with its line", async () => {
  const { settings, yaml, outcomes } = await importConf(
    ["listener 1883", "password_file DIR/pw"],
    { pw: `# people\n${passwordLines("ann", "J\u00f6rg B")}` },
  );
  assert.deepEqual(settings.users.map(({ name, password }) => [name, password]), [
    ["ann", sha512Hash("ann")],
    ["J\u00f6rg B", sha512Hash("J\u00f6rg B")],
  ]);
  assert.match(yaml, /- name: ann {2}# DIR\/pw:2\n/);
  assert.equal(pick(outcomes, "password_file DIR/pw"), "carried: users: 2 users");
});

Deno.test("a hash that Mosquitto knows and we do not matters, a line that is no user does not", async () => {
  const pw = `${passwordLines("ann")}plain:secret\nodd:$7$99999999$AAAA$BBBB\nnothing\n`;
  const { plan, settings } = await importConf(["listener 1", "password_file DIR/pw"], { pw });
  assert.deepEqual(settings.users.map(({ name }) => name), ["ann"]);
  const lines = plan.findings.filter(({ option }) => option === "(user)");
  assert.deepEqual(lines.map(({ place, matters }) => [place?.line, matters]), [
    [2, false],
    [3, true],
    [4, false],
  ]);
  assert.equal(JSON.stringify(plan).includes("secret"), false);
});

Deno.test("of two lines for one user the later one counts, and that is said", async () => {
  const pw = `ann:${sha512Hash("old")}\nann:${sha512Hash("new")}\n`;
  const { settings, yaml, plan } = await importConf(["listener 1", "password_file DIR/pw"], { pw });
  assert.deepEqual(settings.users.map(({ password }) => password), [sha512Hash("new")]);
  assert.match(yaml, /# DIR\/pw:2\n/);
  assert.equal(plan.findings.filter(({ matters }) => matters).length, 0);
});

Deno.test("many users go into a file beside broker.yaml", async () => {
  const names = Array.from({ length: 201 }, (_, index) => `user${index}`);
  const { plan, settings, yaml } = await importConf(
    ["listener 1883", "password_file DIR/pw"],
    { pw: passwordLines(...names) },
  );
  assert.deepEqual(settings.users, []);
  assert.match(yaml, /\n {2}password_files:\n {4}- DIR\/broker\.passwords {2}# 201 users\n/);
  assert.deepEqual(plan.copies, [{ path: "DIR/broker.passwords", text: passwordLines(...names) }]);
});

Deno.test("users of one listener alone would be users of the others, so that it matters", async () => {
  const conf = [
    "per_listener_settings true",
    "listener 1883",
    "allow_anonymous true",
    "listener 8883",
    "password_file DIR/pw",
  ];
  const one = await importConf(conf, { pw: passwordLines("ann") });
  assert.match(pick(one.outcomes, "password_file DIR/pw"), /^LOST: .* on 1883 needs one of them/);
  const both = await importConf(
    [...conf, "listener 8884", "password_file DIR/pw"].toSpliced(1, 2),
    {
      pw: passwordLines("ann"),
    },
  );
  assert.equal(Object.values(both.outcomes).some((text) => text.startsWith("LOST")), false);
  assert.deepEqual(both.settings.users.map(({ name }) => name), ["ann"]);
});

Deno.test("a listener where certificates prove names may go without the password file", async () => {
  const { outcomes } = await importConf(
    [
      "per_listener_settings true",
      "listener 1883",
      "password_file DIR/pw",
      "listener 8883",
      "certfile /c",
      "keyfile /k",
      "cafile /ca",
      "require_certificate true",
      "use_identity_as_username true",
    ],
    { pw: passwordLines("ann") },
  );
  assert.equal(pick(outcomes, "password_file DIR/pw"), "carried: users: 1 user");
});

Deno.test("the plugin of Mosquitto 2.1 reads the same file", async () => {
  const { settings, plan } = await importConf(
    [
      "global_plugin /usr/lib/mosquitto_password_file.so",
      "plugin_opt_password_file DIR/pw",
      "listener 1883",
    ],
    { pw: passwordLines("ann") },
  );
  assert.deepEqual(settings.users.map(({ name }) => name), ["ann"]);
  assert.deepEqual(plan.findings.filter(({ matters }) => matters), []);
});

Deno.test("a password file that cannot be read is an error where it is named", async () => {
  assert.match(
    await refusalOf(["listener 1883", "password_file /no/such"]),
    /^DIR\/mosquitto\.conf:2:1: Cannot open '\/no\/such': it does not exist\n/,
  );
});

Deno.test("besideOutput() names files after the one that is written", () => {
  assert.equal(besideOutput("/etc/b/broker.yaml", "acl"), "/etc/b/broker.acl");
  assert.equal(besideOutput("/etc/b/home.yml", "acl"), "/etc/b/home.acl");
  assert.equal(besideOutput("/etc/b/conf", "acl"), "/etc/b/conf.acl");
});

Deno.test("a user name that no client may have matters, and stops nobody else", async () => {
  const { settings, plan } = await importConf(
    ["listener 1883", "password_file DIR/pw", "acl_file DIR/acl"],
    {
      pw: passwordLines("ann", "tab\tin"),
      acl: "user ann\ntopic a\nuser tab\tin\ntopic b\n",
    },
  );
  assert.deepEqual(settings.users.map(({ name }) => name), ["ann"]);
  assert.deepEqual(settings.roles.map(({ name }) => name), ["user ann"]);
  const [lost, ...more] = plan.findings.filter(({ matters }) => matters);
  assert.deepEqual([lost?.place, lost?.value, more], [{ file: "DIR/pw", line: 2 }, "tab\tin", []]);
});

Deno.test("many users are in the text where there is no file beside it", async () => {
  const names = Array.from({ length: 201 }, (_, index) => `user${index}`);
  const { plan, settings } = await importConf(
    ["listener 1883", "password_file DIR/pw"],
    { pw: passwordLines(...names) },
    { output: undefined },
  );
  assert.deepEqual([settings.users.length, plan.copies], [201, []]);
});

Deno.test("a password file may be large, and is not quoted when it cannot be read", async () => {
  const { settings } = await importConf(
    ["listener 1883", "password_file DIR/pw"],
    { pw: `${passwordLines("ann")}# ${"x".repeat(1024 * 1024)}\n` },
  );
  assert.equal(settings.users.length, 1);
});
