import assert from "node:assert/strict";
import type { Question } from "../../src/cli/explain.ts";
import { ask, ASSUMED, USERS } from "./explain_fixture.ts";

Deno.test("who would not be let in may do nothing, and it is said why", async () => {
  const reasonOf = async (yaml: string, more: Partial<Question>) => {
    const [exitCode, lines] = await ask(yaml, more);
    assert.equal(exitCode, 1);
    return lines[1];
  };
  const local =
    "  it may not connect: anonymous clients are served from the local network only; to " +
    "serve them from everywhere, give the listener 'allow_anonymous: always' in broker.yaml";
  assert.equal(await reasonOf("", { address: "203.0.113.7" }), local);
  assert.match(await reasonOf(USERS, {}) ?? "", /'allow_anonymous: never', so give the client a/);
  assert.equal(
    await reasonOf(USERS, { username: "anne" }),
    "  it may not connect: the user 'anne' is not in users: (did you mean 'ann'?)",
  );
  assert.equal(
    await reasonOf(USERS, { username: "eve" }),
    "  it may not connect: the user 'eve' has no password",
  );
  assert.equal(
    await reasonOf("authentication: {password_files: [passwords]}", { username: "zoe" }),
    "  it may not connect: the user 'zoe' is neither in users: nor in a password file",
  );
});

Deno.test("what cannot be known is assumed, and that is said", async () => {
  const noteOf = async (yaml: string, username: string) => {
    const [exitCode, lines] = await ask(yaml, { username, topic: "a" });
    assert.equal(exitCode, 0);
    return lines.slice(2);
  };
  assert.deepEqual(await noteOf("authentication: {password_files: [passwords]}", "bob"), [ASSUMED]);
  assert.deepEqual(await noteOf("authentication: {http: {url: 'http://127.0.0.1/'}}", "zoe"), [
    "  its user name is assumed to be proven by the program at authentication.http.url",
  ]);
  assert.deepEqual(await noteOf("", "zoe"), [
    "  no users are configured, so its user name proves nothing: it is anonymous",
  ]);
});

Deno.test("where certificates prove names, a user has one, and who must have one is a user", async () => {
  const tls = "tls: {certificate: c, key: k, client_ca: a, identity: common_name";
  const yaml = (wish: string) =>
    `listeners: [{port: 8883, allow_anonymous: always, ${tls}, client_certificate: ${wish}}}]\n`;
  assert.deepEqual((await ask(yaml("require"), { username: "zoe" }))[1].slice(2), [
    "  the user name is assumed to be that of its certificate",
  ]);
  const [exitCode, lines] = await ask(yaml("require"));
  assert.deepEqual([exitCode, lines[1]], [
    1,
    "  it may not connect: its listener wants a certificate, whose name is the user name: --user NAME",
  ]);
  assert.equal((await ask(yaml("request")))[0], 0);
});
