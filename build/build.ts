/**
 * `deno task build`: makes the broker's executable, for this machine or for another one.
 *
 * Owns the two steps: `deno bundle` puts what runs into few files, `deno compile` embeds these files
 * and nothing else, with the permissions that deno.json states. It downloads
 * nothing itself; Deno fetches the base executable of a target when it does not have it.
 * Everything is written below build/out/, or to --output.
 */
import { parseArgs } from "node:util";
import { repositoryPath } from "./paths.ts";
import { readDenoConfig, runtimeFlags } from "./runtime_flags.ts";

const PROGRAM = "src/main.ts";

/** What becomes one file each, found beside the program under its own name with the ending `.js`. */
const WORKERS = [
  "src/storage/storage_worker.ts",
  "src/access/password_worker.ts",
  "src/load/load_worker.ts",
];

/** The machines that an executable can be built for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

const USAGE = `Usage: deno task build [--target TARGET] [--output FILE]

  --target TARGET  the machine to build for (default: this one), one of
                   ${TARGETS.join("\n                   ")}
  --output FILE    where the executable goes (default: build/out/broker, or
                   build/out/broker-TARGET when a target is named)
`;

/** What the command line asks for. `target` is undefined for the machine this runs on. */
export interface BuildOptions {
  target: string | undefined;
  output: string;
}

/** Reads the command line; throws an Error whose text says what is allowed. */
export function readOptions(args: string[]): BuildOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string" },
      output: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return "help";
  const target = values.target;
  if (target !== undefined && !TARGETS.includes(target)) {
    throw new Error(`Cannot build for "${target}": the targets are\n  ${TARGETS.join("\n  ")}`);
  }
  const name = target === undefined ? "broker" : `broker-${target}`;
  return { target, output: values.output ?? repositoryPath(`build/out/${name}`) };
}

/** The arguments of `deno compile` for these options; `bundles` are the files to embed. */
export function compileArguments(options: BuildOptions, bundles: string[]): string[] {
  const [program, ...workers] = bundles;
  if (program === undefined) throw new Error("Cannot compile: there is no entry point");
  return [
    "compile",
    "--quiet",
    // The bundle needs neither import map nor packages; with them, every locked package is embedded.
    "--no-config",
    "--no-lock",
    "--no-check",
    // The cache would be a file of known name in the shared temporary folder, whose compiled code the
    // broker would run: whoever can write there first could put code of their own into the broker.
    "--no-code-cache",
    ...runtimeFlags(readDenoConfig()),
    ...workers.flatMap((worker) => ["--include", worker]),
    ...(options.target === undefined ? [] : ["--target", options.target]),
    "--output",
    options.output,
    program,
  ];
}

/** Bundles one entry point to `folder`, and returns the path of its file. */
async function bundle(entryPoint: string, folder: string, ...flags: string[]): Promise<string> {
  const source = repositoryPath(entryPoint);
  await deno(["bundle", "--quiet", "--minify", ...flags, "--outdir", folder, source]);
  return `${folder}/${entryPoint.replace(/^.*\//, "").replace(/\.ts$/, ".js")}`;
}

/**
 * CommonJS packages call `require` for Node's own modules. The bundles of Deno before 2.9 look for a
 * `require` in scope and throw "Dynamic require of" without one; newer ones bring their own.
 */
export function withRequire(bundled: string): string {
  if (!bundled.includes("Dynamic require of")) return bundled;
  return `import { createRequire as requireFor } from "node:module";` +
    `const require = requireFor(import.meta.url);\n${bundled}`;
}

/** Runs the Deno that runs this script; throws an Error when it ends with another code than 0. */
async function deno(args: string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: repositoryPath("."),
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  if (code !== 0) throw new Error(`Cannot ${args[0]} the broker: deno ended with code ${code}`);
}

/**
 * Bundles the program and its workers; returns the paths of their files, the program's first. What
 * the program imports when a command needs it stays in files of its own: `broker pub` reads a tenth
 * of all there is.
 */
export async function bundleAll(): Promise<string[]> {
  const folder = repositoryPath("build/out/bundle");
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const bundles = [await bundle(PROGRAM, folder, "--code-splitting")];
  for (const worker of WORKERS) bundles.push(await bundle(worker, folder));
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    await Deno.writeTextFile(path, withRequire(await Deno.readTextFile(path)));
  }
  return bundles;
}

async function build(options: BuildOptions): Promise<void> {
  await deno(compileArguments(options, await bundleAll()));
  const path = await writtenPath(options);
  const { size } = await Deno.stat(path);
  console.log(`${path} (${(size / 1e6).toFixed(1)} MB, ${options.target ?? Deno.build.target})`);
}

/** Deno adds `.exe` to an executable for Windows that is named without it. */
async function writtenPath({ target, output }: BuildOptions): Promise<string> {
  const forWindows = (target ?? Deno.build.target).includes("windows");
  if (!forWindows || output.endsWith(".exe")) return output;
  return await Deno.realPath(`${output}.exe`);
}

if (import.meta.main) {
  try {
    const options = readOptions(Deno.args);
    if (options === "help") console.log(USAGE);
    else await build(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
