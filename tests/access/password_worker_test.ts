import assert from "node:assert/strict";
import { getPriority } from "node:os";
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

Deno.test({
  name: "a worker stands back for the event loop: it alone has the lowest priority",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const pool = new PasswordPool({ maximumWorkers: 1 });
    try {
      await pool.verify(bytes("x"), MADE_ELSEWHERE[0].hash);
      const niceness = await nicenessOfThreads();
      assert.equal(niceness.filter((nice) => nice === 19).length, 1);
      assert.equal(getPriority(), 0);
    } finally {
      pool.close();
    }
  },
});

/** Of every thread of this process. */
async function nicenessOfThreads(): Promise<number[]> {
  const threads = await Array.fromAsync(Deno.readDir("/proc/self/task"));
  return await Promise.all(threads.map(async ({ name }) => {
    const stat = await Deno.readTextFile(`/proc/self/task/${name}/stat`);
    // From the state on, after the name of the thread: the niceness is the 17th (proc_pid_stat(5)).
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  }));
}
