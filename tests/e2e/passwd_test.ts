/**
 * `broker passwd` as a process, with Mosquitto's own tools: each reads what the other has written,
 * and a terminal is left as it was.
 */

import assert from "node:assert/strict";
import { verifyPassword } from "../../src/access/password_digest.ts";
import { readPasswordFile } from "../../src/access/password_file.ts";
import { parsePasswordHash } from "../../src/access/password_hash.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import { brokerCommand, type FinishedRun, runBroker } from "../support/broker_process.ts";
import { RunningProgram, runProgram, testWithPrograms } from "../support/programs.ts";

/** Runs `broker passwd` with this on its standard input. */
async function passwd(args: string[], input: string): Promise<FinishedRun> {
  const [program, before] = brokerCommand();
  const command = new Deno.Command(program, {
    args: [...before, "passwd", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Whether Mosquitto, with this password file, lets the user in. */
async function mosquittoAccepts(
  file: string,
  logins: readonly (readonly [user: string, password: string])[],
): Promise<boolean[]> {
  using folder = temporaryFolder();
  const [config, socket] = [`${folder.path}/mosquitto.conf`, `${folder.path}/socket`];
  const lines = [
    `listener 0 ${socket}`,
    "allow_anonymous false",
    `password_file ${file}`,
    // As root, Mosquitto becomes another user, who may not read the file.
    "user root",
  ];
  await Deno.writeTextFile(config, lines.join("\n"));
  await using mosquitto = new RunningProgram("mosquitto", ["-c", config]);
  await mosquitto.waitForLine(/running$/);
  const accepted: boolean[] = [];
  for (const [user, password] of logins) {
    const login = ["--unix", socket, "-u", user, "-P", password];
    const command = new Deno.Command("mosquitto_pub", {
      args: [...login, "-t", "a", "-m", "b"],
      stdin: "null",
    });
    accepted.push((await command.output()).success);
  }
  return accepted;
}

testWithPrograms(
  ["mosquitto", "mosquitto_pub"],
  "Mosquitto reads the files of broker passwd --format pbkdf2-sha512",
  async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/p`;
    const format = ["--format", "pbkdf2-sha512"];
    const made = await passwd(["--create", ...format, file, "ann"], "secret\n");
    assert.deepEqual(made, { code: 0, stdout: `Added user 'ann' in '${file}'\n`, stderr: "" });
    assert.equal((await passwd([...format, file, "J\u00f6rg B"], "gr\u00fcn \u20ac")).code, 0);
    const logins = [["ann", "secret"], ["J\u00f6rg B", "gr\u00fcn \u20ac"], ["ann", "x"]] as const;
    assert.deepEqual(await mosquittoAccepts(file, logins), [true, true, false]);
    assert.equal((await passwd([...format, file, "ann"], "x")).code, 0);
    assert.deepEqual(await mosquittoAccepts(file, logins), [false, true, true]);
    assert.equal((await runBroker(["passwd", "--delete", file, "ann"])).code, 0);
    assert.deepEqual(await mosquittoAccepts(file, logins), [false, true, false]);
  },
);

testWithPrograms(
  ["mosquitto_passwd"],
  "broker passwd reads and changes the files of mosquitto_passwd, which goes on with them",
  async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/p`;
    await runProgram("mosquitto_passwd", ["-c", "-b", file, "ann", "secret"]);
    await runProgram("mosquitto_passwd", ["-H", "sha512", "-b", file, "bob", "older"]);
    assert.equal((await passwd([file, "cy"], "newer\n")).code, 0);
    await runProgram("mosquitto_passwd", ["-b", file, "dan", "last"]);
    const users = (await readPasswordFile(file)).users();
    const passwords = { ann: "secret", bob: "older", cy: "newer", dan: "last" };
    assert.deepEqual([...users.keys()], Object.keys(passwords));
    for (const [user, password] of Object.entries(passwords)) {
      const hash = parsePasswordHash(users.get(user) ?? "");
      assert.equal(await verifyPassword(new TextEncoder().encode(password), hash), true, user);
    }
    const listed = await runBroker(["passwd", "--list", file]);
    assert.equal(
      listed.stdout,
      "USER  FORMAT\nann   pbkdf2-sha512 (101 iterations)\nbob   sha512\ncy    argon2id\n" +
        "dan   pbkdf2-sha512 (101 iterations)\n",
    );
  },
);

/** Types into `broker passwd` on a terminal; then prints its exit code and the terminal's echo. */
async function onTerminal(file: string, keys: readonly string[]): Promise<string> {
  const [program, before] = brokerCommand();
  const quoted = [program, ...before, "passwd", "--create", file, "ann"].map((word) => `'${word}'`);
  const script = `${quoted.join(" ")}; echo "code $?"; stty -a | grep -ow -e '-\\?echo'`;
  const process = new Deno.Command("script", {
    args: ["-qec", script, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  let printed = "";
  let typed = 0;
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    const prompts = printed.match(/Password: |Once more: /g)?.length ?? 0;
    while (typed < Math.min(prompts, keys.length)) {
      await writer.write(new TextEncoder().encode(keys[typed++]));
    }
  }
  await writer.close().catch(() => {});
  await process.status;
  return printed.replaceAll("\r", "");
}

testWithPrograms(
  ["script", "stty"],
  "on a terminal nothing is shown of the password, and the terminal is restored",
  async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/p`;
    const asked = "Password: \nOnce more: \n";
    assert.equal(
      await onTerminal(file, ["secret\r", "wrong\r"]),
      `${asked}Cannot use the password: the two are not the same\ncode 1\necho\n`,
    );
    assert.equal(
      await onTerminal(file, ["sec\x03"]),
      `Password: \nCannot set the password of 'ann' in '${file}': stopped, nothing was changed\n` +
        "code 1\necho\n",
    );
    assert.deepEqual(namesIn(folder.path), []);
    assert.equal(
      await onTerminal(file, ["secret\r", "secret\r"]),
      `${asked}Added user 'ann' in '${file}'\ncode 0\necho\n`,
    );
  },
);
