import assert from "node:assert/strict";
import { BlockFile } from "../../../src/import/database/block_file.ts";
import { FileCursor } from "../../../src/import/database/file_cursor.ts";
import { Usernames } from "../../../src/import/database/usernames.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

/** What is believed of names that clients have one after the other, and how many are not. */
function believed(names: readonly string[]): [readonly (string | undefined)[], number] {
  using folder = temporaryFolder();
  const encoded = names.map((name) => new TextEncoder().encode(name));
  Deno.writeTextFileSync(`${folder.path}/a`, names.join(""));
  using file = BlockFile.open(`${folder.path}/a`);
  const cursor = new FileCursor(file);
  const usernames = new Usernames();
  const read = encoded.map((bytes) => usernames.of(cursor.take(bytes.length, "name"), cursor));
  return [read, usernames.doubtful];
}

Deno.test("names are believed, also the same one after the other, and none is none", () => {
  assert.deepEqual(believed(["anna", "anna", "", "bert"]), [
    ["anna", "anna", undefined, "bert"],
    0,
  ]);
});

Deno.test("a name with a zero byte is none, and the same name after it is not believed", () => {
  const garbage = "anna\0\u007f more that was in memory";
  assert.deepEqual(believed(["anna", garbage, "anna", garbage, "anna", "bert", "anna"]), [
    ["anna", undefined, undefined, undefined, undefined, "bert", "anna"],
    4,
  ]);
});

Deno.test("another name than that before the zero byte is believed", () => {
  assert.deepEqual(believed(["anna", "anna\0", "bert", "bert"]), [
    ["anna", undefined, "bert", "bert"],
    1,
  ]);
});
