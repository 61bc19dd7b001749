/** ACL files become roles where roles mean the same, and stay files where they do not. */

import assert from "node:assert/strict";
import { parseAclFile } from "../../src/config/acl_file.ts";
import { rolesFault } from "../../src/import/convert_rules.ts";
import type { ConvertedUsers } from "../../src/import/convert_users.ts";
import { importConf, passwordLines, pick, refusalOf } from "./fixture.ts";

const CONF = ["listener 1883", "allow_anonymous true", "password_file DIR/pw", "acl_file DIR/acl"];

Deno.test("topic lines become roles, each rule with its line", async () => {
  const acl = "topic read hall/#\nuser ann\ntopic home/#\ntopic deny home/x\ntopic read $SYS/#\n";
  const { settings, yaml, plan, outcomes } = await importConf(CONF, {
    pw: passwordLines("ann"),
    acl,
  });
  assert.deepEqual(
    settings.roles.map(({ name, users, anonymous, allow, deny }) => ({
      name,
      users,
      anonymous,
      allow,
      deny,
    })),
    [
      {
        name: "anonymous clients",
        users: undefined,
        anonymous: true,
        allow: ["subscribe hall/#"],
        deny: [],
      },
      {
        name: "user ann",
        users: ["ann"],
        anonymous: false,
        allow: ["readwrite home/#", "subscribe $SYS/#"],
        deny: ["readwrite home/x"],
      },
    ],
  );
  assert.match(
    yaml,
    /- "readwrite home\/x" {2}# DIR\/acl:4\n|- readwrite home\/x {2}# DIR\/acl:4\n/,
  );
  assert.deepEqual([plan.copies, settings.aclFiles], [[], []]);
  assert.match(pick(outcomes, "acl_file DIR/acl"), /^carried: roles; /);
});

Deno.test("an ACL file without rules still forbids everything", async () => {
  const { settings } = await importConf(CONF, { pw: passwordLines("ann"), acl: "# nothing\n" });
  assert.deepEqual(settings.roles.map(({ name, allow }) => [name, allow]), [[
    "nobody may anything",
    [],
  ]]);
});

const SAFE: ConvertedUsers = { names: new Set(["ann"]), areProven: true, areAll: true };

function faultOf(acl: string, users: ConvertedUsers = SAFE): string | undefined {
  return rolesFault(parseAclFile("acl", acl).layers, users);
}

Deno.test("rolesFault() finds every line that roles would read in another way", () => {
  assert.equal(
    faultOf("user ann\ntopic deny a\npattern read dev/%c/#\npattern write %c/%u"),
    undefined,
  );
  assert.match(faultOf("topic read %c/x") ?? "", /'topic %c\/x' is not a pattern/);
  assert.match(faultOf("pattern deny dev/%c") ?? "", /'pattern deny'/);
  assert.match(faultOf("pattern read user/%u/#") ?? "", /'pattern user\/%u\/#' is not for clients/);
  assert.match(faultOf("pattern read hall") ?? "", /'pattern hall'/);
  const unsafe = { ...SAFE, names: new Set(["a+b"]) };
  assert.match(faultOf("pattern read %c/#", unsafe) ?? "", /user names may have/);
  assert.equal(faultOf("topic read a/#", unsafe), undefined);
  assert.match(faultOf("pattern read %c/#", { ...SAFE, areAll: false }) ?? "", /user names/);
});

