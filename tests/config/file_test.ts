/**
 * Files that cannot be read, and what is said about them.
 */

import assert from "node:assert/strict";
import { decodeText, MAX_FILE_BYTES, readFileText } from "../../src/config/file.ts";
import { loadSettings } from "../../src/config/load.ts";

/** Runs with the path of a folder that is removed afterwards. */
async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The report about a file that must be refused. */
async function reportOf(path: string): Promise<string> {
  const loaded = await loadSettings(path);
  return loaded.ok ? "" : loaded.report;
}

Deno.test("loadSettings() reads a file, with a byte order mark too", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/broker.yaml`;
    await Deno.writeTextFile(path, "\ufefffeatures: {max_qos: 1}\n");
    const loaded = await loadSettings(path);
    assert.equal(loaded.ok && loaded.settings.features.maxQos, 1);
  });
});

Deno.test("loadSettings() says that a file does not exist or is a directory", async () => {
  await withFolder(async (folder) => {
    assert.equal(
      await reportOf(`${folder}/none.yaml`),
      `${folder}/none.yaml: Cannot open the file: it does not exist\n\n1 error in ${folder}/none.yaml\n`,
    );
    assert.equal(
      await reportOf(folder),
      `${folder}: Cannot read the file: it is a directory\n\n1 error in ${folder}\n`,
    );
  });
});

Deno.test({
  name: "loadSettings() says whose a file is that it may not read",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  fn: async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/secret.yaml`;
      await Deno.writeTextFile(path, "", { mode: 0o000 });
      assert.match(
        await reportOf(path),
        /permission denied; it belongs to user \d+, group \d+, mode 0, and this is user \d+/,
      );
    });
  },
});

Deno.test("readFileText() refuses a file that is too large after reading no more than that", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/large.yaml`;
    await Deno.writeFile(path, new Uint8Array(MAX_FILE_BYTES).fill(0x23));
    assert.equal((await readFileText(path)).ok, true);
    await Deno.writeFile(path, new Uint8Array(MAX_FILE_BYTES + 1).fill(0x23));
    const refused = await readFileText(path);
    assert.equal(
      refused.ok ? "" : refused.problem.message,
      "Cannot read the file: it is larger than 1 MiB",
    );
  });
});

Deno.test("a file that is not UTF-8 is refused with the line and column of the first wrong byte", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/latin1.yaml`;
    const text = new TextEncoder().encode("limits:\n  # K\u00fcche ");
    await Deno.writeFile(path, new Uint8Array([...text, 0xfc, 0x63, 0x68, 0x65, 0x0a]));
    const report = await reportOf(path);
    assert.deepEqual(report.replaceAll(path, "f").split("\n"), [
      "f:2:11: Cannot read the file: byte 0xFC is not UTF-8",
      "    2 |   # K\u00fcche \ufffdche".replace("\ufffd", "\ufffd"),
      "      |           ^",
      "  hint: save the file as UTF-8",
      "",
      "1 error in f",
      "",
    ]);
  });
});

Deno.test("decodeText() refuses text that ends inside a character", () => {
  const result = decodeText(new Uint8Array([0x61, 0xc3]));
  assert.equal(result.ok, false);
});

Deno.test("decodeText() names UTF-16", () => {
  const result = decodeText(new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
  assert.equal(
    result.ok ? "" : result.problem.message,
    "Cannot read the file: it is UTF-16; save it as UTF-8",
  );
});

Deno.test("readFileText() reads as much as it is told to", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/text`;
    await Deno.writeTextFile(path, "12345");
    assert.deepEqual(await readFileText(path, 5), { ok: true, text: "12345" });
    const file = await readFileText(path, 4);
    assert.match(file.ok ? "" : file.problem.message, /it is larger than 4 bytes$/);
  });
});
