/**
 * From settings to logins: which methods there are, in which order, and what a reload keeps.
 */

import assert from "node:assert/strict";
import type { LoginMethod, LoginRequest, MethodAnswer } from "../../src/access/login_method.ts";
import { defaultSettings } from "../../src/config/read.ts";
import {
  createLogin,
  type LoginSettings,
  LoginSetup,
  openLogin,
} from "../../src/net/login_settings.ts";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { LoginRecorder, testOrigin } from "./login_fixture.ts";

const { hash: HASH, password: PASSWORD } = MADE_ELSEWHERE[2];

const DEFAULTS: LoginSettings = defaultSettings();

function settingsWith(
  users: readonly string[],
  authentication: Partial<LoginSettings["authentication"]> = {},
): LoginSettings {
  return {
    ...DEFAULTS,
    users: users.map((name) => ({ name, password: HASH, scram: undefined, groups: [] })),
    authentication: { ...DEFAULTS.authentication, ...authentication },
  };
}

function request(username: string, password: string = PASSWORD): LoginRequest {
  return {
    clientIdentifier: "c",
    username,
    password: new TextEncoder().encode(password),
    protocolVersion: 5,
    origin: testOrigin(),
  };
}

/** A method that writes down that it was asked. */
function method(name: string, asked: string[], answer: MethodAnswer): LoginMethod {
  return {
    name,
    check: () => {
      asked.push(name);
      return answer;
    },
  };
}

const SURROUNDINGS = {
  events: new LoginRecorder(),
  statistics: { loginsFailed: 0, addressesBanned: 0, connectionsRefusedByBan: 0 },
  nowMs: () => 0,
};

Deno.test("LoginSetup.prepare() makes users of the settings and of password files", async () => {
  const path = await Deno.makeTempFile();
  const setup = new LoginSetup();
  try {
    await Deno.writeTextFile(path, `bob:${HASH}\nbroken line\n`);
    const settings = settingsWith(["ann"], { passwordFiles: [path] });
    const { authenticator, problems } = await setup.prepare(settings);
    const kinds = [];
    for (const [name, password] of [["ann"], ["bob"], ["ann", "wrong"], ["carl"]] as const) {
      kinds.push((await authenticator.decide(request(name, password))).kind);
    }
    assert.deepEqual(kinds, ["accepted", "accepted", "rejected", "rejected"]);
    assert.deepEqual(problems.map(({ path: of, line }) => [of, line]), [[path, 2]]);
  } finally {
    setup.close();
    await Deno.remove(path);
  }
});

Deno.test("LoginSetup.prepare() proves no names where nobody is configured", async () => {
  const setup = new LoginSetup();
  const { authenticator } = await setup.prepare(DEFAULTS);
  for (const one of [authenticator, openLogin(DEFAULTS).authenticator]) {
    const decision = await one.decide(request("ann"));
    assert.equal(decision.kind === "accepted" && decision.unprovenUsername, "ann");
  }
  setup.close();
});

Deno.test("LoginSetup.prepare() asks other methods before and after the users", async () => {
  const setup = new LoginSetup();
  const asked: string[] = [];
  const unknown = { kind: "unknown", cause: "not mine" } as const;
  const { authenticator } = await setup.prepare(settingsWith(["ann"]), {
    before: [method("jwt", asked, unknown)],
    after: [method("http", asked, { kind: "proven", username: "bob", groups: [] })],
  });
  assert.equal((await authenticator.decide(request("ann"))).kind, "accepted");
  assert.deepEqual(asked, ["jwt"]);
  assert.equal((await authenticator.decide(request("bob"))).kind, "accepted");
  assert.deepEqual(asked, ["jwt", "jwt", "http"]);
  setup.close();
});

Deno.test("LoginSetup.prepare() throws for a password file that cannot be read, and changes nothing", async () => {
  const setup = new LoginSetup();
  const settings = settingsWith([], { passwordFiles: ["/nowhere/users"] });
  await assert.rejects(setup.prepare(settings), { message: /'\/nowhere\/users'/ });
  setup.close();
});

Deno.test("LoginSetup.apply() changes users and limits of a login that is in use", async () => {
  const setup = new LoginSetup();
  const service = createLogin(await setup.prepare(settingsWith(["ann"])), SURROUNDINGS);
  const isIn = async (name: string) =>
    (await service.authenticator.decide(request(name))).kind === "accepted";
  assert.deepEqual([await isIn("ann"), await isIn("bob")], [true, false]);
  setup.apply(
    service,
    await setup.prepare(settingsWith(["bob"], { failedLoginsBeforeBan: 7, banTimeMs: 5000 })),
  );
  assert.deepEqual([await isIn("ann"), await isIn("bob")], [false, true]);
  const { failedLoginsBeforeBan, banTimeMs, maximumMessageRate } = service.limits;
  assert.deepEqual([failedLoginsBeforeBan, banTimeMs, maximumMessageRate], [7, 5000, Infinity]);
  setup.close();
});

Deno.test("LoginSetup.close() leaves nobody waiting", async () => {
  const setup = new LoginSetup();
  const { authenticator } = await setup.prepare(settingsWith(["ann"]));
  setup.close();
  assert.equal((await authenticator.decide(request("ann"))).kind, "undecided");
});
