/**
 * From a configuration to users and rules: what is read, in which order it is asked, and what is
 * refused.
 */

import assert from "node:assert/strict";
import { OPEN_ACCESS } from "../../src/access/open_access.ts";
import type { Settings } from "../../src/config/settings.ts";
import { loadSettings } from "../../src/config/load.ts";
import { AccessSetup, type PreparedAccess } from "../../src/net/access_setup.ts";
import { SECRET, sign } from "../access/jwt_fixture.ts";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { json, WebhookServer } from "../access/webhook_server.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { testOrigin } from "./login_fixture.ts";

const { hash, password } = MADE_ELSEWHERE[0];
const ANN = `users: [{name: ann, password: "${hash}", groups: [family]}]\n`;

/** Prepares a configuration of a folder with these files. */
async function prepare(
  setup: AccessSetup,
  yaml: string,
  files: Readonly<Record<string, string>> = {},
): Promise<PreparedAccess & { settings: Settings }> {
  using folder = temporaryFolder();
  const written = { ...files, "broker.yaml": yaml };
  for (const [name, text] of Object.entries(written)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, text, { mode: 0o600 });
  }
  const loaded = await loadSettings(`${folder.path}/broker.yaml`);
  assert(loaded.ok, loaded.ok ? "" : loaded.report);
  const { settings } = loaded;
  return { ...await setup.prepare({ settings, places: loaded }), settings };
}

/** The user name that a login proves, or why it proves none. */
async function proven({ login }: PreparedAccess, username: string, secret: string) {
  const decision = await login.authenticator.decide({
    clientIdentifier: "lamp",
    username,
    password: new TextEncoder().encode(secret),
    protocolVersion: 5,
    origin: testOrigin({ allowAnonymous: "never" }),
  });
  return decision.kind === "accepted" ? decision.username : decision.cause;
}

/** Runs with a setup that is closed at the end. */
function withSetup(body: (setup: AccessSetup) => Promise<void>): () => Promise<void> {
  return async () => {
    const setup = new AccessSetup();
    try {
      await body(setup);
    } finally {
      setup.close();
    }
  };
}

Deno.test(
  "without users and rules everybody may everything, and nothing is proven",
  withSetup(async (setup) => {
    const prepared = await prepare(setup, "");
    assert.equal(prepared.access, OPEN_ACCESS);
    assert.deepEqual([...prepared.login.hashes], []);
    assert.deepEqual(prepared.warnings, []);
    prepared.close();
  }),
);

Deno.test(
  "users log in, and the rules know their groups",
  withSetup(async (setup) => {
    const roles = `roles: [{name: r, groups: [family], allow: [publish home/#]}]\n`;
    const prepared = await prepare(setup, ANN + roles);
    assert.equal(await proven(prepared, "ann", password), "ann");
    const accessOf = (username: string) =>
      prepared.access.accessOf("lamp", { username, groups: [], listener: "l", address: "" });
    assert.equal(accessOf("ann").mayPublish("home/a"), undefined);
    assert.match(accessOf("bob").mayPublish("home/a")?.rule ?? "", /no rule allows it/);
    prepared.close();
  }),
);

Deno.test(
  "tokens are asked before users, and the webhook about users that nobody else knows",
  withSetup(async (setup) => {
    await using hook = new WebhookServer(() => json({ result: "allow" }));
    const authentication = `authentication: {jwt: {key: ${SECRET}}, http: {url: "${hook.url}"}}\n`;
    const prepared = await prepare(setup, ANN + authentication);
    assert.equal(await proven(prepared, "ann", await sign({ sub: "ann" })), "ann");
    assert.equal(await proven(prepared, "ann", password), "ann");
    assert.match(await proven(prepared, "ann", "wrong") ?? "", /wrong password/);
    assert.equal(hook.asked.length, 0);
    assert.equal(await proven(prepared, "eve", "anything"), "eve");
    assert.equal(hook.asked.length, 1);
    prepared.close();
  }),
);

Deno.test(
  "what is wrong in a password file is a warning with its place, and the others log in",
  withSetup(async (setup) => {
    const files = { users: `bob:nonsense\nann:${hash}\n` };
    const yaml = "authentication: {password_files: [users]}\n";
    const prepared = await prepare(setup, yaml, files);
    assert.equal(await proven(prepared, "ann", password), "ann");
    assert.equal(prepared.warnings.length, 1);
    assert.match(prepared.warnings[0] ?? "", /users:1: /);
    prepared.close();
  }),
);

Deno.test(
  "files that cannot be used are refused, and nothing stays open",
  withSetup(async (setup) => {
    // A webhook that is configured too must be closed: the test would leak it.
    const http = 'http: {url: "http://localhost:1/"}';
    const cases: [string, RegExp, Record<string, string>?][] = [
      ["acl_files: [acl]\n", /Cannot use the ACL file '.*acl'/],
      ["acl_files: [acl]\n", /acl:1:1: /, { acl: "topic\tread a\n" }],
      [`authentication: {password_files: [users], ${http}}\n`, /Cannot read the password file/],
      [`authentication: {jwt: {key_file: key}, ${http}}\n`, /key/],
    ];
    for (const [yaml, reason, files] of cases) {
      await assert.rejects(prepare(setup, yaml, files), reason);
    }
  }),
);
