import assert from "node:assert/strict";
import { progressOf, readPayload } from "../../../src/cli/client/payload.ts";
import type { PayloadSource } from "../../../src/cli/client/settings.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { asText } from "../../support/packet_text.ts";
import { FakeTerminal } from "./tool_fixture.ts";

async function read(source: PayloadSource, ...input: string[]): Promise<string> {
  return asText(await readPayload(source, new FakeTerminal({ input }), false));
}

Deno.test("readPayload() takes texts, files, all of standard input, and nothing", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/file`;
  await Deno.writeTextFile(path, "of the file\n");
  assert.equal(await read({ kind: "text", text: "\u00e4" }), "\u00e4");
  assert.equal(await read({ kind: "file", path }), "of the file\n");
  assert.equal(await read({ kind: "input" }, "two\n", "lines\n"), "two\nlines\n");
  assert.equal(
    await read({ kind: "file", path: "/dev/stdin" }, "two\n", "lines\n"),
    "two\nlines\n",
  );
  assert.equal(await read({ kind: "null" }, "not read"), "");
  await Deno.writeTextFile(path, "");
  assert.equal(await read({ kind: "file", path }), "");
});

Deno.test("readPayload() says why there is none", async () => {
  using folder = temporaryFolder();
  const path = folder.path;
  const cases: [PayloadSource, string][] = [
    [{ kind: "file", path: "/no/file" }, "Cannot read '/no/file': there is no such file"],
    [{ kind: "file", path }, `Cannot read '${path}': it is a folder`],
    [
      { kind: "input" },
      "Cannot publish standard input: it is empty (-n publishes an empty message)",
    ],
  ];
  for (const [source, message] of cases) {
    await assert.rejects(read(source), { name: "ToolFailure", exitCode: 1, message });
  }
});

Deno.test("there is a progress line for who watches a program or a file, not for who types", () => {
  const has = (
    terminals: { in?: boolean; err?: boolean },
    quiet = false,
    TERM = "xterm",
  ): boolean => progressOf(new FakeTerminal({ terminals, env: { TERM } }), quiet) !== undefined;
  assert.equal(has({ err: true }), true);
  assert.equal(has({}), false);
  assert.equal(has({ err: true, in: true }), false);
  assert.equal(has({ err: true }, true), false);
  assert.equal(has({ err: true }, false, "dumb"), false);
});
