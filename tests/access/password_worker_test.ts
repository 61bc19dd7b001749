import assert from "node:assert/strict";
import { PasswordPool } from "../../src/access/password_pool.ts";
import { PasswordVerifier } from "../../src/access/password_verifier.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a worker verifies all three formats, and says why it cannot", async () => {
  const pool = new PasswordPool();
  try {
    for (const { password, hash } of MADE_ELSEWHERE) {
      assert.equal(await pool.verify(bytes(password), hash), "right");
      assert.equal(await pool.verify(bytes("other"), hash), "wrong");
    }
    await assert.rejects(pool.verify(bytes("x"), "$7$0$$"), {
      message: "Cannot verify a password: its iterations is not a whole number from 1 to 2000000",
    });
    assert.equal(await pool.verify(bytes("secret"), MADE_ELSEWHERE[0].hash), "right");
  } finally {
    pool.close();
  }
});

Deno.test("a thousand clients of three users that come back at once cost three computations", async () => {
  const pool = new PasswordPool();
  let computed = 0;
  const verifier = new PasswordVerifier({
    verify(password, hash) {
      computed++;
      return pool.verify(password, hash);
    },
  });
  try {
    const users = MADE_ELSEWHERE.slice(0, 3);
    const verdicts = await Promise.all(Array.from({ length: 1000 }, (_, index) => {
      const { password = "", hash = "" } = users[index % 3] ?? {};
      return verifier.verify(bytes(password), hash);
    }));
    assert.deepEqual([...new Set(verdicts)], ["right"]);
    assert.equal(computed, 3);
  } finally {
    pool.close();
  }
});
