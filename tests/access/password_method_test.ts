import assert from "node:assert/strict";
import type { Verdict } from "../../src/access/password_messages.ts";
import { PasswordMethod } from "../../src/access/password_method.ts";
import { loginRequest } from "./login_request.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const HASH = MADE_ELSEWHERE[0].hash;

/** A method with one user, ann, and the hashes that were computed. */
function methodOf(verdict: Verdict) {
  const computed: string[] = [];
  const verify = (_password: Uint8Array, hash: string) => {
    computed.push(hash);
    return Promise.resolve(verdict);
  };
  return { method: new PasswordMethod(new Map([["ann", HASH]]), { verify }), computed };
}

Deno.test("PasswordMethod proves a user whose password is right, and says why it proves nobody", async () => {
  const answers = [];
  for (const verdict of ["right", "wrong", "busy"] as const) {
    answers.push(await methodOf(verdict).method.check(loginRequest("ann", "x")));
  }
  assert.deepEqual(answers, [
    { kind: "proven", username: "ann", groups: [] },
    { kind: "refused", cause: "wrong password" },
    { kind: "unavailable", cause: "too many passwords wait to be verified" },
  ]);
});

Deno.test("PasswordMethod leaves users whom it does not know to the next method, without computing", async () => {
  const { method, computed } = methodOf("right");
  assert.equal((await method.check(loginRequest("bob", "x"))).kind, "unknown");
  assert.equal((await method.check(loginRequest(undefined, "x"))).kind, "unknown");
  assert.deepEqual(computed, []);
});

Deno.test("PasswordMethod computes as much for a user who does not exist as for one who does", async () => {
  const { method, computed } = methodOf("wrong");
  await method.check(loginRequest("ann", "x"));
  assert.equal(await method.pretend(loginRequest("bob", "x")), "done");
  assert.equal(computed.length, 2);
  assert.match(computed[1] ?? "", /^\$7\$101\$/);
  assert.notEqual(computed[1], HASH);
  assert.equal(await methodOf("busy").method.pretend(loginRequest("bob", "x")), "busy");
});

Deno.test("PasswordMethod computes nothing for an empty password, whoever it is for", async () => {
  const { method, computed } = methodOf("right");
  for (const password of [undefined, ""]) {
    const answer = await method.check(loginRequest("ann", password));
    assert.deepEqual(answer, { kind: "refused", cause: "no password" });
    assert.equal(await method.pretend(loginRequest("bob", password)), "done");
  }
  assert.deepEqual(computed, []);
});

Deno.test("PasswordMethod lets nobody in by a decoy, were its password known", async () => {
  const { method } = methodOf("right");
  assert.equal(await method.pretend(loginRequest("bob", "x")), "done");
});
