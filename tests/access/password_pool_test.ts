import assert from "node:assert/strict";
import { PasswordPool, type PoolOptions } from "../../src/access/password_pool.ts";
import { FakeWorker } from "./password_fixture.ts";

/** A pool of two workers with room for two more passwords. */
function newPool(options: PoolOptions = {}): { pool: PasswordPool; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const startWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const pool = new PasswordPool({
    maximumWorkers: 2,
    maximumQueued: 2,
    startWorker,
    ...options,
  });
  return { pool, workers };
}

const verify = (pool: PasswordPool, hash: string) => pool.verify(Uint8Array.of(1), hash);
const hashes = (worker: FakeWorker | undefined) => worker?.asked.map(({ hash }) => hash);

Deno.test("a worker starts with the first password, another while it is busy", async () => {
  const { pool, workers } = newPool();
  assert.equal(pool.workerCount, 0);
  const first = verify(pool, "a");
  workers[0]?.answer({ isRight: true });
  assert.equal(await first, "right");
  const second = verify(pool, "b");
  assert.equal(pool.workerCount, 1);
  const third = verify(pool, "c");
  assert.equal(pool.workerCount, 2);
  workers[1]?.answer({ isRight: false });
  workers[0]?.answer({ isRight: true });
  assert.deepEqual(await Promise.all([second, third]), ["right", "wrong"]);
  pool.close();
});

Deno.test("passwords wait in order, one at a worker; those that find no room get busy", async () => {
  const { pool, workers } = newPool();
  const verdicts = ["a", "b", "c", "d", "e"].map((hash) => verify(pool, hash));
  assert.equal(await verdicts[4], "busy");
  assert.deepEqual(workers.map(hashes), [["a"], ["b"]]);
  workers[1]?.answer({ isRight: true });
  assert.deepEqual(workers.map(hashes), [["a"], ["b", "c"]]);
  workers[0]?.answer({ isRight: false });
  assert.deepEqual(workers.map(hashes), [["a", "d"], ["b", "c"]]);
  for (const worker of workers) worker.answer({ isRight: true });
  assert.deepEqual(await Promise.all(verdicts), ["wrong", "right", "right", "right", "busy"]);
  pool.close();
});

Deno.test("nobody waits in a queue that takes too long, by what passwords have taken lately", async () => {
  const clock = { nowMs: 0 };
  const { pool, workers } = newPool({
    maximumWorkers: 1,
    maximumQueued: 100,
    maximumWaitMs: 1000,
    now: () => clock.nowMs,
  });
  const compute = async (milliseconds: number) => {
    const verdict = verify(pool, "a");
    clock.nowMs += milliseconds;
    workers[0]?.answer({ isRight: true });
    await verdict;
  };
  /** How many wait besides the one that is computed. */
  const admitted = async () => {
    let busy = 0;
    const verdicts = Array.from({ length: 60 }, () => verify(pool, "b"));
    for (const verdict of verdicts) void verdict.then((value) => busy += value === "busy" ? 1 : 0);
    await verdicts[59];
    const taken = verdicts.length - busy;
    for (let time = 0; time < taken; time++) workers[0]?.answer({ isRight: true });
    await Promise.all(verdicts);
    return taken - 1;
  };
  // The start of the worker does not count.
  await compute(5000);
  for (let time = 0; time < 50; time++) await compute(25);
  assert.equal(await admitted(), 39);
  for (let time = 0; time < 50; time++) await compute(100);
  assert.equal(await admitted(), 10);
  pool.close();
});

Deno.test("a worker that fails is replaced; what it computed is rejected, what waits is not", async () => {
  const { pool, workers } = newPool({ maximumWorkers: 1 });
  const first = verify(pool, "a");
  const second = verify(pool, "b");
  workers[0]?.fail("out of memory");
  await assert.rejects(first, { message: "Cannot verify a password: out of memory" });
  assert.deepEqual([workers[0]?.isTerminated, workers.length], [true, 2]);
  workers[1]?.answer({ isRight: true });
  assert.equal(await second, "right");
  pool.close();
});

Deno.test("what cannot be computed is rejected, and the worker goes on", async () => {
  const { pool, workers } = newPool({ maximumWorkers: 1 });
  const first = verify(pool, "a");
  workers[0]?.answer({ failure: "its salt is not base64" });
  await assert.rejects(first, { message: "Cannot verify a password: its salt is not base64" });
  const second = verify(pool, "b");
  workers[0]?.answer({ isRight: true });
  assert.equal(await second, "right");
  assert.equal(workers.length, 1);
  pool.close();
});

Deno.test("workers without work end, and start again with the next password", async () => {
  const { pool, workers } = newPool({ idleMs: 1 });
  const ended = Promise.withResolvers<void>();
  const first = verify(pool, "a");
  const [worker] = workers;
  assert.ok(worker);
  worker.terminate = () => ended.resolve();
  worker.answer({ isRight: true });
  assert.equal(await first, "right");
  // The pool's own timer does not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  await ended.promise;
  clearInterval(alive);
  assert.equal(pool.workerCount, 0);
  const second = verify(pool, "b");
  assert.equal(workers.length, 2);
  workers[1]?.answer({ isRight: true });
  assert.equal(await second, "right");
  pool.close();
});

Deno.test("close() ends the workers and answers everybody with busy", async () => {
  const { pool, workers } = newPool({ maximumWorkers: 1 });
  const verdicts = ["a", "b"].map((hash) => verify(pool, hash));
  pool.close();
  assert.deepEqual(await Promise.all(verdicts), ["busy", "busy"]);
  assert.equal(await verify(pool, "c"), "busy");
  assert.deepEqual([workers.map(({ isTerminated }) => isTerminated), pool.workerCount], [
    [true],
    0,
  ]);
});
