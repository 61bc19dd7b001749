/**
 * Log files: rotation, and that a file in trouble never stops anything.
 */

import assert from "node:assert/strict";
import { RETRY_MS, RotatingFile } from "../../src/log/rotating_file.ts";

/** What a test has at hand: a folder that is removed, a clock, and what was reported. */
interface Bench {
  readonly folder: string;
  readonly reports: string[];
  nowMs: number;
  file(maxSizeBytes: number, keep: number, name?: string): RotatingFile;
  /** File names with their contents. */
  files(): Record<string, string>;
}

async function withBench(run: (bench: Bench) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  const open: RotatingFile[] = [];
  const bench: Bench = {
    folder,
    reports: [],
    nowMs: 0,
    file: (maxSizeBytes, keep, name = "b.log") => {
      const file = new RotatingFile({
        path: `${folder}/${name}`,
        maxSizeBytes,
        keep,
        nowMs: () => bench.nowMs,
        report: (sentence) => bench.reports.push(sentence.replaceAll(folder, "")),
      });
      open.push(file);
      return file;
    },
    files: () => {
      const entries = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile);
      const names = entries.map(({ name }) => name).toSorted();
      return Object.fromEntries(
        names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]),
      );
    },
  };
  try {
    run(bench);
  } finally {
    for (const file of open) file.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("RotatingFile appends to what is there", async () => {
  await withBench((bench) => {
    Deno.writeTextFileSync(`${bench.folder}/b.log`, "old\n");
    assert.equal(bench.file(100, 1).put("new\n"), true);
    assert.deepEqual(bench.files(), { "b.log": "old\nnew\n" });
    assert.deepEqual(bench.reports, []);
  });
});

Deno.test("RotatingFile sets the file aside before it is too large and keeps so many", async () => {
  await withBench((bench) => {
    const file = bench.file(4, 2);
    for (const line of ["1\n", "2\n", "3\n", "4\n", "5\n", "6\n", "7\n"]) file.put(line);
    assert.deepEqual(bench.files(), { "b.log": "7\n", "b.log.1": "5\n6\n", "b.log.2": "3\n4\n" });
  });
});

Deno.test("RotatingFile counts what was in the file when it was opened", async () => {
  await withBench((bench) => {
    Deno.writeTextFileSync(`${bench.folder}/b.log`, "1234\n");
    bench.file(6, 1).put("5\n");
    assert.deepEqual(bench.files(), { "b.log": "5\n", "b.log.1": "1234\n" });
  });
});

Deno.test("RotatingFile with nothing to keep begins anew", async () => {
  await withBench((bench) => {
    const file = bench.file(2, 0);
    for (const line of ["1\n", "2\n"]) file.put(line);
    assert.deepEqual(bench.files(), { "b.log": "2\n" });
  });
});

Deno.test("RotatingFile writes a piece that is larger than the limit whole", async () => {
  await withBench((bench) => {
    const file = bench.file(4, 1);
    file.put("123456\n");
    file.put("7\n");
    assert.deepEqual(bench.files(), { "b.log": "7\n", "b.log.1": "123456\n" });
  });
});

Deno.test("RotatingFile reports a file it cannot open once, tries again, and reports success", async () => {
  await withBench((bench) => {
    const file = bench.file(100, 1, "sub/b.log");
    file.open();
    assert.equal(file.put("1\n"), false);
    bench.nowMs = RETRY_MS - 1;
    Deno.mkdirSync(`${bench.folder}/sub`);
    assert.equal(file.put("2\n3\n"), false);
    bench.nowMs = RETRY_MS;
    assert.equal(file.put("4\n"), true);
    assert.equal(file.put("5\n"), true);
    assert.equal(Deno.readTextFileSync(`${bench.folder}/sub/b.log`), "4\n5\n");
    assert.deepEqual(bench.reports, [
      "Cannot write the log file '/sub/b.log': its folder does not exist; trying again",
      "The log file '/sub/b.log' is written again; 3 lines are not in it",
    ]);
  });
});

Deno.test("RotatingFile stays quiet while a file keeps failing", async () => {
  await withBench((bench) => {
    const file = bench.file(100, 1, "sub/b.log");
    for (let attempt = 0; attempt < 5; attempt++) {
      bench.nowMs = attempt * RETRY_MS;
      assert.equal(file.put("x\n"), false);
    }
    assert.equal(bench.reports.length, 1);
  });
});

Deno.test("RotatingFile writes on when the file cannot be set aside, and tries that again", async () => {
  await withBench((bench) => {
    // A folder that is not empty stands where the file is to go.
    Deno.mkdirSync(`${bench.folder}/b.log.1/inner`, { recursive: true });
    const file = bench.file(2, 1);
    assert.deepEqual([file.put("1\n"), file.put("2\n"), file.put("3\n")], [true, true, true]);
    assert.deepEqual(bench.files(), { "b.log": "1\n2\n3\n" });
    assert.equal(bench.reports.length, 1);
    assert.match(
      bench.reports[0] ?? "",
      /^Cannot set the log file '\/b\.log' aside: .*; it grows on$/,
    );
    Deno.removeSync(`${bench.folder}/b.log.1`, { recursive: true });
    bench.nowMs = RETRY_MS;
    file.put("4\n");
    assert.deepEqual(bench.files(), { "b.log": "4\n", "b.log.1": "1\n2\n3\n" });
  });
});

Deno.test("RotatingFile begins anew when somebody has removed its file", async () => {
  for (const keep of [0, 1]) {
    await withBench((bench) => {
      const file = bench.file(2, keep);
      file.put("1\n");
      Deno.removeSync(`${bench.folder}/b.log`);
      assert.equal(file.put("2\n"), true);
      assert.deepEqual([bench.files(), bench.reports], [{ "b.log": "2\n" }, []]);
    });
  }
});
