import assert from "node:assert/strict";
import type { Verdict } from "../../src/access/password_messages.ts";
import { PasswordVerifier, type VerifierOptions } from "../../src/access/password_verifier.ts";

/** Passwords are right when they are "right"; `asked` are the hashes that were computed. */
function newVerifier(options: VerifierOptions = {}) {
  const asked: string[] = [];
  const clock = { nowMs: 1000 };
  const computer = {
    verify(password: Uint8Array, hash: string): Promise<Verdict> {
      asked.push(hash);
      if (hash === "broken") return Promise.reject(new Error("Cannot verify a password"));
      if (hash === "full") return Promise.resolve("busy");
      return Promise.resolve(new TextDecoder().decode(password) === "right" ? "right" : "wrong");
    },
  };
  const verifier = new PasswordVerifier(computer, {
    rememberedMs: 100,
    now: () => clock.nowMs,
    ...options,
  });
  const verify = (password: string, hash: string) =>
    verifier.verify(new TextEncoder().encode(password), hash);
  return { verifier, verify, asked, clock };
}

Deno.test("a right password is remembered for a while, and computed again after it", async () => {
  const { verify, asked, clock } = newVerifier();
  assert.equal(await verify("right", "a"), "right");
  clock.nowMs += 99;
  assert.equal(await verify("right", "a"), "right");
  assert.deepEqual(asked, ["a"]);
  clock.nowMs += 1;
  assert.equal(await verify("right", "a"), "right");
  assert.deepEqual(asked, ["a", "a"]);
});

Deno.test("a wrong password, a full queue and a failure are not remembered", async () => {
  const { verifier, verify, asked } = newVerifier();
  for (let time = 0; time < 2; time++) {
    assert.equal(await verify("wrong", "a"), "wrong");
    assert.equal(await verify("right", "full"), "busy");
    await assert.rejects(verify("right", "broken"), { message: "Cannot verify a password" });
  }
  assert.deepEqual(asked, ["a", "full", "broken", "a", "full", "broken"]);
  assert.equal(verifier.rememberedCount, 0);
});

Deno.test("another password or another hash is not answered from memory", async () => {
  const { verify, asked } = newVerifier();
  assert.equal(await verify("right", "a"), "right");
  assert.equal(await verify("wrong", "a"), "wrong");
  assert.equal(await verify("right", "b"), "right");
  assert.deepEqual(asked, ["a", "a", "b"]);
});

Deno.test("who asks the same while it is computed gets the same answer", async () => {
  const { verify, asked } = newVerifier();
  const verdicts = await Promise.all([
    ...Array.from({ length: 3 }, () => verify("right", "a")),
    ...Array.from({ length: 3 }, () => verify("wrong", "a")),
  ]);
  assert.deepEqual(verdicts, ["right", "right", "right", "wrong", "wrong", "wrong"]);
  assert.deepEqual(asked, ["a", "a"]);
});

Deno.test("the oldest is forgotten when there is no room, and those whose time is over", async () => {
  const { verifier, verify, asked, clock } = newVerifier({ maximumRemembered: 2 });
  for (const hash of ["a", "b", "c", "c", "b"]) assert.equal(await verify("right", hash), "right");
  assert.deepEqual(asked, ["a", "b", "c"]);
  assert.equal(verifier.rememberedCount, 2);
  clock.nowMs += 100;
  assert.equal(await verify("right", "d"), "right");
  assert.equal(verifier.rememberedCount, 1);
});

Deno.test("forget() forgets everything", async () => {
  const { verifier, verify, asked } = newVerifier();
  await verify("right", "a");
  verifier.forget();
  await verify("right", "a");
  assert.deepEqual(asked, ["a", "a"]);
});
