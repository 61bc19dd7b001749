/**
 * `broker check` as a process: real files, a port that is really taken, a broker that really runs,
 * users that are really others; and that its cures cure.
 */

import assert from "node:assert/strict";
import { temporaryFolder } from "../storage/fixture.ts";
import { runBroker, startBroker } from "../support/broker_process.ts";

const isWindows = Deno.build.os === "windows";
const isRoot = !isWindows && Deno.uid() === 0;
const NOBODY = 65_534;

interface Checked {
  readonly code: number;
  readonly counts: { readonly error: number; readonly warning: number };
  readonly findings: readonly {
    readonly severity: string;
    readonly place: string | null;
    readonly problem: string;
    readonly cure: string | null;
  }[];
}

async function check(path: string, ...args: string[]): Promise<Checked> {
  const { code, stdout, stderr } = await runBroker(["check", "--json", ...args, path]);
  assert.equal(stderr, "");
  return { code, ...JSON.parse(stdout) };
}

function errorsOf({ findings }: Checked): Checked["findings"] {
  return findings.filter(({ severity }) => severity === "error");
}

/** A configuration that keeps its data in the folder, and listens on loopback. */
function configure(folder: string, text: string): string {
  const path = `${folder}/broker.yaml`;
  Deno.writeTextFileSync(path, `${text}persistence: {path: ${folder}/data/b.db}\n`);
  return path;
}

/** Carries out what a cure says; as root, without asking for it. */
async function cure(command: string): Promise<void> {
  const text = command.replaceAll("sudo ", "");
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", text] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** All files below a folder, with what would show that they were changed. */
function contentsOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    const { mtime, ctime, size } = Deno.statSync(path);
    const line = `${path} ${mtime?.getTime()} ${ctime?.getTime()} ${size}`;
    return [line, ...(isDirectory ? contentsOf(path) : [])];
  }).sort();
}

const FREE = "listeners: [{address: 127.0.0.1, port: 0}]\n";

Deno.test("broker check is content with what will work, and changes nothing", async () => {
  using folder = temporaryFolder();
  const made = await runBroker(["cert", "--dir", `${folder.path}/certs`]);
  assert.equal(made.code, 0, made.stderr);
  const path = configure(
    folder.path,
    "listeners:\n  - address: 127.0.0.1\n    port: 0\n    tls:\n" +
      "      certificate: certs/server.pem\n      key: certs/server-key.pem\n",
  );
  const before = contentsOf(folder.path);
  const checked = await check(path);
  assert.deepEqual([checked.code, errorsOf(checked)], [0, []]);
  assert.deepEqual(contentsOf(folder.path), before);
});

Deno.test("broker check names the line of a port that is really taken", async () => {
  using folder = temporaryFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const path = configure(
    folder.path,
    `listeners:\n  - address: 127.0.0.1\n    port: 0\n  - port: ${port}\n    address: 127.0.0.1\n`,
  );
  const checked = await check(path);
  assert.equal(checked.code, 2);
  const [first, ...more] = errorsOf(checked);
  assert.deepEqual(more, []);
  assert.equal(first?.place, `${path}:5`);
  assert.equal(
    first?.problem,
    `Cannot listen on port ${port} on '127.0.0.1': another program has the port`,
  );
});

Deno.test({
  name: "broker check knows the broker that runs with this configuration, and not another's port",
  ignore: isWindows,
  fn: async () => {
    using folder = temporaryFolder();
    const path = configure(folder.path, FREE);
    const config = await Deno.readTextFile(path);
    await using broker = await startBroker({ config, folder: folder.path });
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    configure(
      folder.path,
      `listeners:\n  - {address: 127.0.0.1, port: ${broker.port}}\n` +
        `  - {address: 127.0.0.1, port: ${other.addr.port}}\n`,
    );
    const checked = await check(path);
    assert.equal(checked.code, 2);
    const name = `the broker that runs with this configuration already (process ${broker.pid})`;
    const notes = checked.findings.filter(({ severity }) => severity === "info");
    assert.deepEqual(
      notes.map(({ problem }) => problem).filter((text) => text.includes("in use")),
      [
        `Port ${broker.port} on '127.0.0.1' is in use by ${name}`,
        `The data in '${folder.path}/data/b.db' is in use by ${name}`,
      ],
    );
    assert.deepEqual(errorsOf(checked).map(({ place }) => place), [`${path}:3`]);
  },
});

