/**
 * The commands: which one runs with which options, what is printed, and the exit code.
 */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { runProgram } from "../../src/cli/program.ts";
import type { Settings } from "../../src/config/settings.ts";
import { VERSION } from "../../src/version.ts";

/** What a command line led to. */
interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** What the server was started with, when it was. */
  readonly started: { readonly settings: Settings } | undefined;
}

/**
 * Runs a command line with a server that ends at once. Logging is silent: `-q` is what tests
 * pass.
 */
async function run(...args: string[]): Promise<Outcome> {
  let out = "";
  let err = "";
  let started: Outcome["started"];
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const exitCode = await runProgram(args, terminal, ({ configuration }) => {
    started = configuration;
    return Promise.resolve(0);
  });
  return { exitCode, out, err, started };
}

/** Runs with the path of a file of this content, which is removed afterwards. */
async function withFile(content: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("without a command the broker is started with the options", async () => {
  const { exitCode, started, err } = await run("-q", "-p", "0", "--port", "1884", "-p", "0");
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.deepEqual(started?.settings.listeners.map(({ port }) => port), [0, 1884, 0]);
  assert.equal(started?.settings.logging.level, "error");
});

Deno.test("the exit code is the server's", async () => {
  const silent = { out: () => {}, err: () => {} };
  assert.equal(await runProgram(["-q"], silent, () => Promise.resolve(1)), 1);
});

Deno.test("--config starts with the settings of the file", async () => {
  await withFile("features: {max_qos: 1}\nlogging: {level: error}\n", async (path) => {
    for (const args of [["--config", path], ["-c", path], [`--config=${path}`]]) {
      const { exitCode, started } = await run(...args);
      assert.equal(exitCode, 0);
      assert.equal(started?.settings.features.maxQos, 1);
    }
  });
});

Deno.test("--config with a wrong file prints every error, starts nothing and ends with 2", async () => {
  await withFile("max_qos: 1\nsys_interval: x\n", async (path) => {
    const { exitCode, started, out, err } = await run("--config", path);
    assert.deepEqual([exitCode, started, out], [2, undefined, ""]);
    assert.match(
      err,
      /:1:1: Cannot use 'max_qos'[^]*:2:15: Cannot read 'sys_interval'[^]*2 errors/,
    );
  });
});

Deno.test("check prints what is in effect and ends with 0", async () => {
  await withFile("limits: {max_packet_size: 1 MiB}\n", async (path) => {
    const expected = `${path}: ok\n` +
      "Listeners:\n" +
      "  port 1883 on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local " +
      "network only\n" +
      `Durability full, data in '${
        resolve("broker.db")
      }': a power cut loses nothing that was acknowledged\n` +
      "Not the default:\n" +
      "  limits.max_packet_size: 1 MiB (default 16 MiB)\n";
    for (
      const args of [["check", "--settings-only", path], ["check", "--settings-only", "-c", path], [
        "--config",
        path,
        "check",
        "--settings-only",
      ]]
    ) {
      const { exitCode, out, err, started } = await run(...args);
      assert.deepEqual([exitCode, out, err, started], [0, expected, "", undefined]);
    }
  });
});

Deno.test("check with a wrong file prints every error and ends with 2", async () => {
  await withFile("max_qos: 1\nsys_interval: x\n", async (path) => {
    const { exitCode, out, err } = await run("check", "--config", path);
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, /2 errors in /);
  });
});

Deno.test("check asks for exactly one file", async () => {
  for (const args of [["check"], ["check", "a", "-c", "b"], ["check", "a", "b"]]) {
    const { exitCode, err } = await run(...args);
    assert.equal(exitCode, 2);
    assert.match(err, /^error: ('check' needs one file|too many arguments)/);
  }
});

Deno.test("schema prints the JSON Schema", async () => {
  const { exitCode, out, err } = await run("schema");
  assert.deepEqual([exitCode, err], [0, ""]);
  const schema: Record<string, unknown> = JSON.parse(out);
  assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
});

Deno.test("--version prints the version of deno.json", async () => {
  const manifest = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  const { version }: { version: string } = JSON.parse(manifest);
  assert.equal(VERSION, version);
  assert.deepEqual(await run("--version"), {
    exitCode: 0,
    out: `${version}\n`,
    err: "",
    started: undefined,
  });
});

Deno.test("every help has an example and ends with 0", async () => {
  const helps = [["--help"], ["-h"], ["help"], ["help", "check"], ["check", "-h"], [
    "schema",
    "-h",
  ]];
  for (const args of helps) {
    const { exitCode, out, err, started } = await run(...args);
    assert.deepEqual([exitCode, err, started], [0, "", undefined], args.join(" "));
    assert.match(out, /Examples?:\n {2}broker /, args.join(" "));
  }
});

Deno.test("the help names every option and every command", async () => {
  const { out } = await run("--help");
  const names = ["-c, --config", "-p, --port", "-v, --verbose", "-q, --quiet", "-h, --help"];
  const commands = ["check", "schema", "inspect", "backup", "restore", "help [command]"];
  const missing = [...names, "--version", ...commands]
    .filter((name) => !out.includes(`\n  ${name}`));
  assert.deepEqual(missing, []);
});

Deno.test("an unknown command or option ends with 2 and names the nearest one", async () => {
  const expected: [string[], RegExp][] = [
    [["chekc"], /^error: unknown command 'chekc'\n\(Did you mean check\?\)\n/],
    [["bakcup"], /^error: unknown command 'bakcup'\n\(Did you mean backup\?\)\n/],
    [["shema"], /^error: unknown command 'shema'\n\(Did you mean schema\?\)\n/],
    [["broker.yaml"], /^error: unknown command 'broker.yaml'\n\(see/],
    [["--prot", "1"], /^error: unknown option '--prot'\n\(Did you mean --port\?\)\n/],
    [["check", "--confg", "a"], /^error: unknown option '--confg'\n\(Did you mean --config\?\)\n/],
    [["check", "-q", "a"], /^error: unknown option '-q'\n/],
    [["schema", "x"], /^error: too many arguments for 'schema'/],
    [["--config"], /^error: option '-c, --config <file>' argument missing/],
  ];
  for (const [args, message] of expected) {
    const { exitCode, out, err, started } = await run(...args);
    assert.deepEqual([exitCode, out, started], [2, "", undefined], args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("a port that is none, or is named twice, ends with 2", async () => {
  for (const ports of [["65536"], ["-1"], ["x"], ["1e3"], [""], ["1883", "1883"]]) {
    const { exitCode, started } = await run(...ports.flatMap((port) => ["-p", port]));
    assert.deepEqual([exitCode, started], [2, undefined], ports.join(" "));
  }
});

Deno.test("--verbose and --quiet exclude each other", async () => {
  const { exitCode, err, started } = await run("-v", "-q");
  assert.deepEqual([exitCode, started], [2, undefined]);
  assert.match(err, /'-v, --verbose' cannot be used with option '-q, --quiet'/);
});

Deno.test("what was typed is repeated without its control characters in force", async () => {
  const { exitCode, err } = await run("\x1b[31mrun");
  assert.equal(exitCode, 2);
  assert.match(err, /^error: unknown command '\\x1b\[31mrun'\n/);
});
