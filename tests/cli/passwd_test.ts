import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { verifyPassword } from "../../src/access/password_digest.ts";
import { PasswordFile } from "../../src/access/password_file.ts";
import { type NewFormat, parsePasswordHash } from "../../src/access/password_hash.ts";
import { parseScramVerifier } from "../../src/access/scram_verifier.ts";
import {
  deleteUser,
  hashPasswords,
  listUsers,
  printScram,
  setPassword,
} from "../../src/cli/passwd.ts";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import { FakeKeyboard } from "./keyboard_fixture.ts";
import type { Outcome } from "./store_fixture.ts";

const [{ hash: A }, { hash: B }, { hash: C }] = MADE_ELSEWHERE;

/** A command with what it has printed. */
async function outcomeOf(
  run: (terminal: { out(text: string): void; err(text: string): void }) => Promise<number>,
): Promise<Outcome> {
  let [out, err] = ["", ""];
  const exitCode = await run({
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

interface Setting {
  readonly format?: NewFormat;
  readonly create?: boolean;
  readonly input?: string[];
  readonly isTerminal?: boolean;
}

function set(file: string, user: string, setting: Setting = {}): Promise<Outcome> {
  const { format = "pbkdf2-sha512", create = false, input = ["secret\n"], isTerminal } = setting;
  const keyboard = new FakeKeyboard(isTerminal ?? false, input);
  return outcomeOf((terminal) =>
    setPassword({ file, user, format, create }, { terminal, keyboard })
  );
}

function scram(user: string, input: (string | Uint8Array)[], isTerminal = false) {
  const keyboard = new FakeKeyboard(isTerminal, input);
  return outcomeOf((terminal) => printScram(user, { terminal, keyboard }));
}

async function isRight(file: string, user: string, password: string): Promise<boolean> {
  const hash = PasswordFile.parse(await Deno.readTextFile(file)).users().get(user) ?? "";
  return await verifyPassword(new TextEncoder().encode(password), parsePasswordHash(hash));
}

Deno.test("a file is made, a user added, a password changed", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  assert.deepEqual(await set(file, "ann", { create: true, format: "argon2id" }), {
    exitCode: 0,
    out: `Added user 'ann' in '${file}'\n`,
    err: "",
  });
  if (Deno.build.os !== "windows") {
    const { mode } = await Deno.stat(file);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  }
  assert.equal((await set(file, "bob")).out, `Added user 'bob' in '${file}'\n`);
  const changed = await set(file, "ann", { input: ["other\r", "other\r"], isTerminal: true });
  assert.deepEqual(changed, {
    exitCode: 0,
    out: `Changed the password of user 'ann' in '${file}'\n`,
    err: "Password: \nOnce more: \n",
  });
  assert.deepEqual(
    [await isRight(file, "ann", "other"), await isRight(file, "ann", "secret")],
    [true, false],
  );
  assert.equal(await isRight(file, "bob", "secret"), true);
  assert.deepEqual(namesIn(folder.path), ["p"]);
});

Deno.test("a file that is missing, or there already, is found out before the password", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  assert.deepEqual(await set(file, "ann", { isTerminal: true }), {
    exitCode: 1,
    out: "",
    err: `Cannot read '${file}': there is no such file. With --create it is made\n`,
  });
  await Deno.writeTextFile(file, "# mine\n");
  assert.deepEqual(await set(file, "ann", { create: true, isTerminal: true }), {
    exitCode: 1,
    out: "",
    err: `Cannot create '${file}': it is there already. Without --create it is changed\n`,
  });
  assert.equal(await Deno.readTextFile(file), "# mine\n");
});

Deno.test("a user name or a password that cannot be used changes nothing", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  const cases: [string, Setting, number, string][] = [
    ["a:b", {}, 2, "Cannot use the user name 'a:b': it contains ':', which ends the name in a "],
    ["a\n", {}, 2, "Cannot use the user name 'a\\n': it contains a control character or a line "],
    ["ann", { input: [] }, 1, "Cannot use the password: it is empty\n"],
    ["ann", { input: ["a\nb\n"] }, 1, "Cannot use the password: standard input has more than one"],
    [
      "ann",
      { input: ["a\x03"], isTerminal: true },
      1,
      `Password: \nCannot set the password of 'ann' in '${file}': stopped, nothing was changed\n`,
    ],
  ];
  for (const [user, setting, code, text] of cases) {
    const { exitCode, out, err } = await set(file, user, { create: true, ...setting });
    assert.deepEqual([exitCode, out, err.slice(0, text.length)], [code, "", text]);
  }
  assert.deepEqual(namesIn(folder.path), []);
});