Deno.test("broker check --strict counts warnings, and --settings-only leaves the machine alone", async () => {
  using folder = temporaryFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const path = configure(
    folder.path,
    `listeners: [{port: ${listener.addr.port}, address: 127.0.0.1}, {port: 0, ` +
      "allow_anonymous: always}]\n",
  );
  assert.equal((await check(path)).code, 2);
  assert.equal((await check(path, "--settings-only")).code, 0);
  assert.equal((await check(path, "--settings-only", "--strict")).code, 1);
});

Deno.test({
  name: "broker check as root finds the file that another user may not read; its cure gives it",
  ignore: !isRoot,
  fn: async () => {
    using folder = temporaryFolder();
    await Deno.chmod(folder.path, 0o755);
    await Deno.mkdir(`${folder.path}/secret`, { mode: 0o700 });
    const file = `${folder.path}/secret/passwords`;
    await Deno.writeTextFile(file, "", { mode: 0o600 });
    const path = configure(
      folder.path,
      `${FREE}authentication:\n  password_files:\n    - secret/passwords\n`,
    );
    await Deno.mkdir(`${folder.path}/data`);
    await Deno.chown(`${folder.path}/data`, NOBODY, NOBODY);
    assert.equal(await canRead(file), false);
    const before = await check(path, "--user", "nobody");
    const [error, ...more] = errorsOf(before);
    assert.deepEqual([before.code, more], [2, []]);
    assert.equal(error?.place, `${path}:4`);
    assert.match(
      error?.problem ?? "",
      /user 'nobody' may not enter the folder '.*\/secret': .* mode 0700; user 'nobody' may not read it: it belongs to user 'root', group 'root', mode 0600$/,
    );
    await cure(error?.cure ?? "");
    assert.equal(await canRead(file), true);
    const after = await check(path, "--user", "nobody");
    assert.deepEqual([after.code, errorsOf(after)], [0, []]);
    // Root itself never had anything in its way.
    assert.deepEqual(errorsOf(await check(path)), []);
  },
});

/** Whether the kernel lets "nobody" read it. */
async function canRead(file: string): Promise<boolean> {
  const args = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "cat", file];
  const { success } = await new Deno.Command("setpriv", { args, stderr: "null" }).output();
  return success;
}

Deno.test({
  name: "broker check as root finds data that another user may not write; its cure gives it",
  ignore: !isRoot,
  fn: async () => {
    using folder = temporaryFolder();
    await Deno.chmod(folder.path, 0o755);
    const path = configure(folder.path, FREE);
    const before = await check(path, "--user", "nobody");
    assert.deepEqual(errorsOf(before).map(({ cure }) => cure), [
      `sudo install -d -m 0750 -o nobody -g nogroup '${folder.path}/data'`,
    ]);
    await cure(errorsOf(before)[0]?.cure ?? "");
    assert.deepEqual(errorsOf(await check(path, "--user", "nobody")), []);
    assert.equal((await Deno.stat(`${folder.path}/data`)).uid, NOBODY);
  },
});

Deno.test({
  name: "broker check by a user finds a file of theirs that nobody may read; its cure opens it",
  // Root may read everything.
  ignore: isWindows || isRoot,
  fn: async () => {
    using folder = temporaryFolder();
    const path = configure(folder.path, `${FREE}acl_files: [acl]\n`);
    await Deno.writeTextFile(`${folder.path}/acl`, "");
    await Deno.chmod(`${folder.path}/acl`, 0o000);
    const before = await check(path);
    assert.equal(before.code, 2);
    assert.deepEqual(errorsOf(before).map(({ cure }) => cure), [`chmod u+r '${folder.path}/acl'`]);
    await cure(errorsOf(before)[0]?.cure ?? "");
    assert.equal((await check(path)).code, 0);
  },
});