Deno.test("where roles are not the same, the file goes along", async () => {
  const acl = "user ann\ntopic home/#\npattern readwrite user/%u/#\n";
  const { settings, plan, yaml } = await importConf(CONF, { pw: passwordLines("ann"), acl });
  assert.deepEqual(plan.copies, [{ path: "DIR/broker.acl", text: acl }]);
  assert.equal(settings.roles.length, 0);
  assert.match(
    yaml,
    /# Not as roles: 'pattern user\/%u\/#' is not for clients.*\nacl_files:\n {2}- DIR\/broker\.acl/,
  );
  const printed = await importConf(CONF, { pw: passwordLines("ann"), acl }, { output: undefined });
  assert.deepEqual(printed.plan.copies, []);
  assert.match(printed.yaml, /\nacl_files:\n {2}- DIR\/acl {2}#/);
});

Deno.test("rules of users who cannot log in are comments", async () => {
  const acl = "user ann\ntopic a\nuser eve\ntopic write b\n";
  const { settings, yaml, outcomes } = await importConf(CONF, { pw: passwordLines("ann"), acl });
  assert.deepEqual(settings.roles.map(({ name }) => name), ["user ann"]);
  assert.match(yaml, /# Rules of 'eve', who cannot log in:\n# {3}allow: publish b\n/);
  assert.match(pick(outcomes, "user eve"), /^left out: there is no such user/);
});

Deno.test("names that nothing proves give no rights here, which matters", async () => {
  const conf = ["listener 1883", "allow_anonymous true", "acl_file DIR/acl"];
  const { outcomes } = await importConf(conf, { acl: "topic read hall\nuser ann\ntopic a\n" });
  assert.match(pick(outcomes, "user ann"), /^LOST: nothing proves the name/);
  assert.match(pick(outcomes, "(anonymous)"), /^changed: .*counts as anonymous/);
  const copied = await importConf(conf, { acl: "user ann\ntopic a\npattern read %u\n" });
  assert.match(pick(copied.outcomes, "user ann"), /^LOST: /);
});

Deno.test("with per_listener_settings, rules are roles of their listener", async () => {
  const conf = [
    "per_listener_settings true",
    "listener 1883",
    "allow_anonymous true",
    "acl_file DIR/acl",
    "listener 1884",
    "allow_anonymous true",
  ];
  const { settings, outcomes } = await importConf(conf, { acl: "topic read hall/#\n" });
  assert.deepEqual(settings.roles.map(({ name, listeners, allow }) => [name, listeners, allow]), [
    ["anonymous clients on 1883", ["1883"], ["subscribe hall/#"]],
    ["everybody on 1884", ["1884"], ["readwrite #", "subscribe $SYS/#"]],
  ]);
  assert.match(pick(outcomes, "acl_file DIR/acl"), /^carried: /);
  const inexact = await importConf(conf, { acl: "pattern read hall/%u\n" });
  assert.match(pick(inexact.outcomes, "acl_file DIR/acl"), /^LOST: .*not quite the same/);
});

Deno.test("an ACL file that stops Mosquitto is an error with its line", async () => {
  const report = await refusalOf(CONF, { pw: "", acl: "topic read a\ntopic reed b\n" });
  assert.match(report, /^DIR\/acl:2:7: Cannot read access "reed"/);
});

Deno.test("many roles stay a file, as broker.yaml may not be that large", async () => {
  const names = Array.from({ length: 201 }, (_, index) => `user${index}`);
  const acl = names.map((name) => `user ${name}\ntopic ${name}/#\n`).join("");
  const { plan, settings, yaml } = await importConf(CONF, { pw: passwordLines(...names), acl });
  assert.equal(settings.roles.length, 0);
  assert.equal(plan.copies.find(({ path }) => path === "DIR/broker.acl")?.text, acl);
  assert.match(yaml, /# Not as roles: there are 201 of them\.\n/);
});

Deno.test("a role of a long user name has a shorter one", async () => {
  const [one, two] = ["a", "b"].map((end) => `${"x".repeat(300)}${end}`);
  const acl = `user ${one}\ntopic a\nuser ${two}\ntopic b\n`;
  const pw = passwordLines(one ?? "", two ?? "");
  const { settings } = await importConf(CONF, { pw, acl });
  assert.deepEqual(settings.roles.map(({ users }) => users), [[one], [two]]);
  assert.deepEqual(
    settings.roles.map(({ name }) => name.slice(-14)),
    [
      "... of line 2",
      "... of line 4",
    ].map((ending) => `x${ending}`),
  );
});
