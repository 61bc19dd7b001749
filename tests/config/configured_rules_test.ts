import assert from "node:assert/strict";
import { type ConfiguredRules, readConfiguredRules } from "../../src/config/configured_rules.ts";
import type { RuleClient } from "../../src/access/rule.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { parseSettings } from "../../src/config/load.ts";
import { defaultSettings } from "../../src/config/read.ts";
import { temporaryFolder } from "../storage/fixture.ts";

/** A folder with an ACL file, and the rules of a configuration in it; FILE stands for broker.yaml. */
async function rulesOf(yaml: string, acl = ""): Promise<ConfiguredRules & { folder: string }> {
  using folder = temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/acl`, acl);
  const loaded = parseSettings(`${folder.path}/broker.yaml`, yaml);
  if (!loaded.ok) throw new Error(loaded.report);
  const rules = await readConfiguredRules(loaded.settings, loaded);
  return { ...rules, folder: folder.path };
}

function client(more: Partial<RuleClient> = {}): RuleClient {
  const base = { clientIdentifier: "lamp", username: "ann", groups: [], listener: "1883" };
  return { ...base, address: "192.168.1.7", ...more };
}

/** What the rules say about publishing, with the folder as FOLDER. */
function decide(rules: ConfiguredRules & { folder: string }, topic: string, who = client()) {
  const { allowed, reason } = new RuleEngine(rules.layers).compile(who).mayPublish(topic);
  return [allowed, reason.replaceAll(rules.folder, "FOLDER")];
}

const ROLES = `users: [{name: ann, groups: [family]}, {name: bob}]
roles:
  - name: sensors
    users: [ann]
    groups: [family]
    client_identifiers: [lamp]
    listeners: ["1883"]
    networks: [192.168.0.0/16]
    allow:
      - publish sensors/%u/#
      - readwrite chat/#
    deny: [publish chat/secret]
`;

Deno.test("roles become one layer, whose rules know their file and line", async () => {
  const rules = await rulesOf(ROLES);
  assert.equal(rules.layers.length, 1);
  const yaml = "FOLDER/broker.yaml";
  assert.deepEqual(decide(rules, "sensors/ann/1"), [
    true,
    `'allow publish sensors/%u/#' of role 'sensors', ${yaml}:10`,
  ]);
  assert.deepEqual(decide(rules, "chat/secret"), [
    false,
    `'deny publish chat/secret' of role 'sensors', ${yaml}:12`,
  ]);
  assert.deepEqual(decide(rules, "chat/x"), [
    true,
    `'allow readwrite chat/#' of role 'sensors', ${yaml}:11`,
  ]);
  assert.deepEqual(decide(rules, "sensors/bob/1"), [false, "no rule allows it"]);
});

Deno.test("every part of a role's audience counts", async () => {
  const rules = await rulesOf(ROLES);
  const others: Partial<RuleClient>[] = [
    { username: "bob" },
    { username: undefined },
    { clientIdentifier: "other" },
    { listener: "garden" },
    { address: "10.0.0.1" },
  ];
  assert.deepEqual(others.map((more) => decide(rules, "chat/x", client(more))[0]), [
    false,
    false,
    false,
    false,
    false,
  ]);
  assert.equal(decide(rules, "chat/x", client({ username: "eve", groups: ["family"] }))[0], true);
});

Deno.test("a role without an audience is for everybody, with anonymous: true for nobody else", async () => {
  const everybody = await rulesOf("roles: [{name: a, allow: [publish a]}]");
  const anonymous = await rulesOf("roles: [{name: a, anonymous: true, allow: [publish a]}]");
  const nobody = await rulesOf("roles: [{name: a, users: [], allow: [publish a]}]");
  const both = [client(), client({ username: undefined })];
  const answers = [everybody, anonymous, nobody].map((rules) =>
    both.map((who) => decide(rules, "a", who)[0])
  );
  assert.deepEqual(answers, [[true, true], [false, true], [false, false]]);
});

Deno.test("roles go before ACL files, and ACL files in their order", async () => {
  const rules = await rulesOf(
    "roles: [{name: a, deny: [publish x], allow: [publish y]}]\nacl_files: [acl]\n",
    "user ann\ntopic readwrite x\ntopic deny y\ntopic write z\npattern write own/%u\n",
  );
  assert.equal(rules.layers.length, 3);
  assert.deepEqual(["x", "y", "z", "own/ann", "w"].map((topic) => decide(rules, topic)), [
    [false, "'deny publish x' of role 'a', FOLDER/broker.yaml:1"],
    [true, "'allow publish y' of role 'a', FOLDER/broker.yaml:1"],
    [true, "'allow publish z' of user 'ann', FOLDER/acl:4"],
    [true, "'allow publish own/%u' of all patterns, FOLDER/acl:5"],
    [false, "no rule allows it"],
  ]);
});

Deno.test("without roles and ACL files there are no layers, and an empty ACL file denies all", async () => {
  const none = await readConfiguredRules(defaultSettings(), undefined);
  assert.deepEqual([none.layers, [...none.groups], none.warnings], [[], [], []]);
  const empty = await rulesOf("acl_files: [acl]");
  assert.deepEqual(decide(empty, "a"), [false, "no rule allows it"]);
});

Deno.test("groups of configured users are known by their names", async () => {
  const { groups } = await rulesOf(ROLES);
  assert.deepEqual([...groups], [["ann", ["family"]], ["bob", []]]);
});

Deno.test("an ACL file that is wrong or missing is named, with everything that is wrong", async () => {
  await assert.rejects(rulesOf("acl_files: [none]"), {
    message: /^Cannot use the ACL file '.*\/none': Cannot open the file: it does not exist$/,
  });
  await assert.rejects(rulesOf("acl_files: [acl]", "topic a\nwrite b\n topic x y\n"), {
    message: new RegExp(
      "^Cannot use the ACL file '.*/acl': .*/acl:2:1: Cannot read \"write\": a line starts with " +
        'user, topic or pattern; .*/acl:3:8: Cannot read access "x"',
    ),
  });
});

Deno.test("what does nothing is told", async () => {
  const { warnings, folder } = await rulesOf("acl_files: [acl]", "pattern read a\n");
  assert.deepEqual(warnings.map((warning) => warning.replaceAll(folder, "FOLDER")), [
    'FOLDER/acl:1:14: The pattern "a" has neither %c nor %u: it is for everybody',
  ]);
});

Deno.test("a rule that came from a file is not shown", async () => {
  using folder = temporaryFolder();
  const secret = `${folder.path}/rule`;
  await Deno.writeTextFile(secret, "publish hidden/place");
  const rules = await rulesOf(`roles: [{name: a, allow: [!file ${secret}]}]`);
  assert.deepEqual(decide(rules, "hidden/place"), [
    true,
    "'allow publish (not shown)' of role 'a', FOLDER/broker.yaml:1",
  ]);
});
