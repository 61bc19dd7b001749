import assert from "node:assert/strict";
import { PasswordFile, readPasswordFile, userNameProblem } from "../../src/access/password_file.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const [{ hash: A }, { hash: B }, { hash: C }] = MADE_ELSEWHERE;

/** Every kind of line that Mosquitto 2.0.11 has been seen to accept. */
const TEXT = [
  "# Users",
  "",
  `ann:${A}`,
  " \t",
  ` lead : ${B}  `,
  `crlf:${C}\r`,
  "  # indented: comment",
  `sp ace:${A}:more`,
  "",
].join("\n");

Deno.test("the lines are read as Mosquitto reads them", () => {
  const file = PasswordFile.parse(TEXT);
  assert.deepEqual([...file.users()], [["ann", A], ["lead", B], ["crlf", C], ["sp ace", A]]);
  assert.deepEqual(file.problems(), []);
  assert.equal(file.toString(), TEXT);
});

Deno.test("a line that cannot be read is named by its number; the others count", () => {
  const text = `ann:${A}\n#\nnohash\nplain:secret\n:${A}\nshort:$7$101$AA==\nann:${B}\n`;
  const file = PasswordFile.parse(text);
  assert.deepEqual([...file.users()], [["ann", B]]);
  assert.deepEqual(file.problems(), [
    { line: 3, text: "Cannot read the line: there is no user name with ':' and a hash after it" },
    {
      line: 4,
      text: "Cannot read the hash of user 'plain': it is no hash that is known: allowed are " +
        "$argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512)",
    },
    { line: 5, text: "Cannot read the line: there is no user name before ':'" },
    { line: 6, text: "Cannot read the hash of user 'short': it has 2 fields in place of 3" },
    { line: 7, text: "Cannot use line 1 for user 'ann': this line is a later one" },
  ]);
});

Deno.test("set() changes the one line of the user and leaves all others as they are", () => {
  const file = PasswordFile.parse(TEXT);
  file.set("lead", C);
  file.set("crlf", A);
  const expected = TEXT.replace(/^ lead .*$/m, `lead:${C}`).replace(`crlf:${C}`, `crlf:${A}`);
  assert.equal(file.toString(), expected);
  file.set("new", B);
  assert.equal(file.toString(), `${expected}new:${B}\n`);
});

Deno.test("set() leaves one line of a user that is there twice, and repairs a line", () => {
  const file = PasswordFile.parse(`ann:${A}\nbob\nann:${B}`);
  file.set("ann", C);
  file.set("bob", A);
  assert.equal(file.toString(), `ann:${C}\nbob:${A}`);
  assert.deepEqual(file.problems(), []);
});

Deno.test("set() ends the last line before it adds one, and starts an empty file", () => {
  const file = PasswordFile.parse(`ann:${A}`);
  file.set("bob", B);
  assert.equal(file.toString(), `ann:${A}\nbob:${B}\n`);
  const empty = PasswordFile.parse("");
  empty.set("ann", A);
  assert.equal(empty.toString(), `ann:${A}\n`);
});

Deno.test("delete() removes every line of the user, comments stay", () => {
  const file = PasswordFile.parse(`#ann:${A}\nann:${A}\nbob:${B}\nann:x\n`);
  assert.deepEqual([file.delete("ann"), file.has("ann"), file.has("bob")], [true, false, true]);
  assert.equal(file.toString(), `#ann:${A}\nbob:${B}\n`);
  assert.equal(file.delete("ann"), false);
});

Deno.test("readPasswordFile() refuses what is no text", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/p`;
  await Deno.writeTextFile(path, TEXT);
  assert.equal((await readPasswordFile(path)).toString(), TEXT);
  await Deno.writeFile(path, Uint8Array.of(0x61, 0xff));
  await assert.rejects(readPasswordFile(path), {
    message: `Cannot read '${path}': it is not text in UTF-8`,
  });
});

Deno.test("userNameProblem() refuses what a line of the file would not keep", () => {
  const cases: [string, string | undefined][] = [
    ["ann", undefined],
    ["sp ace", undefined],
    ["J\u00f6rg#1", undefined],
    ["x".repeat(65_535), undefined],
    ["", "it is empty"],
    ["a:b", "it contains ':', which ends the name in a password file"],
    ["a\nb", "it contains a control character or a line end"],
    ["a\x1b[31m", "it contains a control character or a line end"],
    ["a\x85", "it contains a control character or a line end"],
    [" a", "it starts or ends with a blank, which the file does not keep"],
    ["a ", "it starts or ends with a blank, which the file does not keep"],
    ["#a", "it starts with '#', which makes a line a comment"],
    ["a\ud800", "it is not text in Unicode"],
    ["\u00f6".repeat(32_768), "it has 65536 bytes, at most 65535 are allowed"],
  ];
  for (const [user, problem] of cases) assert.equal(userNameProblem(user), problem);
});

Deno.test("plainPasswords() finds passwords in the place of hashes, with their colons", () => {
  const lines = [
    "# comment: with a colon",
    "ann:s3cret",
    "bob: a:b \r",
    "cy:$7$101$damaged",
    "dan:$6$salt",
    "eve:",
    ":nobody",
    "nothing",
    "$dollar:$5 a day",
  ];
  assert.deepEqual([...PasswordFile.parse(lines.join("\n")).plainPasswords()], [
    ["ann", "s3cret"],
    ["bob", " a:b "],
    ["$dollar", "$5 a day"],
  ]);
});