Deno.test("a line that cannot be read stays, and is named", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, `# mine\nold:plain\nann:${A}\n`, { mode: 0o600 });
  const problem = `${file}:2: Cannot read the hash of user 'old': it is no hash that is known: ` +
    "allowed are $argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512)\n";
  const { exitCode, err } = await set(file, "bob");
  assert.deepEqual([exitCode, err], [0, problem]);
  assert.deepEqual(await outcomeOf((terminal) => listUsers(file, terminal)), {
    exitCode: 1,
    out: "USER  FORMAT\nann   pbkdf2-sha512 (101 iterations)\n" +
      "bob   pbkdf2-sha512 (210000 iterations)\n",
    err: problem,
  });
  const text = await Deno.readTextFile(file);
  assert.ok(text.startsWith(`# mine\nold:plain\nann:${A}\nbob:$7$`));
});

Deno.test("a file that everybody can read is pointed out", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, `ann:${A}\nbob:${B}\n`);
  await Deno.chmod(file, 0o644);
  assert.deepEqual(await outcomeOf((terminal) => deleteUser(file, "ann", terminal)), {
    exitCode: 0,
    out: `Deleted user 'ann' in '${file}'\n`,
    err: `Note: everybody on this machine can read '${file}': chmod o= '${file}'\n`,
  });
  assert.equal(await Deno.readTextFile(file), `bob:${B}\n`);
});

Deno.test("a user that is not there cannot be deleted; a near one is named", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, `kitchen:${C}\n`);
  assert.deepEqual(await outcomeOf((terminal) => deleteUser(file, "kitchn", terminal)), {
    exitCode: 1,
    out: "",
    err: `Cannot delete 'kitchn' in '${file}': there is no such user\n` +
      "(Did you mean 'kitchen'?)\n",
  });
});

Deno.test("list and delete of no file end with 1", async () => {
  const file = "/nowhere/p";
  assert.deepEqual(await outcomeOf((terminal) => listUsers(file, terminal)), {
    exitCode: 1,
    out: "",
    err: `Cannot list '${file}': there is no such file\n`,
  });
  const { exitCode, err } = await outcomeOf((terminal) => deleteUser(file, "a", terminal));
  assert.deepEqual([exitCode, err], [1, `Cannot delete 'a' in '${file}': there is no such file\n`]);
});

Deno.test("the entry of a user with SCRAM is YAML, with a verifier of its own each time", async () => {
  const verifiers: string[] = [];
  for (const user of ["ann", 'J\u00f6rg: "B" \\']) {
    const { exitCode, out, err } = await scram(user, ["pencil\r", "pencil\r"], true);
    assert.deepEqual([exitCode, err], [0, "Password: \nOnce more: \n"]);
    const [entry, ...more] = parseYaml(out) as { name: string; scram: string }[];
    assert.deepEqual([entry?.name, more], [user, []]);
    verifiers.push(entry?.scram ?? "");
  }
  const [one, other] = verifiers.map(parseScramVerifier);
  assert.equal(one?.iterations, 15_000);
  assert.notDeepEqual(one, other);
});

Deno.test("a user name or a password that SCRAM cannot use prints no entry", async () => {
  const prohibited = "it is empty, or contains a character that SASLprep prohibits";
  const cases: [string, (string | Uint8Array)[], number, string][] = [
    ["", ["secret"], 2, `Cannot use the user name '': ${prohibited}`],
    ["a\u0000", ["secret"], 2, `Cannot use the user name 'a\\x00': ${prohibited}`],
    ["ann", [], 1, "Cannot use the password: it is empty"],
    ["ann", ["\u00ad"], 1, `Cannot use the password: ${prohibited}`],
    ["ann", [Uint8Array.of(0xff)], 1, "Cannot use the password: it is not text in UTF-8"],
  ];
  for (const [user, input, exitCode, message] of cases) {
    assert.deepEqual(await scram(user, input), { exitCode, out: "", err: `${message}\n` });
  }
  const stopped = await scram("ann", ["a\x03"], true);
  assert.deepEqual(stopped, {
    exitCode: 1,
    out: "",
    err: "Password: \nCannot make the verifier of 'ann': stopped, nothing was changed\n",
  });
});

Deno.test("passwords that stand in the file as they are get hashed, hashes stay", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, `# mine\nold:plain\nann:${A}\nnew:pl:ain\n`, { mode: 0o600 });
  const run = () =>
    outcomeOf((terminal) => hashPasswords({ file, format: "pbkdf2-sha512" }, terminal));
  assert.deepEqual(await run(), {
    exitCode: 0,
    out: `Hashed the passwords of 2 users in '${file}'\n`,
    err: "",
  });
  assert.deepEqual([await isRight(file, "old", "plain"), await isRight(file, "new", "pl:ain")], [
    true,
    true,
  ]);
  const text = await Deno.readTextFile(file);
  assert.match(text, /^# mine\nold:\$7\$.*\nann:.*\nnew:\$7\$.*\n$/);
  assert.ok(text.includes(`ann:${A}\n`));
  assert.equal((await run()).out, `Hashed the passwords of 0 users in '${file}'\n`);
  assert.equal(await Deno.readTextFile(file), text);
});
